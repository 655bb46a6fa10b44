"""Moments as people here write them, and requests of a kind that has all three clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.clock import CHINA
from tests.service_requests.builders import Caller, Town

KIND = "hurry"
HANDFUL: dict[str, Any] = {
    "code": KIND,
    "name": "急事",
    "group": "测试",
    "speciality": "property",
    "answer_limit": "2h",
    "update_limit": "4h",
    "resolve_limit": "1d",
}


def at(text: str) -> datetime:
    """`11-30 10:00` of 2026, in China; the 30th of November is a Monday."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}").replace(tzinfo=CHINA)


def it_is(text: str) -> None:
    """From here on it is this time."""
    clock.shift(at(text) - datetime.now(UTC))


def minute(moment: str | datetime | None) -> str | None:
    """The nearest minute, as `at` takes it."""
    if moment is None:
        return None
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return (found.astimezone(CHINA) + timedelta(seconds=30)).strftime("%m-%d %H:%M")


async def a_kind(manager: Caller, **limits: Any) -> None:
    """Open a kind of matter whose limits are like this, for the reporter to choose."""
    answer = await manager.post("/service-categories", HANDFUL | limits)
    assert answer.status_code == 201, answer.text


async def a_matter(resident: Caller, town: Town) -> dict[str, Any]:
    """Something of that kind at home, just filed."""
    return await resident.ask(category=KIND, place_id=str(town.home.id), summary="请尽快来看看")


def due(request: dict[str, Any]) -> dict[tuple[str, int], str | None]:
    """When each round of each clock ends."""
    return {(each["kind"], each["round"]): minute(each["due_at"]) for each in request["clocks"]}


def states(request: dict[str, Any]) -> dict[tuple[str, int], str]:
    """How each round of each clock stands."""
    return {(each["kind"], each["round"]): each["state"] for each in request["clocks"]}
