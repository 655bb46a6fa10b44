from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.groups.models import Group, GroupMember, GroupState, Title
from app.groups.queries import runs
from tests.groups.builders import a_member
from tests.service_requests.conftest import As, People


async def test_staff_of_the_place_see_who_is_in_a_group_and_who_they_are(
    acting: As, people: People, session: AsyncSession, group: Group
) -> None:
    await a_member(session, group, "20001", "王秀英")
    await a_member(session, group, "20002", "桂兰", person=people.resident)
    gone = await a_member(session, group, "20003", "走了")
    gone.left_at = gone.first_seen_at
    await session.commit()

    answer = await acting(people.worker).get(f"/groups/{group.id}/members")

    shown = [
        (each["name"], each["person"] and each["person"]["name"], each["title"])
        for each in answer.json()["items"]
    ]
    assert shown == [("王秀英", None, "member"), ("桂兰", "李桂兰", "member")]
    for stranger, status in ((people.resident, 403), (people.neighbour, 404)):
        assert (await acting(stranger).get(f"/groups/{group.id}/members")).status_code == status


async def test_somebody_is_named_to_run_a_group_before_they_speak(
    acting: As, people: People, session: AsyncSession, group: Group
) -> None:
    path = f"/groups/{group.id}/members"
    named = {"person_id": str(people.resident.id), "title": "building_head"}

    made = await acting(people.manager).post(path, named)
    again = await acting(people.manager).post(path, named | {"title": "representative"})

    assert made.status_code == 201, made.text
    assert made.json()["last_seen_at"] is None
    assert (again.json()["id"], again.json()["title"]) == (made.json()["id"], "representative")
    await a_member(session, group, "20001", person=people.resident)
    assert await runs(session, group, "20001")
    payload = select(Fact.payload).where(Fact.kind == "group.member_titled").order_by(Fact.id)
    changes = [(each["was"], each["now"]) for each in await session.scalars(payload)]
    assert changes == [("member", "building_head"), ("building_head", "representative")]


async def test_an_account_that_turns_out_somebody_elses_runs_nothing_any_more(
    acting: As, people: People, session: AsyncSession, group: Group
) -> None:
    account = await a_member(session, group, "20001", person=people.resident)
    await session.commit()
    named = {"person_id": str(people.resident.id), "title": "small_group_head"}
    await acting(people.manager).post(f"/groups/{group.id}/members", named)
    assert await runs(session, group, "20001")
    account.person_id = None
    await session.flush()
    assert not await runs(session, group, "20001")


async def test_a_title_is_given_by_who_manages_the_place_and_the_owners_by_nobody(
    acting: As, people: People, session: AsyncSession, group: Group
) -> None:
    member = await a_member(session, group, "20001")
    await session.commit()
    path = f"/groups/{group.id}/members/{member.id}"
    for who in (people.worker, people.leader):
        assert (await acting(who).patch(path, {"title": "company"})).status_code == 403
    manager = acting(people.manager)
    given = await manager.patch(path, {"title": "company"})
    assert (given.status_code, given.json()["title"]) == (200, "company")
    for wrong in ("owner", "king"):
        answer = await manager.patch(path, {"title": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "body.title")
    await session.refresh(group)
    group.state = GroupState.CLOSED
    await session.commit()
    assert (await manager.patch(path, {"title": "member"})).status_code == 409
    await session.refresh(member)
    assert member.title is Title.COMPANY


async def test_a_member_of_another_group_is_not_found_in_this_one(
    acting: As, people: People, session: AsyncSession, group: Group
) -> None:
    answer = await acting(people.manager).patch(
        f"/groups/{group.id}/members/{group.id}", {"title": "member"}
    )
    assert answer.status_code == 404
    assert list(await session.scalars(select(GroupMember))) == []
