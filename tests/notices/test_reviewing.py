"""A second person: who asks, who may agree, and what cannot go out without one."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.facts import Fact
from app.core.problems import Problem
from app.notices import queries, reviewing
from app.notices.models import Notice
from app.people import access
from app.people.models import Role
from tests.notices.builders import lives_in, written
from tests.service_requests.builders import Caller, Town, a_client, a_person
from tests.service_requests.conftest import As, People

pytestmark = pytest.mark.usefixtures("post")
POLICY = {
    "second_person": True,
    "quiet_from": "21:30",
    "quiet_to": "07:30",
    "knock_after_hours": 24,
}


@pytest.fixture(autouse=True)
async def somebody(session: AsyncSession, town: Town) -> None:
    await lives_in(session, town, "王秀英")
    await session.commit()


async def asking_for_two(manager: Caller) -> None:
    answer = await manager("PUT", "/notice-policy", json=POLICY)
    assert answer.status_code == 200, answer.text


async def test_a_notice_goes_out_once_somebody_else_agrees(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    leader, manager = acting(people.leader), acting(people.manager)
    await asking_for_two(manager)
    draft = await written(leader, town)
    path = f"/notices/{draft['id']}"

    at = {"at": (now() + timedelta(hours=1)).isoformat()}
    for attempt, body in (("publication", None), ("schedule", at)):
        alone = await leader.post(f"{path}/{attempt}", body)
        assert (alone.status_code, alone.json()["type"]) == (403, "/problems/needs-second-person")
    assert (await leader.post(f"{path}/submission")).json()["state"] == "submitted"
    own = await leader.post(f"{path}/approval")
    assert (own.status_code, own.json()["type"]) == (403, "/problems/needs-second-person")
    agreed = await manager.post(f"{path}/approval")
    assert agreed.status_code == 200, agreed.text
    assert agreed.json()["reviewed_by_id"] == str(people.manager.id)
    assert (await leader.post(f"{path}/publication")).json()["state"] == "sending"
    facts = select(Fact.kind).where(Fact.kind.like("notice.%")).order_by(Fact.id)
    assert list(await session.scalars(facts)) == [
        "notice.policy_changed",
        "notice.drafted",
        "notice.submitted",
        "notice.approved",
        "notice.published",
    ]


async def test_an_emergency_needs_a_second_person_as_well(
    acting: As, people: People, town: Town
) -> None:
    manager = acting(people.manager)
    await asking_for_two(manager)
    draft = await written(manager, town, kind="emergency")

    answer = await manager.post(f"/notices/{draft['id']}/publication")

    assert answer.json()["type"] == "/problems/needs-second-person"


async def test_who_changed_it_last_is_not_its_second_person(
    acting: As, people: People, town: Town
) -> None:
    leader, manager = acting(people.leader), acting(people.manager)
    draft = await written(leader, town)
    path = f"/notices/{draft['id']}"
    await manager.patch(path, {"body": "全改了"})
    await leader.post(f"{path}/submission")

    assert (await manager.post(f"{path}/approval")).status_code == 403
    assert (await leader.post(f"{path}/approval")).status_code == 200


async def test_one_agrees_to_what_one_has_read(acting: As, people: People, town: Town) -> None:
    leader, manager = acting(people.leader), acting(people.manager)
    path = f"/notices/{(await written(leader, town))['id']}"
    read = (await leader.post(f"{path}/submission")).headers["ETag"]
    await leader.post(f"{path}/return", {"reason": "再改一下"})
    await leader.patch(path, {"body": "别的"})
    await leader.post(f"{path}/submission")

    answer = await manager("POST", f"{path}/approval", headers={"If-Match": read})

    assert answer.status_code == 412


async def test_a_returned_notice_has_nobodys_agreement(
    acting: As, people: People, town: Town
) -> None:
    leader, manager = acting(people.leader), acting(people.manager)
    await asking_for_two(manager)
    path = f"/notices/{(await written(leader, town))['id']}"
    await leader.post(f"{path}/submission")
    await manager.post(f"{path}/approval")

    returned = await manager.post(f"{path}/return", {"reason": "时间不对"})

    body = returned.json()
    assert (body["state"], body["reason"], body["reviewed_by_id"]) == ("draft", "时间不对", None)
    assert (await leader.post(f"{path}/publication")).status_code == 403


async def test_grid_workers_write_but_do_not_agree_return_or_send(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    worker = acting(people.worker)
    other = await a_person(session, town, "刘静", Role.GRID_WORKER, at="/A1/G1/")
    await session.commit()
    path = f"/notices/{(await written(worker, town, '/A1/G1/'))['id']}"
    assert (await worker.post(f"{path}/submission")).status_code == 200

    assert (await acting(other).post(f"{path}/approval")).status_code == 403
    assert (await acting(other).post(f"{path}/return", {"reason": "x"})).status_code == 403
    assert (await worker.post(f"{path}/publication")).status_code == 403
    assert (await worker.post(f"{path}/return", {"reason": "我再看看"})).status_code == 200


async def test_a_program_is_nobodys_second_person(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    hub = await a_client(session, town, Role.MANAGER)
    await session.commit()
    path = f"/notices/{(await written(acting(people.leader), town))['id']}/"
    await acting(people.leader).post(f"{path}submission")

    assert (await acting(hub).post(f"{path}approval")).status_code == 403


async def test_each_step_has_its_turn(acting: As, people: People, town: Town) -> None:
    manager = acting(people.manager)
    path = f"/notices/{(await written(manager, town))['id']}"

    async def refused(step: str, **body: str) -> None:
        answer = await manager.post(f"{path}/{step}", body or None)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/notice-step"), step

    await refused("approval")
    await refused("return", reason="x")
    await refused("withdrawal", reason="x")
    await refused("correction", body="x")
    await manager.post(f"{path}/submission")
    await refused("submission")
    await refused("publication")


async def test_the_database_knows_that_two_are_two(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    draft = await written(acting(people.manager), town)

    with pytest.raises(IntegrityError, match="two_people"):
        await session.execute(update(Notice).values(reviewed_by_id=Notice.author_id))
    assert draft["reviewed_by_id"] is None


async def test_of_two_who_agree_and_return_at_once_one_does(
    acting: As, people: People, town: Town, sessions: Sessions
) -> None:
    draft = await written(acting(people.leader), town)
    await acting(people.leader).post(f"/notices/{draft['id']}/submission")

    async def step(agree: bool) -> bool:
        async with sessions() as session:
            by = await access.person(session, town.community.id, people.manager.id)
            notice = await queries.alone(session, town.community.id, draft["id"])
            assert notice
            try:
                if agree:
                    await reviewing.approve(session, notice, by=by)
                else:
                    await reviewing.submit(session, notice, by=by)
            except Problem:
                return False
            await asyncio.sleep(0.1)
            await session.commit()
            return True

    assert sorted(await asyncio.gather(step(agree=True), step(agree=True))) == [False, True]
