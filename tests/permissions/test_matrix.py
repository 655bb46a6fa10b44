"""Who may do what: every route of the API, asked by everybody there is.

A route that is in none of the tables fails.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.main import create_app
from tests.permissions.door import Door, routes
from tests.permissions.tables import ASKS, TABLE
from tests.permissions.world import CALLERS, World, a_world


@pytest.fixture
def web(engine: AsyncEngine) -> FastAPI:
    return create_app(engine)


@pytest.fixture
async def world(session: AsyncSession) -> World:
    return await a_world(session)


def asked(route: str, world: World) -> dict[str, Any]:
    return ASKS[route](world) if route in ASKS else {}


def answer_of(status: int) -> str:
    behind = 200 <= status < 300 or status in (409, 429)
    return "ok" if behind else str(status)


def test_every_route_is_in_the_table(web: FastAPI) -> None:
    known = [route for route, _ in TABLE]

    assert {generic(route) for route in known} == {generic(route) for route in routes(web)}
    assert len(known) == len(set(known))
    assert ASKS.keys() <= set(known)


def generic(route: str) -> str:
    """Staff are people, whose ids the path calls `person_id`."""
    return route.replace("staff_id", "person_id")


async def test_everybody_gets_the_answer_that_the_table_says(
    engine: AsyncEngine, web: FastAPI, world: World
) -> None:
    door = Door(engine, web)
    wrong = []
    for route, expected in TABLE:
        assert len(expected) == len(CALLERS), route
        for caller, answer in zip(CALLERS, expected, strict=True):
            got = await door.ask(world, caller, route, asked(route, world))
            if answer_of(got.status_code) != answer:
                wrong.append(f"{route} as {caller}: {got.status_code}, not {answer}: {got.text}")

    assert not wrong, "\n".join(wrong)


async def test_what_is_another_communitys_is_answered_as_what_does_not_exist(
    engine: AsyncEngine, web: FastAPI, world: World
) -> None:
    door = Door(engine, web)
    nowhere = world.nowhere()
    for route, expected in TABLE:
        for caller, answer in zip(CALLERS, expected, strict=True):
            if answer != "404":
                continue
            theirs = await door.ask(world, caller, route, asked(route, world))
            nobodys = await door.ask(nowhere, caller, route, asked(route, nowhere))
            assert theirs.content == nobodys.content, (route, caller)
            assert told(theirs.headers) == told(nobodys.headers), (route, caller)


def told(headers: Mapping[str, str]) -> dict[str, str]:
    """What the headers say of the matter."""
    return {name: value for name, value in headers.items() if name != "x-request-id"}
