"""Facts, and the work that follows from them."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import jobs
from app.core.database import Sessions
from app.core.facts import Event, Fact, about, reacts_to, record
from app.core.ids import new_id
from app.core.jobs import ATTEMPTS, DeadLetter, DoneJob
from app.people.access import Actor, system
from app.people.models import Person
from app.places.models import Community
from tests.conftest import Worker


class PersonArrived(Event, kind="test.person_arrived", subject="person_id"):
    person_id: UUID


class PersonStumbled(Event, kind="test.person_stumbled", subject="person_id"):
    person_id: UUID


fails_before_it_succeeds = 0


@reacts_to(PersonArrived)
async def greet(session: AsyncSession, event: PersonArrived, community_id: UUID) -> None:
    session.add(Person(community_id=community_id, name=f"greeted {event.person_id}"))


@reacts_to(PersonStumbled)
async def help_up(session: AsyncSession, event: PersonStumbled, community_id: UUID) -> None:
    global fails_before_it_succeeds
    session.add(Person(community_id=community_id, name="half done"))
    await session.flush()
    if fails_before_it_succeeds:
        fails_before_it_succeeds -= 1
        raise ConnectionError


@pytest.fixture
async def by(session: AsyncSession) -> Actor:
    community = Community(slug="yiyi", name="伊伊小区", town="ZJ镇")
    session.add(community)
    await session.commit()
    return system(community.id)


async def people(session: AsyncSession) -> list[str | None]:
    await session.rollback()
    return list(await session.scalars(select(Person.name)))


async def test_a_fact_and_what_follows_commit_together(
    session: AsyncSession, worker: Worker, by: Actor
) -> None:
    who = new_id()
    await record(session, PersonArrived(person_id=who), by=by)
    await session.commit()
    await worker.catch_up()

    assert await people(session) == [f"greeted {who}"]
    fact = (await session.scalars(about(by.community_id, who))).one()
    assert (fact.kind, fact.actor_kind, fact.payload) == (
        "test.person_arrived",
        "system",
        {"person_id": str(who)},
    )


async def test_a_fact_rolled_back_has_no_consequence(
    session: AsyncSession, worker: Worker, by: Actor
) -> None:
    await record(session, PersonArrived(person_id=new_id()), by=by)
    await session.rollback()
    await worker.catch_up()

    assert await people(session) == []
    assert not await session.scalar(select(func.count()).select_from(Fact))


async def test_a_savepoint_undone_takes_its_facts_and_jobs_along(
    session: AsyncSession, worker: Worker, by: Actor
) -> None:
    kept, undone = new_id(), new_id()
    await record(session, PersonArrived(person_id=kept), by=by)
    nested = await session.begin_nested()
    await record(session, PersonArrived(person_id=undone), by=by)
    await nested.rollback()
    await session.commit()
    await worker.catch_up()

    assert await people(session) == [f"greeted {kept}"]


async def test_a_job_that_ran_already_does_nothing_the_second_time(
    session: AsyncSession, worker: Worker, by: Actor
) -> None:
    """What a worker killed after its commit, and before it said so, leaves behind."""
    await record(session, PersonArrived(person_id=new_id()), by=by)
    await session.commit()
    await worker.catch_up()
    again = "UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'succeeded'"
    await session.execute(text(again))
    await session.commit()
    await worker.catch_up()

    assert len(await people(session)) == 1

    await session.execute(text("DELETE FROM done_jobs"))
    await session.execute(text(again))
    await session.commit()
    await worker.catch_up()
    assert len(await people(session)) == 2, "without the note it would have acted twice"


async def test_a_failing_reaction_is_tried_again_later_and_leaves_nothing_half_done(
    session: AsyncSession, worker: Worker, by: Actor
) -> None:
    global fails_before_it_succeeds
    fails_before_it_succeeds = 2
    await record(session, PersonStumbled(person_id=new_id()), by=by)
    await session.commit()
    await worker.catch_up()

    assert await people(session) == []
    waits = "SELECT scheduled_at > now() + interval '1 second' FROM procrastinate_jobs"
    assert await session.scalar(text(waits))

    await worker.catch_up(later=True)
    assert await people(session) == ["half done"]


async def test_what_keeps_failing_becomes_a_dead_letter(
    session: AsyncSession, worker: Worker, by: Actor
) -> None:
    global fails_before_it_succeeds
    fails_before_it_succeeds = 10**6
    await record(session, PersonStumbled(person_id=new_id()), by=by)
    await session.commit()
    await worker.catch_up(later=True)

    assert await people(session) == []
    letter = (await session.scalars(select(DeadLetter))).one()
    assert letter.community_id == by.community_id
    assert letter.task == f"{__name__}.help_up"
    assert letter.error == "ConnectionError"
    tries = "SELECT attempts FROM procrastinate_jobs WHERE task_name LIKE '%help_up'"
    assert await session.scalar(text(tries)) == ATTEMPTS


@pytest.mark.parametrize("change", ["UPDATE facts SET kind = 'x'", "DELETE FROM facts"])
async def test_the_database_refuses_to_change_the_record(
    session: AsyncSession, worker: Worker, by: Actor, change: str
) -> None:
    await record(session, PersonArrived(person_id=new_id()), by=by)
    await session.commit()

    with pytest.raises(DBAPIError):
        await session.execute(text(change))
    await session.rollback()

    await session.execute(text("DROP TRIGGER append_only ON facts"))
    await session.execute(text(change))


async def test_work_of_a_dead_worker_is_given_to_another(
    session: AsyncSession, worker: Worker, sessions: Sessions, by: Actor
) -> None:
    await record(session, PersonArrived(person_id=new_id()), by=by)
    dead = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
    await session.execute(text(dead))
    await session.execute(
        text(
            "UPDATE procrastinate_jobs SET status = 'doing',"
            " worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
    )
    await session.commit()

    await jobs.rescue.func(_Context(sessions), 0)
    await worker.catch_up()
    assert len(await people(session)) == 1


class _Context:
    def __init__(self, sessions: Sessions) -> None:
        self.additional_context = {"sessions": sessions}


async def test_two_workers_share_the_work_and_do_each_piece_once(
    session: AsyncSession, sessions: Sessions, worker: Worker, by: Actor
) -> None:
    everybody = {new_id() for _ in range(40)}
    for who in everybody:
        await record(session, PersonArrived(person_id=who), by=by)
    await session.commit()

    async def work() -> None:
        await jobs.queue.run_worker_async(
            wait=False,
            concurrency=4,
            install_signal_handlers=False,
            listen_notify=False,
            additional_context={"sessions": sessions},
        )

    await asyncio.gather(work(), work())

    assert sorted(str(name) for name in await people(session)) == sorted(
        f"greeted {who}" for who in everybody
    )
    assert await session.scalar(select(func.count()).select_from(DoneJob)) == len(everybody)
