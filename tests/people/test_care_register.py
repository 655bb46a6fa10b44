"""The care register: kept with consent, read for a reason by who may, erased when it ends."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.models import CareEntry, Consent
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People, acting, people, town

__all__ = ["acting", "people", "town"]


def _entry(person_id: UUID, place_id: UUID, **more: Any) -> dict[str, Any]:
    return {
        "person_id": str(person_id),
        "place_id": str(place_id),
        "kinds": ["living_alone", "disabled"],
        "note": "听力不好，敲门要久一点",
        "contact": "女儿 13800000000",
        "consent": {"wording": "我同意社区登记并定期走访。", "channel": "paper"},
        **more,
    }


@pytest.fixture
async def entry(acting: As, people: People, town: Town) -> dict[str, Any]:
    """Somebody of the first grid, put on the register by whoever manages the community."""
    asked = _entry(people.resident.id, town.home.id)
    made = await acting(people.manager).post("/care-entries", asked)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def test_a_reading_says_why_and_is_kept_with_its_reason(
    acting: As, people: People, entry: dict[str, Any], session: AsyncSession
) -> None:
    path = f"/care-entries/{entry['id']}/readings"
    read = await acting(people.worker).post(path, {"reason": "本周走访"})

    assert read.status_code == 201
    assert read.headers["Cache-Control"] == "no-store"
    assert read.json()["kinds"] == ["disabled", "living_alone"]
    assert read.json()["note"] == "听力不好，敲门要久一点"
    fact = await session.scalar(select(Fact).where(Fact.kind == "care_entry.read"))
    assert fact
    assert (fact.actor_id, fact.payload["reason"]) == (people.worker.id, "本周走访")


async def test_without_a_reason_nothing_is_read(
    acting: As, people: People, entry: dict[str, Any]
) -> None:
    for wrong in ({}, {"reason": ""}):
        answer = await acting(people.worker).post(f"/care-entries/{entry['id']}/readings", wrong)
        assert answer.status_code == 422


async def test_the_list_says_who_and_not_why_and_that_it_was_shown_is_kept(
    acting: As, people: People, entry: dict[str, Any], session: AsyncSession
) -> None:
    listed = await acting(people.worker).get("/care-entries")

    assert [each["person"]["name"] for each in listed.json()["items"]] == ["李桂兰"]
    assert "听力" not in listed.text
    assert "living_alone" not in listed.text
    fact = await session.scalar(select(Fact).where(Fact.kind == "care_register.listed"))
    assert fact
    assert fact.payload["entry_ids"] == [entry["id"]]


async def test_who_works_elsewhere_or_lives_next_door_finds_nobody(
    acting: As, people: People, entry: dict[str, Any]
) -> None:
    path = f"/care-entries/{entry['id']}/readings"
    for stranger in (people.elsewhere, people.neighbour):
        answer = await acting(stranger).post(path, {"reason": "好奇"})
        assert answer.status_code == 404
    assert (await acting(people.elsewhere).get("/care-entries")).json()["items"] == []
    assert (await acting(people.neighbour).get("/care-entries")).status_code == 403


async def test_without_consent_nobody_is_kept(acting: As, people: People, town: Town) -> None:
    asked = _entry(people.resident.id, town.home.id)
    del asked["consent"]
    assert (await acting(people.manager).post("/care-entries", asked)).status_code == 422


async def test_nobody_is_on_the_register_twice(
    acting: As, people: People, entry: dict[str, Any], town: Town
) -> None:
    asked = _entry(people.resident.id, town.home.id)
    again = await acting(people.manager).post("/care-entries", asked)
    assert again.status_code == 409


async def test_one_may_read_and_end_ones_own_entry_without_a_reason_of_staff(
    acting: As, people: People, entry: dict[str, Any], session: AsyncSession
) -> None:
    own = acting(people.resident)
    read = await own.post(f"/care-entries/{entry['id']}/readings", {"reason": "本人查阅"})
    assert read.json()["contact"] == "女儿 13800000000"

    assert (await own.post(f"/care-entries/{entry['id']}/ending")).status_code == 204

    kept = await session.get_one(CareEntry, (people.resident.community_id, UUID(entry["id"])))
    assert (kept.kinds, kept.note, kept.contact) == ("", None, None)
    consent = await session.scalar(select(Consent))
    assert consent
    assert consent.withdrawn_at
    gone = await acting(people.worker).post(
        f"/care-entries/{entry['id']}/readings", {"reason": "走访"}
    )
    assert gone.status_code == 404


async def test_two_changes_of_one_entry_do_not_overwrite_each_other(
    acting: As, people: People, entry: dict[str, Any]
) -> None:
    path = f"/care-entries/{entry['id']}"
    read = await acting(people.worker).post(f"{path}/readings", {"reason": "走访"})
    stale = {"If-Match": read.headers["ETag"]}
    first = await acting(people.worker).patch(path, {"note": "已装助听器"}, headers=stale)
    second = await acting(people.manager).patch(path, {"note": None}, headers=stale)
    assert (first.status_code, second.status_code) == (200, 412)


async def test_the_database_cannot_read_why(
    acting: As, people: People, entry: dict[str, Any], session: AsyncSession
) -> None:
    row = (await session.execute(text("SELECT kinds, note, contact FROM care_entries"))).one()
    for stored in row:
        assert b"alone" not in bytes(stored)
        assert "听力".encode() not in bytes(stored)
        assert b"138" not in bytes(stored)
