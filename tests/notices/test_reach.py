"""Homes that a notice has not reached, and somebody who knocks there, once."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.core.clock import now
from app.core.database import Sessions
from app.core.facts import Fact
from app.core.jobs import defer
from app.notices import knocking
from app.notices.models import Delivery, Knock, Notice, State
from app.people.models import Person, PersonTag
from app.service_requests.models import ServiceRequest
from tests.conftest import Worker
from tests.notices.builders import Post, hushed, lives_in, sent
from tests.service_requests.builders import Caller, Town
from tests.service_requests.conftest import As, People

HOMES = ["/A1/G1/3/2/502/", "/A1/G1/3/2/601/", "/A1/G2/9/1/101/"]


@pytest.fixture
async def wang(session: AsyncSession, town: Town, post: Post) -> Person:
    person = await lives_in(session, town, "王秀英")
    await hushed(session, town)
    return person


async def unreached(caller: Caller, notice: dict[str, str]) -> list[str]:
    answer = await caller.get(f"/notices/{notice['id']}/unreached-homes")
    assert answer.status_code == 200, answer.text
    return [home["path"] for home in answer.json()["items"]]


async def test_a_home_is_reached_once_somebody_there_was_told(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    worker: Worker,
    session: AsyncSession,
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town)
    assert await unreached(manager, notice) == HOMES

    await worker.catch_up()

    assert await unreached(manager, notice) == HOMES[1:]
    for state in (State.REFUSED, State.DEAD, State.PENDING):
        await session.execute(update(Delivery).values(state=state))
        await session.commit()
        assert await unreached(manager, notice) == HOMES
    await session.execute(update(Delivery).values(state=State.SENT))
    await session.commit()
    assert await unreached(acting(people.worker), notice) == HOMES[1:2]
    assert await unreached(acting(people.elsewhere), notice) == HOMES[2:]
    refused = await acting(wang).get(f"/notices/{notice['id']}/unreached-homes")
    assert refused.status_code == 403


async def test_where_a_receipt_is_asked_for_a_home_is_reached_once_somebody_has_read(
    acting: As, people: People, town: Town, wang: Person, worker: Worker
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town, wants_receipt=True)
    await worker.catch_up()
    assert await unreached(manager, notice) == HOMES

    await acting(wang).post(f"/notices/{notice['id']}/readings")

    assert await unreached(manager, notice) == HOMES[1:]


async def test_the_homes_of_some_people_are_those_where_they_live(
    acting: As, people: People, town: Town, wang: Person, session: AsyncSession
) -> None:
    session.add(PersonTag(community_id=town.community.id, person_id=wang.id, tag="志愿者"))
    await session.commit()
    manager = acting(people.manager)

    tagged = await sent(manager, town, audience={"tags": ["志愿者"]})

    assert await unreached(manager, tagged) == HOMES[:1]


async def test_the_list_comes_in_pages(
    acting: As, people: People, town: Town, wang: Person
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town)
    path, found = f"/notices/{notice['id']}/unreached-homes?limit=2", []

    page = (await manager.get(path)).json()
    found += page["items"]
    page = (await manager.get(f"{path}&after={page['next']}")).json()
    found += page["items"]

    assert [(home["path"], home["residents"]) for home in found] == list(
        zip(HOMES, [1, 0, 0], strict=True)
    )
    assert page["next"] is None


async def looked_after(sessions: Sessions, worker: Worker) -> None:
    """Some hours go by, and the worker does what waited for them."""
    async with sessions.begin() as session:
        due = "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = :task"
        await session.execute(text(due), {"task": "notices.ask_to_knock"})
    await worker.catch_up()


async def test_somebody_knocks_at_each_home_that_is_not_reached_and_once(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    worker: Worker,
    sessions: Sessions,
    session: AsyncSession,
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town, "/A1/G1/", knock=True, knock_after_hours=5)
    await worker.catch_up()
    waiting = text(
        "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'notices.ask_to_knock'"
    )
    at: datetime = (await session.scalars(waiting)).one()
    assert abs(at - now() - timedelta(hours=5)) < timedelta(minutes=1)
    assert not (await session.scalars(select(Knock))).all()

    await looked_after(sessions, worker)
    async with sessions.begin() as other:
        named = {"community_id": str(town.community.id), "notice_id": notice["id"]}
        await defer(other, knocking.ask_to_knock, **named)
    await worker.catch_up()

    answer = await manager.get(f"/notices/{notice['id']}/unreached-homes")
    [home] = answer.json()["items"]
    assert (home["path"], home["asked_at"] is not None) == (HOMES[1], True)
    both = select(ServiceRequest).options(joinedload(ServiceRequest.category))
    [request] = await session.scalars(both)
    assert request.category.code == "notice_visit"
    assert home["request_id"] == str(request.id)
    assert request.place_id == town.places[HOMES[1]].id
    assert request.summary == "请上门告知：停水通知"
    assert request.assignee_id == people.worker.id


async def test_nobody_knocks_for_what_was_withdrawn(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    worker: Worker,
    sessions: Sessions,
    session: AsyncSession,
) -> None:
    manager = acting(people.manager)
    notice = await sent(manager, town, knock=True)
    await manager.post(f"/notices/{notice['id']}/withdrawal", {"reason": "不用了"})

    await looked_after(sessions, worker)

    assert not (await session.scalars(select(Knock.id))).all()
    assert not (await session.scalars(select(ServiceRequest.id))).all()


async def test_many_homes_are_asked_for_in_turns(
    acting: As,
    people: People,
    town: Town,
    wang: Person,
    worker: Worker,
    sessions: Sessions,
    session: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(knocking, "_AT_ONCE", 1)
    await sent(acting(people.manager), town, knock=True, wants_receipt=True)

    await looked_after(sessions, worker)

    homes = await session.scalars(select(Knock.home_id))
    assert set(homes) == {town.places[path].id for path in HOMES}


async def test_of_several_who_ask_at_once_one_has_asked(
    acting: As, people: People, town: Town, wang: Person, sessions: Sessions
) -> None:
    notice = await sent(acting(people.manager), town)

    async def ask() -> None:
        async with sessions.begin() as session:
            whole = await session.get_one(Notice, (town.community.id, UUID(notice["id"])))
            await knocking.ask(session, whole, town.home.id)

    await asyncio.gather(*[ask() for _ in range(5)])

    async with sessions() as session:
        assert len((await session.scalars(select(Knock.id))).all()) == 1
        asked = select(Fact.id).where(Fact.kind == "notice.knock_asked")
        assert len((await session.scalars(asked)).all()) == 1
