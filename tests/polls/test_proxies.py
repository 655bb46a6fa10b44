"""Written authority to cast another's vote."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.files import store_photo
from app.people.access import system
from app.people.models import Person, Role
from app.polls import proxies, queries
from app.polls.models import Basis, Poll, PollState, Proxy
from app.polls.problems import RollFrozen
from app.polls.service.rolls import make
from tests.people.builders import Caller, a_client, a_person, a_worker, facts
from tests.people.conftest import As, Town
from tests.pictures import a_picture
from tests.polls.builders import open_to
from tests.polls.owning import a_deed, a_proxy, an_assembly, an_owner, the_roll, who_votes


@pytest.fixture
async def clerk(session: AsyncSession, town: Town) -> Person:
    return await a_worker(session, town.root, Role.STAFF)


@pytest.fixture
async def staff(acting: As, clerk: Person) -> Caller:
    return await acting(clerk)


@pytest.fixture
async def zhang(session: AsyncSession, town: Town) -> Person:
    return await a_person(session, town.root)


@pytest.fixture
async def li(session: AsyncSession, town: Town) -> Person:
    return await a_person(session, town.root, "李四")


@pytest.fixture
async def poll(session: AsyncSession, town: Town, zhang: Person, li: Person) -> Poll:
    await a_deed(session, town.home, await an_owner(session, town.root, zhang))
    poll = await an_assembly(session, town.root)
    await session.commit()
    return poll


def asked(giver: Person, holder: Person, **more: Any) -> dict[str, Any]:
    ids = {"giver_id": str(giver.id), "holder_id": str(holder.id)}
    return {**ids, "paper": "2026-11-20 第1号", **more}


async def test_a_proxy_is_given_on_paper_and_counts_when_the_roll_is_made(
    session: AsyncSession, staff: Caller, clerk: Person, poll: Poll, zhang: Person, li: Person
) -> None:
    photo = await store_photo(session, a_picture(), community_id=clerk.community_id, by=clerk.id)
    await session.commit()
    path = f"/polls/{poll.id}/proxies"

    answer = await staff.post(path, json=asked(zhang, li, file_id=str(photo.id)))

    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["basis"], made["paper"], made["revoked_at"]) == ("proxy", "2026-11-20 第1号", None)
    assert [each["id"] for each in (await staff.get(path)).json()["items"]] == [made["id"]]
    assert (await staff.get(f"{path}/{made['id']}/scan")).headers["content-type"] == "image/jpeg"
    assert [fact["proxy_id"] for fact in await facts(session, "polls.proxy_given")] == [made["id"]]
    await make(session, poll)
    (entry,) = (await the_roll(session, poll)).values()
    assert await who_votes(session, entry) == {zhang.id: Basis.SELF, li.id: Basis.PROXY}


async def test_a_holder_may_hold_several_and_a_giver_gives_to_one(
    session: AsyncSession, town: Town, staff: Caller, poll: Poll, zhang: Person, li: Person
) -> None:
    wang = await a_person(session, town.root, "王五")
    await session.commit()
    path = f"/polls/{poll.id}/proxies"

    first = await staff.post(path, json=asked(zhang, li))
    second = await staff.post(path, json=asked(wang, li))
    twice = await staff.post(path, json=asked(zhang, wang))
    revoked = await staff.post(f"{path}/{first.json()['id']}/revocation")
    again = await staff.post(f"{path}/{first.json()['id']}/revocation")
    anew = await staff.post(path, json=asked(zhang, wang))

    assert (first.status_code, second.status_code, anew.status_code) == (201, 201, 201)
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/proxy-exists")
    assert revoked.json()["revoked_at"] is not None
    assert (again.status_code, again.json()["type"]) == (409, "/problems/proxy-over")
    assert len(await facts(session, "polls.proxy_revoked")) == 1


async def test_once_the_roll_is_frozen_only_an_objection_helps(
    session: AsyncSession, staff: Caller, poll: Poll, zhang: Person, li: Person
) -> None:
    given = await a_proxy(session, poll, zhang, li)
    await make(session, poll)
    await open_to(session, poll)
    await session.commit()
    path = f"/polls/{poll.id}/proxies"

    late = await staff.post(path, json=asked(li, zhang))
    back = await staff.post(f"{path}/{given.id}/revocation")

    assert (late.status_code, late.json()["type"]) == (409, "/problems/roll-frozen")
    assert (back.status_code, back.json()["type"]) == (409, "/problems/roll-frozen")


async def test_a_poll_that_is_not_held_takes_no_proxies(
    session: AsyncSession, staff: Caller, poll: Poll, zhang: Person, li: Person
) -> None:
    poll.state = PollState.CANCELLED
    await session.commit()

    answer = await staff.post(f"/polls/{poll.id}/proxies", json=asked(zhang, li))

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/poll-step")


async def test_nobody_gives_to_themselves_or_to_nobody_or_without_a_paper(
    session: AsyncSession, town: Town, staff: Caller, poll: Poll, zhang: Person, li: Person
) -> None:
    photo = await store_photo(session, a_picture(), community_id=li.community_id, by=li.id)
    await session.commit()
    path = f"/polls/{poll.id}/proxies"
    wrong = [
        asked(zhang, zhang),
        {**asked(zhang, li), "holder_id": str(town.home.id)},
        {**asked(zhang, li), "paper": " "},
        {**asked(zhang, li), "basis": "self"},
        asked(zhang, li, file_id=str(photo.id)),
    ]

    answers = [await staff.post(path, json=each) for each in wrong]

    assert [each.status_code for each in answers] == [422] * 5
    paths = [each.json()["errors"][0]["path"] for each in answers]
    assert paths == [
        f"body.{name}" for name in ("holder_id", "holder_id", "paper", "basis", "file_id")
    ]
    assert (await session.scalars(select(Proxy))).all() == []


async def test_a_program_enters_proxies_as_well(
    session: AsyncSession, town: Town, acting: As, poll: Poll, zhang: Person, li: Person
) -> None:
    program = await acting(await a_client(session, town.root, Role.STAFF))

    answer = await program.post(f"/polls/{poll.id}/proxies", json=asked(zhang, li))

    assert answer.status_code == 201, answer.text


async def _race(sessions: Sessions, poll: Poll, zhang: Person, li: Person) -> tuple[bool, bool]:
    """Opening against a proxy that is given: whether it was given, and whether it counts."""

    async def opening() -> None:
        async with sessions.begin() as mine:
            held = await queries.alone(mine, poll.community_id, poll.id)
            assert held is not None
            await make(mine, held)
            await asyncio.sleep(0.05)
            await open_to(mine, held)

    async def giving() -> bool:
        async with sessions.begin() as mine:
            held = await queries.whole(mine, poll.community_id, poll.id)
            assert held is not None
            await asyncio.sleep(0.02)
            pair = {"giver_id": zhang.id, "holder_id": li.id}
            by = system(poll.community_id)
            await proxies.give(mine, held, **pair, basis=Basis.PROXY, paper="第1号", by=by)
            return True

    _, given = await asyncio.gather(opening(), giving(), return_exceptions=True)
    assert given is True or isinstance(given, RollFrozen), given
    async with sessions() as mine:
        (entry,) = (await the_roll(mine, poll)).values()
        return given is True, li.id in await who_votes(mine, entry)


async def test_a_proxy_that_was_given_counts_or_is_refused_whatever_opens_meanwhile(
    sessions: Sessions, poll: Poll, zhang: Person, li: Person
) -> None:
    given, counts = await _race(sessions, poll, zhang, li)

    assert given == counts


async def test_without_its_lock_a_proxy_is_given_and_does_not_count(
    sessions: Sessions, poll: Poll, zhang: Person, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unlocked(session: AsyncSession, poll: Poll) -> None:
        row = select(Poll.opened_at).where(Poll.id == poll.id)
        if await session.scalar(row) is not None:
            raise RollFrozen

    monkeypatch.setattr(proxies, "_before_opening", unlocked)

    given, counts = await _race(sessions, poll, zhang, li)

    assert (given, counts) == (True, False)
