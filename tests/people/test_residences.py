"""What staff say about where people live."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people import service as people
from app.people.models import Person, Residence, Role, Standing
from tests.people.builders import a_person, a_residence, a_worker, facts
from tests.people.builders import acting as by
from tests.people.conftest import As, Town


@pytest.fixture
async def claimed(session: AsyncSession, town: Town) -> Residence:
    person = await a_person(session, town.root, "张三", "13800138000")
    return await a_residence(session, person, town.home, Standing.CLAIMED)


async def test_staff_find_what_waits_for_them(
    session: AsyncSession, town: Town, acting: As, claimed: Residence
) -> None:
    far = await a_person(session, town.root, "李四")
    await a_residence(session, far, town.far_home, Standing.CLAIMED)
    known = await a_person(session, town.root, "王五")
    await a_residence(session, known, town.home)
    worker = await acting(await a_worker(session, town.grid))

    waiting = (await worker.get("/residences", params={"standing": "claimed"})).json()["items"]

    assert [each["id"] for each in waiting] == [str(claimed.id)]
    assert waiting[0]["person"]["name"] == "张三"
    assert waiting[0]["person"]["phone"] == "138****8000"
    of_one = await worker.get("/residences", params={"person": str(known.id)})
    of_home = await worker.get("/residences", params={"home": str(town.far_home.id)})
    assert len(of_one.json()["items"]) == 1
    assert of_home.json()["items"] == []


async def test_a_claim_is_confirmed_once(
    session: AsyncSession, town: Town, acting: As, claimed: Residence
) -> None:
    worker = await a_worker(session, town.grid)
    caller = await acting(worker)
    path = f"/residences/{claimed.id}/confirmation"

    answers = await asyncio.gather(*(caller.post(path) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    await session.refresh(claimed)
    assert (claimed.standing, claimed.decided_by_id) == (Standing.VERIFIED, worker.id)
    assert await facts(session, "residence.confirmed") == [
        {
            "residence_id": str(claimed.id),
            "person_id": str(claimed.person_id),
            "home_id": str(town.home.id),
        }
    ]


@pytest.mark.parametrize("body", [{"reason": "不是住户"}, {}])
async def test_a_claim_is_refused_with_or_without_a_reason(
    session: AsyncSession, town: Town, acting: As, claimed: Residence, body: dict[str, str]
) -> None:
    caller = await acting(await a_worker(session, town.grid))

    answer = await caller.post(f"/residences/{claimed.id}/rejection", json=body)

    assert answer.json()["standing"] == "refused"
    (fact,) = await facts(session, "residence.refused")
    assert fact["reason"] == body.get("reason")
    again = await caller.post(f"/residences/{claimed.id}/confirmation")
    assert again.json()["type"] == "/problems/residence-decided"


async def test_who_was_refused_may_claim_again(
    session: AsyncSession, town: Town, acting: As, claimed: Residence
) -> None:
    caller = await acting(await a_worker(session, town.grid))
    await caller.post(f"/residences/{claimed.id}/rejection", json={})
    person = await session.get_one(Person, (claimed.community_id, claimed.person_id))

    again = await people.claim_home(session, person=person, home=town.home, by=by(person))

    assert (again.standing, again.id == claimed.id) == (Standing.CLAIMED, False)


@pytest.mark.parametrize("verb", ["confirmation", "rejection", "ending"])
async def test_only_staff_of_the_place_decide(
    session: AsyncSession, town: Town, acting: As, claimed: Residence, verb: str
) -> None:
    far = await acting(await a_worker(session, town.far_area))
    leader = await acting(await a_worker(session, town.area, Role.LEADER))
    path = f"/residences/{claimed.id}/{verb}"

    assert (await far.post(path, json={})).status_code == 404
    assert (await leader.post(path, json={})).status_code == 403


async def test_nobody_decides_for_themselves(session: AsyncSession, town: Town, acting: As) -> None:
    worker = await a_worker(session, town.grid)
    mine = await a_residence(session, worker, town.home, Standing.CLAIMED)
    caller = await acting(worker)

    assert (await caller.post(f"/residences/{mine.id}/confirmation")).status_code == 403


async def test_a_residence_ends_by_staff_or_by_who_lives_there(
    session: AsyncSession, town: Town, acting: As, claimed: Residence
) -> None:
    worker = await acting(await a_worker(session, town.grid))
    other = await a_person(session, town.root, "李四")
    theirs = await a_residence(session, other, town.home)
    resident = await acting(other)

    by_staff = await worker.post(f"/residences/{claimed.id}/ending")
    by_themselves = await resident.post(f"/residences/{theirs.id}/ending")

    assert by_staff.json()["standing"] == by_themselves.json()["standing"] == "ended"
    assert (await worker.post(f"/residences/{claimed.id}/ending")).status_code == 409
    assert len(await facts(session, "residence.ended")) == 2
