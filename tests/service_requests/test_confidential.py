"""What is confidential is seen by who reported it, who works on it and who oversees the place."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.organizations.models import Member
from app.people.models import Person, Post, Role
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Town, a_client, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.test_category_versions import an_organization
from tests.service_requests.test_photos import PNG


async def doors(caller: Caller, request: dict[str, Any], photo: str) -> dict[str, bool]:
    """Through which doors the caller finds the request."""
    path, number = f"/service-requests/{request['id']}", request["number"]
    lists = {
        "list": "?limit=100",
        "number": f"?number={number}",
        "category": f"?category={request['category']['code']}",
        "place": f"?place={request['place']['id']}",
        "state": f"?state={request['state']}",
    }
    found = {}
    for name, query in lists.items():
        page = (await caller.get(f"/service-requests{query}")).json()
        found[name] = request["id"] in {each["id"] for each in page["items"]}
    one = {"single": path, "timeline": f"{path}/timeline", "photo": f"/files/{photo}"}
    for name, address in one.items():
        status = (await caller.get(address)).status_code
        assert status in (200, 404), (name, status)
        found[name] = status == 200
    remark = await caller.post(f"{path}/remarks", {"text": "知道了"})
    found["remark"] = remark.status_code != 404
    return found


async def sees(caller: Caller, request: dict[str, Any], photo: str) -> bool:
    """Whether they see it, which has to be the same through every door."""
    found = await doors(caller, request, photo)
    assert len(set(found.values())) == 1, found
    return found["single"]


async def reported(caller: Caller, town: Town, category: str) -> tuple[dict[str, Any], str]:
    photo = (await caller("POST", "/files", files={"file": ("x.png", PNG)})).json()["id"]
    asked = {"category": category, "place_id": str(town.home.id), "photos": [photo]}
    return await caller.ask(**asked, summary="一件难事"), photo


@pytest.mark.parametrize(("category", "open_to_all"), [("conduct", False), ("parking", True)])
async def test_it_is_hidden_from_who_only_works_there(
    acting: As,
    people: People,
    town: Town,
    session: AsyncSession,
    *,
    category: str,
    open_to_all: bool,
) -> None:
    staff = await a_person(session, town, "小刘", Role.STAFF)
    program = await a_client(session, town, Role.STAFF)
    boss = await a_client(session, town, Role.MANAGER)
    await session.commit()
    request, photo = await reported(acting(people.resident), town, category)

    for who in (people.resident, people.leader, people.manager, boss):
        assert await sees(acting(who), request, photo), who
    for who in (people.worker, staff, program):
        assert await sees(acting(who), request, photo) is open_to_all, who
    for who in (people.neighbour, people.elsewhere):
        assert not await sees(acting(who), request, photo), who


async def test_what_one_may_not_see_is_answered_as_what_does_not_exist(
    acting: As, people: People, town: Town
) -> None:
    request, _photo = await reported(acting(people.resident), town, "conduct")
    worker = acting(people.worker)
    for rest in ("", "/timeline"):
        hidden = await worker.get(f"/service-requests/{request['id']}{rest}")
        absent = await worker.get(f"/service-requests/{new_id()}{rest}")
        assert (hidden.status_code, hidden.content) == (404, absent.content)
    taken = await worker.step(request, "accept")
    assert taken.status_code == 404


async def test_who_is_given_it_or_called_to_help_sees_it_for_as_long(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    helper = await a_person(session, town, "小刘", Role.STAFF)
    await session.commit()
    request, photo = await reported(acting(people.resident), town, "conduct")
    leader = acting(people.leader)
    await leader.take(request, "accept")
    given = await leader.take(request, "assign", worker_id=str(people.worker.id))
    assert await sees(acting(people.worker), given, photo)
    assert not await sees(acting(helper), given, photo)

    await leader.take(request, "convene", person_id=str(helper.id))
    assert await sees(acting(helper), given, photo)
    await leader.take(request, "release", person_id=str(helper.id))
    assert not await sees(acting(helper), given, photo)

    await leader.take(request, "assign", worker_id=str(people.leader.id))
    assert not await sees(acting(people.worker), given, photo)
    assert await sees(acting(people.resident), given, photo)


async def test_the_people_of_the_organisation_that_leads_it_see_it(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    company = await an_organization(session, town, "ours")
    member = await a_member(session, town, company.id, "张工")
    stranger = await a_member(
        session, town, (await an_organization(session, town, "other")).id, "李工"
    )
    await session.commit()
    changed = await acting(people.manager).patch(
        "/service-categories/conduct", {"organization_id": str(company.id)}
    )
    assert changed.status_code == 200
    request, photo = await reported(acting(people.resident), town, "conduct")
    assert await sees(acting(member), request, photo)
    assert not await sees(acting(stranger), request, photo)


async def a_member(session: AsyncSession, town: Town, organization_id: Any, name: str) -> Person:
    person = await a_person(session, town, name)
    post = Post(
        community_id=town.community.id,
        id=new_id(),
        person_id=person.id,
        place_id=town.places["/"].id,
        role=Role.PARTNER,
    )
    session.add(post)
    await session.flush()
    session.add(
        Member(
            community_id=town.community.id,
            organization_id=organization_id,
            person_id=person.id,
            post_id=post.id,
        )
    )
    await session.flush()
    return person


async def test_a_category_made_confidential_hides_what_comes_and_not_what_came(
    acting: As, people: People, town: Town, worker: Worker
) -> None:
    before, old_photo = await reported(acting(people.resident), town, "culture")
    changed = await acting(people.manager).patch(
        "/service-categories/culture", {"confidential": True, "dispatch": "hand"}
    )
    assert changed.status_code == 200
    after, new_photo = await reported(acting(people.resident), town, "culture")
    assert await sees(acting(people.worker), before, old_photo)
    assert not await sees(acting(people.worker), after, new_photo)
    assert before["form"]["confidential"] is False
    assert after["form"]["confidential"] is True
