"""What an operator sees: health, readiness, numbers, and work that failed for good."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import jobs
from app.core.ids import new_id
from app.core.jobs import DeadLetter
from app.people.models import Person, Role
from app.places.models import Place
from tests.conftest import Client, Worker
from tests.people.builders import Caller, a_worker, token_of
from tests.places.builders import a_community

done: list[str] = []


@jobs.job("tests.write_down")
async def write_down(session: AsyncSession, *, community_id: str, word: str) -> None:
    done.append(word)


async def admin_of(session: AsyncSession, root: Place) -> Person:
    return await a_worker(session, root, Role.ADMIN)


@pytest.fixture
async def root(session: AsyncSession) -> Place:
    return await a_community(session)


@pytest.fixture
async def letter(session: AsyncSession, root: Place) -> DeadLetter:
    letter = DeadLetter(
        job_id=77,
        community_id=root.community_id,
        task="tests.write_down",
        arguments={"community_id": str(root.community_id), "word": "done"},
        error="ConnectionError",
    )
    session.add(letter)
    await session.commit()
    return letter


async def test_the_process_is_alive(client: Client) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_it_is_ready_with_the_tables_it_expects(
    client: Client, session: AsyncSession
) -> None:
    ready = await client.get("/readyz")
    await session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    await session.commit()
    behind = await client.get("/readyz")

    assert (ready.status_code, ready.json()["checks"]["worker"]) == (200, False)
    assert (behind.status_code, behind.json()["checks"]["migrations"]) == (503, False)


async def test_a_worker_is_seen_by_its_heartbeat(client: Client, session: AsyncSession) -> None:
    await session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    await session.commit()

    assert (await client.get("/readyz")).json()["checks"]["worker"] is True


async def test_the_numbers_are_there_for_prometheus(client: Client) -> None:
    await client.get("/api/v1/places")
    answer = await client.get("/metrics")

    assert 'route="/api/v1/places"' in answer.text


async def test_staff_see_failed_work_and_have_it_done_again(
    client: Client, session: AsyncSession, worker: Worker, root: Place, letter: DeadLetter
) -> None:
    admin = Caller(client, token_of(session, await admin_of(session, root)))
    await session.commit()
    done.clear()

    (seen,) = (await admin.get("/dead-letters")).json()["items"]
    replayed = await admin.post(f"/dead-letters/{letter.id}/replay")
    again = await admin.post(f"/dead-letters/{letter.id}/replay")
    await worker.catch_up()

    assert (seen["id"], seen["error"]) == (str(letter.id), "ConnectionError")
    assert (replayed.status_code, again.status_code) == (200, 404)
    assert done == ["done"]


async def test_failed_work_of_another_community_is_not_there(
    client: Client, session: AsyncSession, letter: DeadLetter
) -> None:
    stranger = await admin_of(session, await a_community(session))
    caller = Caller(client, token_of(session, stranger))
    await session.commit()

    theirs = await caller.post(f"/dead-letters/{letter.id}/replay")
    none = await caller.post(f"/dead-letters/{new_id()}/replay")

    assert (await caller.get("/dead-letters")).json()["items"] == []
    assert theirs.status_code == none.status_code == 404
    assert theirs.content == none.content


async def test_a_grid_worker_does_not_see_the_machinery(
    client: Client, session: AsyncSession, root: Place
) -> None:
    caller = Caller(client, token_of(session, await a_worker(session, root)))
    await session.commit()

    assert (await caller.get("/dead-letters")).status_code == 403


async def test_nobody_sees_it_without_a_token(client: Client) -> None:
    assert (await client.get("/api/v1/dead-letters")).status_code == 401
    assert (await client.post(f"/api/v1/dead-letters/{uuid4()}/replay")).status_code == 401


async def test_work_of_a_kind_that_is_gone_cannot_be_done_again(
    client: Client, session: AsyncSession, root: Place, letter: DeadLetter
) -> None:
    letter.task = "forgotten"
    admin = Caller(client, token_of(session, await admin_of(session, root)))
    await session.commit()

    answer = await admin.post(f"/dead-letters/{letter.id}/replay")

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/work-unknown")
