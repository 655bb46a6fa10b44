"""How a community deals with requests, and on which days it works, set through the API."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import calendar
from app.core.database import Sessions
from app.core.facts import Fact
from app.people.access import system
from app.service_requests import policies
from app.service_requests.events import PolicyChanged, SpecialDaySet
from app.service_requests.models import OFFICE_HOURS
from tests.service_requests.builders import Caller, Town
from tests.service_requests.conftest import As, People
from tests.service_requests.timing import at, it_is

POLICY = "/service-request-policy"


async def days(caller: Caller, first: str, last: str) -> dict[str, Any]:
    answer = await caller.get("/working-days", params={"from": first, "to": last})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def recorded(session: AsyncSession, kind: str) -> list[dict[str, Any]]:
    facts = select(Fact.payload).where(Fact.kind == kind).order_by(Fact.id)
    return list(await session.scalars(facts))


async def test_everybody_reads_what_a_community_starts_with(acting: As, people: People) -> None:
    it_is("06-01 10:00")
    read = await acting(people.resident).get(POLICY)
    assert read.status_code == 200
    assert read.headers["ETag"]
    assert {key: value for key, value in read.json().items() if key != "updated_at"} == {
        "office_hours": [["09:00", "12:00"], ["14:00", "18:00"]],
        "urge_most": 3,
        "urge_gap_minutes": 1440,
        "reopen_days": 15,
        "visit_days": 3,
        "source": None,
        "unknown_years": [],
    }


async def test_a_change_is_one_fact_with_old_and_new(
    manager: Caller, session: AsyncSession
) -> None:
    read = await manager.get(POLICY)
    change = {"office_hours": [["08:30", "17:30"]], "urge_most": 3, "source": "社区公示"}
    headers = {"If-Match": read.headers["ETag"]}
    for _ in range(2):
        answer = await manager.patch(POLICY, change, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["office_hours"] == [["08:30", "17:30"]]
        headers = {"If-Match": answer.headers["ETag"]}
    assert (await manager.get(POLICY)).json() == answer.json()
    [fact] = await recorded(session, PolicyChanged.kind)
    assert fact["was"] == {"office_hours": OFFICE_HOURS, "source": None}
    assert fact["now"] == {"office_hours": [["08:30", "17:30"]], "source": "社区公示"}


async def test_a_change_of_what_was_changed_meanwhile_is_refused(manager: Caller) -> None:
    old = (await manager.get(POLICY)).headers["ETag"]
    assert (await manager.patch(POLICY, {"urge_most": 5})).status_code == 200
    late = await manager.patch(POLICY, {"urge_most": 9}, headers={"If-Match": old})
    assert late.status_code == 412
    assert (await manager.get(POLICY)).json()["urge_most"] == 5


@pytest.mark.parametrize(
    "change",
    [
        {"office_hours": []},
        {"office_hours": None},
        {"office_hours": [["09:00"]]},
        {"office_hours": [["09:00", "12:00", "13:00"]]},
        {"office_hours": [["12:00", "09:00"]]},
        {"office_hours": [["09:00", "12:00"], ["11:00", "18:00"]]},
        {"office_hours": [["14:00", "18:00"], ["09:00", "12:00"]]},
        {"office_hours": [["9:00", "12:00"]]},
        {"office_hours": [["09:00", "24:01"]]},
        {"office_hours": [["09:00", "١٢:00"]]},
        {"office_hours": [["09:00\n", "12:00"]]},
        {"office_hours": [[9, 12]]},
        {"office_hours": [[f"{n:02}:00", f"{n:02}:30"] for n in range(11)]},
        {"urge_most": 0},
        {"urge_gap_minutes": 10**12},
        {"reopen_days": -1},
        {"visit_days": 0},
        {"visit_days": None},
        {"colour": "red"},
    ],
    ids=str,
)
async def test_a_policy_that_makes_no_sense_is_refused(
    manager: Caller, change: dict[str, Any]
) -> None:
    answer = await manager.patch(POLICY, change)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


async def test_only_who_manages_the_community_changes_it(acting: As, people: People) -> None:
    for somebody in (people.resident, people.worker, people.leader):
        caller = acting(somebody)
        day = {"working": True, "note": "x"}
        for answer in (
            await caller.patch(POLICY, {"urge_most": 5}),
            await caller("PUT", "/special-days/2026-12-01", json=day),
            await caller("DELETE", "/special-days/2026-12-01"),
        ):
            assert answer.status_code == 403


async def test_each_day_says_whether_it_is_worked_and_why(manager: Caller) -> None:
    day = {"working": True, "note": "值班日"}
    assert (await manager("PUT", "/special-days/2026-02-15", json=day)).json() == {
        "day": "2026-02-15",
        "working": True,
        "basis": "special",
        "name": "值班日",
    }
    found = await days(manager, "2026-02-12", "2026-02-16")
    assert [tuple(each.values()) for each in found["items"]] == [
        ("2026-02-12", True, "weekday", None),
        ("2026-02-13", True, "weekday", None),
        ("2026-02-14", True, "official", "春节"),
        ("2026-02-15", True, "special", "值班日"),
        ("2026-02-16", False, "official", "春节"),
    ]
    assert found["unknown_years"] == []


async def test_a_year_nobody_announced_is_named(
    manager: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = await days(manager, "2090-04-30", "2090-05-03")
    assert far["unknown_years"] == [2090]
    assert [each["basis"] for each in far["items"]] == [
        "weekday",
        "statutory",
        "statutory",
        "weekday",
    ]
    it_is("11-23 10:00")
    monkeypatch.setattr(calendar, "known", lambda year: year < 2027)
    assert (await manager.get(POLICY)).json()["unknown_years"] == [2027]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-02-02", "2026-02-01"),
        ("2026-01-01", "2027-02-05"),
        ("2026-02-30", "2026-03-01"),
        ("0", "86400"),
        ("2026-2-1", "2026-02-03"),
        ("", "2026-02-03"),
    ],
)
async def test_days_that_make_no_sense_are_refused(manager: Caller, first: str, last: str) -> None:
    answer = await manager.get("/working-days", params={"from": first, "to": last})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


async def test_four_hundred_days_are_listed_to_the_last_there_is(manager: Caller) -> None:
    assert len((await days(manager, "2026-01-01", "2027-02-04"))["items"]) == 400
    assert len((await days(manager, "9999-12-30", "9999-12-31"))["items"]) == 2


async def test_a_special_day_is_set_and_taken_back_once(
    manager: Caller, session: AsyncSession, sessions: Sessions, town: Town
) -> None:
    path, said = "/special-days/2026-12-01", {"working": False, "note": "全员培训"}
    assert (await manager("DELETE", path)).status_code == 404
    for _ in range(2):
        assert (await manager("PUT", path, json=said)).status_code == 200
    async with sessions() as reading:
        ours = await policies.calendar(reading, town.community.id)
        assert ours.end_of_day(at("11-30 10:00"), 1) == at("12-02 18:00")
        assert await policies.calendar(reading, town.community.id) is ours
    assert (await manager("DELETE", path)).status_code == 204
    assert (await manager("DELETE", path)).status_code == 404
    assert [fact["working"] for fact in await recorded(session, SpecialDaySet.kind)] == [
        False,
        None,
    ]
    for wrong in ("2026-02-30", "1", "2026-12-1"):
        assert (await manager("PUT", f"/special-days/{wrong}", json=said)).status_code == 422


async def test_a_transaction_that_changes_the_calendar_sees_it(
    session: AsyncSession, town: Town
) -> None:
    by = system(town.community.id)
    before = await policies.calendar(session, town.community.id)
    await policies.set_day(session, at("12-01 00:00").date(), working=False, note="x", by=by)
    after = await policies.calendar(session, town.community.id)
    assert before.end_of_day(at("11-30 10:00"), 1) < after.end_of_day(at("11-30 10:00"), 1)
    policy = await policies.of(session, town.community.id)
    await policies.change(session, policy, {"office_hours": [["09:00", "10:00"]]}, by=by)
    assert (await policies.calendar(session, town.community.id)).hours.close.seconds == 36_000
