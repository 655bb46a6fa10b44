import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import facts
from app.core.jobs import queue
from app.service_requests import steps as package
from app.service_requests.steps import steps
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import As, People

FILE = '''
"""表扬: the resident likes how it is done."""

from uuid import UUID

from app.core.facts import Event
from app.core.i18n import N_
from app.core.wire import In, Line
from app.service_requests.models import State
from app.service_requests.permissions import RATE
from app.service_requests.steps import Turn, Whose, step


class RequestPraised(Event, kind="service_request.praised", subject="request_id"):
    """Whoever reported it is glad."""

    request_id: UUID


class Praise(In):
    """What was good."""

    why: Line


@step(
    "praise",
    N_("表扬"),
    by=RATE,
    whose=Whose.REPORTER,
    form=Praise,
    takes=frozenset({State.ASSIGNED}),
    leaves=None,
    event=RequestPraised,
    line=N_("居民表扬"),
    told=N_("已转达。"),
)
async def praise(turn: Turn[Praise]) -> RequestPraised:
    """Put the reason with the summary."""
    turn.request.summary += f"（{turn.form.why}）"
    return RequestPraised(request_id=turn.request.id)
'''


@pytest.fixture
def dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file, where the steps are looked for."""
    (tmp_path / "praise.py").write_text(FILE, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    steps.load()
    yield
    steps.remove("praise")
    del sys.modules[f"{package.__name__}.praise"]
    del facts.Event.kinds["service_request.praised"]
    for task in facts._reactions.pop("service_request.praised"):
        queue.tasks.pop(task.name)


@pytest.mark.usefixtures("dropped")
async def test_a_file_is_a_step(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox
) -> None:
    resident = acting(people.resident)
    leak = await resident.ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()

    assert "表扬" in [step["label"] for step in (await resident.read(leak))["steps"]]
    assert (await resident.step(leak, "praise")).status_code == 422
    assert (await acting(people.manager).step(leak, "praise", why="快")).status_code == 403
    praised = await resident.take(leak, "praise", why="来得快")
    await worker.catch_up()

    assert (praised["state"], praised["summary"]) == ("assigned", "水管漏水（来得快）")
    assert letters.to(people.resident)[-1] == "已转达。"
    last = (await resident.timeline(leak))[-1]
    assert (last["text"], last["by"]["name"]) == ("居民表扬", "李桂兰")


def test_without_the_file_there_is_no_such_step() -> None:
    assert steps.get("praise") is None
