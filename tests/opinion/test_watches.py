"""What is listened for is said by who manages the place."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People

Watches = Callable[..., Awaitable[dict[str, Any]]]


async def test_a_watch_is_changed_by_who_read_it_last(
    acting: As, people: People, watch: Watches
) -> None:
    made = await watch("物业费")
    manager = acting(people.manager)
    path = f"/opinion/watches/{made['id']}"
    stale = await manager.patch(path, {"least": 9}, headers={"If-Match": '"7"'})
    fresh = await manager.patch(path, {"least": 9}, headers={"If-Match": '"1"'})

    assert stale.status_code == 412
    assert fresh.json()["least"] == 9


async def test_a_word_is_listened_for_once_at_a_place(
    acting: As, people: People, town: Town, watch: Watches
) -> None:
    made = await watch("物业费")
    asked = {"place_id": str(town.places["/"].id), "written": "物业费"}
    manager = acting(people.manager)
    twice = await manager.post("/opinion/watches", asked)
    assert twice.json()["type"] == "/problems/watch-exists"

    assert (await manager("DELETE", f"/opinion/watches/{made['id']}")).status_code == 204
    assert (await manager.post("/opinion/watches", asked)).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"written": "的"},
        {"written": "物业", "kind": "pattern"},
        {"written": "停水", "least": 0},
        {"written": "停水", "place_id": "0194f3a0-0000-7000-8000-000000000000"},
    ],
)
async def test_what_cannot_be_listened_for_is_refused(
    acting: As, people: People, town: Town, wrong: dict[str, Any]
) -> None:
    asked = {"place_id": str(town.places["/"].id)} | wrong
    answer = await acting(people.manager).post("/opinion/watches", asked)
    assert answer.status_code == 422, answer.text


async def test_only_managers_say_what_is_listened_for(
    acting: As, people: People, town: Town
) -> None:
    asked = {"place_id": str(town.places["/"].id), "written": "物业费"}
    for somebody in (people.leader, people.worker, people.resident):
        answer = await acting(somebody).post("/opinion/watches", asked)
        assert answer.status_code == 403
