"""Random steps by random people, against a plain table of what is allowed."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.service_requests.models import State
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People

WHO = ("resident", "neighbour", "worker", "elsewhere", "leader", "manager")
OVERSEERS = {"leader", "manager"}
STAFF = OVERSEERS | {"worker"}
FORMS: dict[str, dict[str, Any]] = {
    "complete": {"note": "好了"},
    "rate": {"score": 4},
    "reject": {"reason": "不归我们", "channel": "12345"},
}
MOVES: dict[str, tuple[set[str], str | None]] = {
    "accept": ({"submitted"}, "accepted"),
    "assign": ({"accepted", "assigned", "in_progress"}, "assigned"),
    "start": ({"assigned"}, "in_progress"),
    "complete": ({"assigned", "in_progress"}, "completed"),
    "verify": ({"completed"}, "verified"),
    "rate": ({"completed", "verified", "closed"}, None),
    "close": ({"completed", "verified"}, "closed"),
    "reject": ({"submitted", "accepted", "assigned"}, "rejected"),
}
MAY: dict[str, set[str]] = {
    "accept": STAFF,
    "assign": OVERSEERS,
    "verify": OVERSEERS,
    "rate": {"resident"},
    "close": OVERSEERS,
    "reject": OVERSEERS,
}


class Model:
    """What a request may be, by the table above alone."""

    def __init__(self) -> None:
        self.state = "submitted"
        self.assignee: str | None = None
        self.rated = False

    def expects(self, who: str, step: str, to: str) -> int:
        if who in ("neighbour", "elsewhere"):
            return 404
        takes, _ = MOVES[step]
        if self.state not in takes:
            return 409
        may = MAY.get(step, OVERSEERS | ({"worker"} if self.assignee == "worker" else set()))
        if who not in may:
            return 403
        if step == "assign" and to not in STAFF:
            return 422
        same = step == "assign" and to == self.assignee
        own = step == "verify" and who == self.assignee
        return 409 if same or own or (step == "rate" and self.rated) else 200

    def take(self, step: str, to: str) -> None:
        self.state = MOVES[step][1] or self.state
        self.assignee = to if step == "assign" else self.assignee
        self.rated = self.rated or step == "rate"


DICE = st.tuples(st.integers(0, 99), st.sampled_from(WHO), st.sampled_from(WHO))


def thrown(dice: int, state: str) -> str:
    """Any step, but mostly one that can be taken from here, so that stories get somewhere."""
    likely = [step for step, (takes, _) in MOVES.items() if state in takes]
    steps = likely if likely and dice >= 20 else list(MOVES)
    return steps[dice % len(steps)]


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(throws=st.lists(DICE, min_size=8, max_size=14))
async def test_no_sequence_of_steps_leads_where_it_may_not(
    acting: As, people: People, town: Town, throws: list[tuple[int, str, str]]
) -> None:
    model = Model()
    request = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    for dice, who, to in throws:
        step = thrown(dice, model.state)
        form = FORMS.get(step, {})
        if step == "assign":
            form = {"worker_id": str(getattr(people, to).id)}
        expected = model.expects(who, step, to)

        answer = await acting(getattr(people, who)).step(request, step, **form)

        assert answer.status_code == expected, (model.__dict__, who, step, to, answer.text)
        if expected == 200:
            model.take(step, to)
        now = await acting(people.manager).read(request)
        assert (now["state"], now["score"] is not None) == (model.state, model.rated)
        assert State(now["state"])
