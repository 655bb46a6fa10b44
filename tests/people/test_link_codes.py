from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.problems import TooManyRequests
from app.people import service as people
from app.people.models import Identity, LinkCode, Person, Role, Standing
from app.people.problems import AlreadyStaff, WrongCode
from tests.people.builders import (
    a_follower,
    a_residence,
    a_worker,
    an_account,
    facts,
)
from tests.people.conftest import As, Town


@pytest.fixture
async def follower(session: AsyncSession, town: Town) -> Identity:
    return await a_follower(session, await an_account(session, town.root))


@pytest.fixture
async def worker(session: AsyncSession, town: Town) -> Person:
    return await a_worker(session, town.grid)


@pytest.fixture
async def code(session: AsyncSession, town: Town, acting: As, worker: Person) -> str:
    manager = await acting(await a_worker(session, town.root, Role.MANAGER))
    answer = await manager.post(f"/staff/{worker.id}/wechat-code")
    assert answer.status_code == 201
    return str(answer.json()["code"])


async def test_a_code_makes_staff_known_in_the_chat(
    session: AsyncSession, follower: Identity, worker: Person, code: str
) -> None:
    nobody = follower.person_id
    wide = code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})

    linked = await people.link_staff(session, identity=follower, code=f" {wide} ")

    assert linked.id == follower.person_id == worker.id
    assert await facts(session, "people.merged") == [
        {"kept_id": str(worker.id), "gone_id": str(nobody)}
    ]
    assert len(await facts(session, "identity.linked")) == 1


async def test_a_code_is_not_kept_in_the_clear(session: AsyncSession, code: str) -> None:
    assert len(code) == 8
    assert code.isdecimal()
    digest = await session.scalar(select(LinkCode.digest))
    assert digest
    assert code.encode() not in digest


async def test_a_code_works_once(
    session: AsyncSession, town: Town, follower: Identity, code: str
) -> None:
    await people.link_staff(session, identity=follower, code=code)
    other = await a_follower(session, await an_account(session, town.root))

    with pytest.raises(WrongCode):
        await people.link_staff(session, identity=other, code=code)


async def test_a_code_works_for_ten_minutes(
    session: AsyncSession, follower: Identity, code: str
) -> None:
    clock.shift(timedelta(minutes=10, seconds=1))

    with pytest.raises(WrongCode):
        await people.link_staff(session, identity=follower, code=code)


async def test_a_new_code_replaces_the_one_before(
    session: AsyncSession, acting: As, follower: Identity, worker: Person, code: str
) -> None:
    mine = await acting(worker)
    second = (await mine.post(f"/staff/{worker.id}/wechat-code")).json()["code"]

    with pytest.raises(WrongCode):
        await people.link_staff(session, identity=follower, code=code)
    assert (await people.link_staff(session, identity=follower, code=second)).id == worker.id


async def test_a_code_of_another_community_is_wrong(
    session: AsyncSession, elsewhere: Town, code: str
) -> None:
    stranger = await a_follower(session, await an_account(session, elsewhere.root))

    with pytest.raises(WrongCode):
        await people.link_staff(session, identity=stranger, code=code)


async def test_codes_cannot_be_tried_out(
    session: AsyncSession, follower: Identity, code: str
) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            await people.link_staff(session, identity=follower, code="00000000")

    with pytest.raises(TooManyRequests):
        await people.link_staff(session, identity=follower, code=code)


async def test_what_a_worker_is_as_a_resident_stays_theirs(
    session: AsyncSession, town: Town, follower: Identity, worker: Person, code: str
) -> None:
    resident = await session.get_one(Person, (worker.community_id, follower.person_id))
    resident.reached_at("13800138000")
    residence = await a_residence(session, resident, town.home)
    doubted = await a_residence(session, worker, town.home, Standing.CLAIMED)

    await people.link_staff(session, identity=follower, code=code)

    await session.refresh(residence)
    await session.refresh(doubted)
    assert (residence.person_id, residence.standing) == (worker.id, Standing.VERIFIED)
    assert doubted.standing is Standing.ENDED
    assert (resident.phone, resident.merged_into_id) == (None, worker.id)
    assert worker.phone == "13800138000"


async def test_who_is_known_as_staff_does_not_become_another(
    session: AsyncSession, town: Town, acting: As, follower: Identity, code: str
) -> None:
    await people.link_staff(session, identity=follower, code=code)
    second = await a_worker(session, town.grid)
    theirs = await acting(second)
    other = (await theirs.post(f"/staff/{second.id}/wechat-code")).json()["code"]

    with pytest.raises(AlreadyStaff):
        await people.link_staff(session, identity=follower, code=other)


async def test_codes_are_made_five_times_in_ten_minutes(acting: As, worker: Person) -> None:
    mine = await acting(worker)
    path = f"/staff/{worker.id}/wechat-code"

    answers = [(await mine.post(path)).status_code for _ in range(6)]

    assert answers == [201] * 5 + [429]
