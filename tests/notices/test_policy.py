"""How the community publishes: read by staff, set by its managers."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from tests.notices.test_reviewing import POLICY
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People


async def test_it_begins_with_quiet_nights_and_no_second_person(acting: As, people: People) -> None:
    policy = await acting(people.worker).get("/notice-policy")

    assert policy.json() == {
        "second_person": False,
        "quiet_from": "21:30:00",
        "quiet_to": "07:30:00",
        "knock_after_hours": 24,
    }
    assert (await acting(people.resident).get("/notice-policy")).status_code == 403


async def test_managers_set_it_and_do_not_lose_each_others_changes(
    acting: As, people: People, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    read = {"If-Match": (await manager.get("/notice-policy")).headers["ETag"]}

    first = await manager("PUT", "/notice-policy", json=POLICY, headers=read)
    second = await manager("PUT", "/notice-policy", json=POLICY, headers=read)

    assert (first.status_code, second.status_code) == (200, 412)
    [fact] = await session.scalars(select(Fact.payload).where(Fact.kind == "notice.policy_changed"))
    assert fact["changed"] == ["second_person"]


async def test_nobody_else_sets_it(acting: As, people: People) -> None:
    for who in (people.leader, people.worker, people.resident):
        answer = await acting(who)("PUT", "/notice-policy", json=POLICY)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "25:00"},
        {"quiet_from": "21:30+08:00"},
        {"quiet_from": None},
        {"knock_after_hours": 0},
        {"version": 7},
    ],
)
async def test_what_makes_no_sense_is_refused(
    acting: As, people: People, town: Town, wrong: dict[str, Any]
) -> None:
    answer = await acting(people.manager)("PUT", "/notice-policy", json=POLICY | wrong)

    assert answer.status_code == 422
