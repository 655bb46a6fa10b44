"""The town of the councils."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People, acting, letters, people, town

__all__ = ["acting", "letters", "people", "town"]

Councils = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def council(acting: As, people: People, town: Town) -> Councils:
    """Founds the council of the first grid."""

    async def add(**differently: Any) -> dict[str, Any]:
        asked = {
            "place_id": str(town.places["/A1/G1/"].id),
            "name": "第一网格议事会",
            "every_days": 30,
        } | differently
        answer = await acting(people.manager).post("/councils", asked)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    return add


@pytest.fixture
def sitting(acting: As, people: People, council: Councils) -> Councils:
    """Calls a sitting of the council of the first grid; it began long ago if nothing is said."""

    async def add(**differently: Any) -> dict[str, Any]:
        made = await council()
        asked = {"starts_at": "2026-01-10T19:00:00+08:00", "where": "党群服务站"} | differently
        answer = await acting(people.manager).post(f"/councils/{made['id']}/sittings", asked)
        assert answer.status_code == 201, answer.text
        called: dict[str, Any] = answer.json()
        return called

    return add
