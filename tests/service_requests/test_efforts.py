"""Writing down how long one worked."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Role
from app.service_requests.models import Effort
from tests.service_requests.builders import Caller, Town, a_client
from tests.service_requests.conftest import As, People


async def test_it_is_kept_as_often_as_somebody_worked(
    plumber: Caller, acting: As, people: People, leak: dict[str, Any], session: AsyncSession
) -> None:
    await plumber.take(leak, "log-effort", minutes=30, note="关阀门")
    await plumber.take(leak, "log-effort", minutes=1440)
    await acting(people.leader).take(leak, "log-effort", minutes=1)

    kept = await session.scalars(select(Effort).order_by(Effort.id))
    assert [(each.person_id, each.minutes, each.note) for each in kept] == [
        (people.worker.id, 30, "关阀门"),
        (people.worker.id, 1440, None),
        (people.leader.id, 1, None),
    ]


async def test_it_is_for_staff_to_see(
    plumber: Caller, acting: As, people: People, leak: dict[str, Any]
) -> None:
    await plumber.take(leak, "log-effort", minutes=30, note="关阀门")
    shown = (await plumber.timeline(leak))[-1]
    assert (shown["text"], shown["by"]["name"]) == ("记录用时30分钟", "王强")
    resident = acting(people.resident)
    assert "30" not in str([entry["text"] for entry in await resident.timeline(leak)])


async def test_it_is_not_an_answer_and_moves_nothing(plumber: Caller, leak: dict[str, Any]) -> None:
    logged = await plumber.take(leak, "log-effort", minutes=30)
    assert (logged["state"], logged["clocks"]) == (leak["state"], leak["clocks"])


@pytest.mark.parametrize("minutes", [0, -1, 1441, 1.5, "long", None, 2**63])
async def test_a_day_has_1440_minutes(plumber: Caller, leak: dict[str, Any], minutes: Any) -> None:
    refused = await plumber.step(leak, "log-effort", minutes=minutes)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "minutes")


async def test_whoever_works_there_may_and_nobody_else(
    acting: As, people: People, town: Town, leak: dict[str, Any], session: AsyncSession
) -> None:
    program = await a_client(session, town, Role.STAFF)
    await session.commit()
    for who, status in (
        (people.resident, 403),
        (people.neighbour, 404),
        (people.elsewhere, 404),
        (program, 403),
    ):
        assert (await acting(who).step(leak, "log-effort", minutes=5)).status_code == status


async def test_also_while_it_waits_and_after_it_ended_but_not_before_it_is_ours(
    plumber: Caller, acting: As, people: People, town: Town, leak: dict[str, Any]
) -> None:
    await plumber.take(leak, "suspend", reason="等配件")
    await plumber.take(leak, "log-effort", minutes=5)
    await acting(people.resident).take(leak, "withdraw")
    await plumber.take(leak, "log-effort", minutes=5)

    filed = await acting(people.resident).ask(place_id=str(town.home.id), summary="停电了")
    early = await plumber.step(filed, "log-effort", minutes=5)
    assert early.json()["type"] == "/problems/step-not-offered"
