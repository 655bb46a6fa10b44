"""Neighbours with the same matter, for tests: who lives where, and a lamp that they share."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Person
from app.service_requests.models import Category
from tests.people.builders import a_residence
from tests.service_requests.builders import Caller, Town, a_person

GRID, BUILDING, UNIT = "/A1/G1/", "/A1/G1/3/", "/A1/G1/3/2/"
HOME, NEXT_DOOR, FAR_HOME = "/A1/G1/3/2/502/", "/A1/G1/3/2/601/", "/A1/G2/9/1/101/"


async def a_neighbour(
    session: AsyncSession, town: Town, name: str, *, at: str = NEXT_DOOR
) -> Person:
    """Somebody who is known to live there."""
    person = await a_person(session, town, name)
    await a_residence(session, person, town.places[at])
    await session.commit()
    return person


async def showing(session: AsyncSession, *, public: bool) -> None:
    """Whether all may know of lamps, wherever they are."""
    lamps = update(Category).where(Category.code == "street_light")
    await session.execute(lamps.values(public=public))
    await session.commit()


async def a_lamp(
    caller: Caller,
    town: Town,
    summary: str = "楼道灯坏了",
    *,
    at: str = UNIT,
    category: str = "street_light",
    **more: Any,
) -> dict[str, Any]:
    """The lamp on the stairs, reported."""
    place_id = str(town.places[at].id)
    return await caller.ask(category=category, place_id=place_id, summary=summary, **more)


async def follow(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    """Say "me too", which has to succeed, and return what one sees then."""
    answer = await caller.post("/service-requests/followed", {"number": request["number"]})
    assert answer.status_code == 201, answer.text
    seen: dict[str, Any] = answer.json()
    return seen


async def followed(caller: Caller) -> list[dict[str, Any]]:
    """What somebody follows, as they see it."""
    answer = await caller.get("/service-requests/followed")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def merge(
    caller: Caller, request: dict[str, Any], into: dict[str, Any], **rest: Any
) -> dict[str, Any]:
    """Merge two requests, which has to succeed, and return the one that went."""
    path = f"/service-requests/{request['id']}/merge"
    answer = await caller.post(path, {"into_number": into["number"]}, **rest)
    assert answer.status_code == 200, answer.text
    merged: dict[str, Any] = answer.json()
    return merged


def says_nothing_of(text: str, secrets: Iterable[str]) -> None:
    """Whatever somebody could read holds none of these words."""
    for secret in secrets:
        assert secret not in text, secret
