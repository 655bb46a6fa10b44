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
"""催办: the resident asks when it will be done."""

from uuid import UUID

from app.core.facts import Event
from app.core.i18n import N_
from app.core.wire import In, Line
from app.service_requests.models import State
from app.service_requests.permissions import RATE
from app.service_requests.steps import Turn, Whose, step


class RequestUrged(Event, kind="service_request.urged", subject="request_id"):
    """Whoever reported it is waiting."""

    request_id: UUID


class Urging(In):
    """Why it cannot wait."""

    why: Line


@step(
    "urge",
    N_("催办"),
    by=RATE,
    whose=Whose.REPORTER,
    form=Urging,
    takes=frozenset({State.ASSIGNED}),
    leaves=None,
    event=RequestUrged,
    line=N_("居民催办"),
    told=N_("已催办。"),
)
async def urge(turn: Turn[Urging]) -> RequestUrged:
    """Put the reason with the summary."""
    turn.request.summary += f"（{turn.form.why}）"
    return RequestUrged(request_id=turn.request.id)
'''


@pytest.fixture
def dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file, where the steps are looked for."""
    (tmp_path / "urge.py").write_text(FILE, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    steps.load()
    yield
    steps.remove("urge")
    del sys.modules[f"{package.__name__}.urge"]
    del facts.Event.kinds["service_request.urged"]
    for task in facts._reactions.pop("service_request.urged"):
        queue.tasks.pop(task.name)


@pytest.mark.usefixtures("dropped")
async def test_a_file_is_a_step(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox
) -> None:
    resident = acting(people.resident)
    leak = await resident.ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()

    assert [step["label"] for step in (await resident.read(leak))["steps"]] == ["催办"]
    assert (await resident.step(leak, "urge")).status_code == 422
    assert (await acting(people.manager).step(leak, "urge", why="急")).status_code == 403
    urged = await resident.take(leak, "urge", why="水漫金山")
    await worker.catch_up()

    assert (urged["state"], urged["summary"]) == ("assigned", "水管漏水（水漫金山）")
    assert letters.to(people.resident)[-1] == "已催办。"
    last = (await resident.timeline(leak))[-1]
    assert (last["text"], last["by"]["name"]) == ("居民催办", "李桂兰")


def test_without_the_file_there_is_no_such_step() -> None:
    assert steps.get("urge") is None
