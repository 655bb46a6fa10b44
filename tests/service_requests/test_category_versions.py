"""A kind of matter keeps what it was, and a request keeps the form it was filed under."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.facts import Fact
from app.core.ids import new_id
from app.organizations.models import Organization, OrganizationKind
from app.people.access import system
from app.service_requests import catalogue
from app.service_requests.models import Category, CategoryPartner, CategoryVersion
from tests.service_requests.builders import Caller, Town, a_town
from tests.service_requests.conftest import As, People

LEAK = "/service-categories/water_leak"


async def an_organization(session: AsyncSession, town: Town, code: str) -> Organization:
    made = Organization(
        community_id=town.community.id,
        id=new_id(),
        code=code,
        name=f"{code}公司",
        kind=OrganizationKind.PROPERTY,
        place_id=town.places["/"].id,
    )
    session.add(made)
    await session.flush()
    return made


async def versions(caller: Caller, path: str = LEAK) -> list[int]:
    answer = await caller.get(f"{path}/versions")
    assert answer.status_code == 200, answer.text
    return [each["version"] for each in answer.json()["items"]]


async def test_every_change_is_a_version_and_nothing_changed_is_none(
    acting: As, people: People
) -> None:
    manager = acting(people.manager)
    was = (await manager.get(LEAK)).json()
    same = {key: value for key, value in was.items() if key not in ("id", "code", "version")}

    unchanged = await manager.patch(LEAK, same)
    assert (unchanged.status_code, unchanged.json()) == (200, was)
    assert await versions(manager) == [1]

    for n, change in enumerate(({"name": "漏水"}, {"keywords": []}, {"name": "漏水"}), start=2):
        answer = await manager.patch(LEAK, change)
        assert answer.headers["ETag"] == f'"{min(n, 3)}"'
    assert await versions(manager) == [3, 2, 1]
    second = (await manager.get(f"{LEAK}/versions/2")).json()
    assert (second["form"]["name"], second["form"]["resolve_limit"]) == ("漏水", "24h")
    assert (await manager.get(f"{LEAK}/versions/1")).json()["form"]["name"] == was["name"]
    for nothing in ("0", "4", "x", str(2**40)):
        assert (await manager.get(f"{LEAK}/versions/{nothing}")).status_code in (404, 422)
    page = (await manager.get(f"{LEAK}/versions?limit=2")).json()
    rest = (await manager.get(f"{LEAK}/versions?limit=2&after={page['next']}")).json()
    assert [each["version"] for each in page["items"] + rest["items"]] == [3, 2, 1]


async def test_the_versions_of_what_one_may_not_see_are_not_there(
    acting: As, people: People, town: Town
) -> None:
    manager, resident, worker = map(acting, (people.manager, people.resident, people.worker))
    await manager.patch("/service-categories/noise", {"active": False})
    for rest in ("", "/versions", "/versions/1", "/partners"):
        for code in ("noise", "care_visit"):
            hidden = await resident.get(f"/service-categories/{code}{rest}")
            absent = await resident.get(f"/service-categories/no_such{rest}")
            assert (hidden.status_code, hidden.content) == (404, absent.content)
        assert (await worker.get(f"/service-categories/care_visit{rest}")).status_code == 200
        assert (await worker.get(f"/service-categories/noise{rest}")).status_code == 404


async def test_a_request_keeps_the_form_it_was_filed_under(
    acting: As, people: People, town: Town
) -> None:
    manager, resident = acting(people.manager), acting(people.resident)
    asked = {"category": "water_leak", "place_id": str(town.home.id), "summary": "漏水"}
    old = await resident.ask(**asked, answers={"where": "kitchen"})
    basin = {"code": "basin", "label": "洗手盆"}
    changed = await manager.patch(
        LEAK,
        {
            "name": "水管漏水",
            "resolve_limit": "12h",
            "questions": [
                {"code": "where", "label": "哪里漏", "type": "single", "options": [basin]}
            ],
        },
    )
    assert changed.status_code == 200, changed.text
    refused = await resident.post("/service-requests", asked | {"answers": {"where": "kitchen"}})
    new = await resident.ask(**asked, answers={"where": "basin"})

    assert refused.json()["errors"] == [
        {"path": "answers.where", "message": "is not one of the options"}
    ]
    assert labels(await resident.read(old)) == {"漏水的位置": "厨房"}
    assert labels(await manager.read(new)) == {"哪里漏": "洗手盆"}
    assert [(await resident.read(each))["form"]["resolve_limit"] for each in (old, new)] == [
        "24h",
        "12h",
    ]


def labels(request: dict[str, Any]) -> dict[str, str]:
    """The answers as somebody reads them years later: by the form of the request alone."""
    return {
        question["label"]: next(
            option["label"]
            for option in question["options"]
            if option["code"] == request["answers"][question["code"]]
        )
        for question in request["form"]["questions"]
        if question["code"] in request["answers"]
    }


async def test_every_version_a_category_has_is_stored(
    sessions: Sessions, session: AsyncSession, town: Town
) -> None:
    """Two change one category at once: the one waits for the other, and both are kept."""

    async def rename(name: str) -> None:
        async with sessions.begin() as mine:
            this = select(Category).where(Category.code == "noise").with_for_update()
            noise = (await mine.scalars(this)).one()
            await catalogue.change(mine, noise, {"name": name}, by=system(town.community.id))

    await asyncio.gather(*(rename(f"噪声{n}") for n in range(6)))

    noise = (await session.scalars(select(Category).where(Category.code == "noise"))).one()
    mine = CategoryVersion.category_id == noise.id
    kept = list(await session.scalars(select(CategoryVersion.version).where(mine)))
    assert (noise.version, sorted(kept)) == (7, [1, 2, 3, 4, 5, 6, 7])
    newest = select(CategoryVersion.form).where(mine, CategoryVersion.version == 7)
    assert (await session.scalar(newest) or {})["name"] == noise.name
    unkept = (
        select(func.count())
        .select_from(Category)
        .outerjoin(
            CategoryVersion,
            (CategoryVersion.category_id == Category.id)
            & (CategoryVersion.version == Category.version),
        )
        .where(CategoryVersion.id.is_(None))
    )
    assert await session.scalar(unkept) == 0


async def test_two_managers_at_once_do_not_undo_each_other(acting: As, people: People) -> None:
    manager = acting(people.manager)
    read = {"If-Match": (await manager.get(LEAK)).headers["ETag"]}
    answers = await asyncio.gather(
        *(manager.patch(LEAK, {"name": f"漏水{n}"}, headers=read) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert await versions(manager) == [2, 1]


async def test_who_is_responsible_is_an_organisation_at_work_here(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    theirs = await an_organization(session, await a_town(session, "erer"), "theirs")
    gone = await an_organization(session, town, "gone")
    gone.active = False
    ours = await an_organization(session, town, "ours")
    await session.commit()
    new = {
        "code": "bees",
        "name": "马蜂",
        "group": "公共安全",
        "speciality": "safety",
        "answer_limit": "1h",
        "resolve_limit": "10h",
    }
    for wrong in (theirs.id, gone.id, new_id()):
        added = await manager.post("/service-categories", new | {"organization_id": str(wrong)})
        changed = await manager.patch(LEAK, {"organization_id": str(wrong)})
        for answer in (added, changed):
            assert answer.status_code == 422, answer.text
            assert [error["path"] for error in answer.json()["errors"]] == ["organization_id"]
    changed = await manager.patch(LEAK, {"organization_id": str(ours.id)})
    assert changed.json()["organization_id"] == str(ours.id)
    filed = await acting(people.resident).ask(
        category="water_leak", place_id=str(town.home.id), summary="漏水"
    )
    assert filed["organization"]["name"] == "ours公司"
    emptied = await manager.patch(LEAK, {"organization_id": None})
    assert (emptied.status_code, emptied.json()["organization_id"]) == (200, None)


async def test_partners_are_set_as_a_whole(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    manager, path = acting(people.manager), f"{LEAK}/partners"
    one, two = [await an_organization(session, town, code) for code in ("b", "a")]
    theirs = await an_organization(session, await a_town(session, "erer"), "theirs")
    await session.commit()

    async def put(*ids: UUID, who: Any = people.manager, **headers: str) -> Any:
        body = {"organization_ids": [str(each) for each in ids]}
        return await acting(who)("PUT", path, json=body, headers=headers)

    both = await put(one.id, two.id, one.id)
    assert [each["code"] for each in both.json()["items"]] == ["a", "b"]
    assert both.headers["ETag"] == '"2"'
    assert (await put(two.id, one.id)).headers["ETag"] == '"2"'
    wrong = await put(one.id, theirs.id)
    assert wrong.json()["errors"][0]["path"] == "organization_ids.1"
    assert (await put(one.id, **{"If-Match": '"1"'})).status_code == 412
    for who in (people.resident, people.worker, people.leader):
        assert (await put(who=who)).status_code == 403
    two.active = False
    await session.commit()
    assert (await put(two.id)).status_code == 200
    assert (await manager.get(path)).json()["items"][0]["active"] is False
    assert (await put()).json() == {"items": []}
    assert (await put(two.id)).status_code == 422
    assert await versions(manager) == [4, 3, 2, 1]
    kept = (await manager.get(f"{LEAK}/versions/2")).json()["form"]["partner_ids"]
    assert kept == sorted([str(one.id), str(two.id)])
    facts = select(Fact.payload).where(Fact.kind == "service_category.changed")
    changes = [fact["now"] for fact in await session.scalars(facts.order_by(Fact.id))]
    assert changes == [{"partner_ids": kept}, {"partner_ids": [str(two.id)]}, {"partner_ids": []}]


async def test_a_request_can_be_filed_after_its_category_got_partners(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    company = await an_organization(session, town, "a")
    await session.commit()
    body = {"organization_ids": [str(company.id)]}
    await acting(people.manager)("PUT", f"{LEAK}/partners", json=body)
    filed = await acting(people.resident).ask(
        category="water_leak", place_id=str(town.home.id), summary="漏水"
    )
    assert filed["form"]["partner_ids"] == [str(company.id)]
    assert await session.scalar(select(func.count()).select_from(CategoryPartner)) == 1


@pytest.mark.parametrize("code", ["suggestions", "imports"])
async def test_no_category_has_the_code_of_another_address(
    acting: As, people: People, code: str
) -> None:
    asked = {
        "code": code,
        "name": "x",
        "group": "x",
        "speciality": "safety",
        "answer_limit": "1h",
        "resolve_limit": "10h",
    }
    answer = await acting(people.manager).post("/service-categories", asked)
    assert answer.status_code == 422
