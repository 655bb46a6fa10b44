"""Random acts of random people over days, beside a plain model: no state that may not be, every
clock as it should be, and nobody who sees what is not theirs."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.core import clock
from app.core.clock import now
from app.core.database import connect, sessions_of
from app.main import create_app
from app.people.models import Person, Role
from app.service_requests.jobs.clocks import note_all
from tests.service_requests.builders import Caller, Town, a_person, a_town
from tests.service_requests.matter import ENDED, LIMITS, STEPS, STRANGERS, Matter

T = TypeVar("T")

WHO = ("resident", "neighbour", "elsewhere", "worker", "mate", "leader", "manager")
FORMS: dict[str, dict[str, Any]] = {
    "complete": {"note": "好了"},
    "rate": {"score": 4},
    "reject": {"reason": "不归我们", "channel": "12345"},
    "suspend": {"reason": "等配件"},
    "ask-extension": {"extra": "24h", "reason": "配件未到"},
    "return": {"reason": "不归我管"},
    "transfer": {"reason": "他更熟悉"},
    "reopen": {"reason": "又漏了"},
    "supervise": {"text": "请抓紧"},
    "log-effort": {"minutes": 30},
}
NAMING = {"assign": "worker_id", "transfer": "worker_id"}
INTERNAL = {
    "service_request.noted",
    "service_request.return_asked",
    "service_request.return_decided",
    "service_request.extension_asked",
    "service_request.extension_decided",
    "service_request.supervised",
    "service_request.effort_logged",
    "service_request.clock_breached",
    "service_request.clock_warned",
}
RARE = frozenset({"withdraw", "reject", "log-effort", "supervise"})
"""Steps that end a story, or that can be taken so often that nothing else would be."""
SOON = timedelta(seconds=45)
"""By so much may the service's now differ from the model's."""
WAITS = st.sampled_from(
    [
        timedelta(minutes=43, seconds=11),
        timedelta(hours=5, minutes=17),
        timedelta(hours=13, minutes=7),
        timedelta(hours=31, minutes=23),
        timedelta(days=16, minutes=11),
    ]
)
DICE = st.integers(0, 999)
SOMEBODY = st.sampled_from(WHO)


class Stage:
    """The service, and a loop to reach it by from rules that are not coroutines."""

    def __init__(self, database: str) -> None:
        self.runner = asyncio.Runner()
        self.engine = connect(database, pool_size=4)
        self.sessions = sessions_of(self.engine)
        self.web = create_app(self.engine)
        transport = httpx.ASGITransport(self.web)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://palm.test")
        self.towns = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def close(self) -> None:
        await self.http.aclose()
        await self.web.state.desk.close()
        await self.engine.dispose()


@contextmanager
def a_stage(database: str) -> Iterator[Stage]:
    stage = Stage(database)
    try:
        yield stage
    finally:
        stage.run(stage.close())
        stage.runner.close()


class Acts(RuleBasedStateMachine):
    """One request, and everybody who has or has not to do with it."""

    stage: Stage

    @initialize()
    def file(self) -> None:
        clock.shift(timedelta())
        self.waited = timedelta()
        self.stage.towns += 1
        self.stage.run(self._file())
        self.matter = Matter()

    async def _file(self) -> None:
        async with self.stage.sessions.begin() as session:
            self.town = await a_town(session, f"t{self.stage.towns}")
            foreign = await a_town(session, f"f{self.stage.towns}", catalogue=False)
            self.people = {
                "resident": await a_person(session, self.town, "李桂兰"),
                "neighbour": await a_person(session, self.town, "赵敏"),
                "elsewhere": await a_person(
                    session, self.town, "孙磊", Role.GRID_WORKER, at="/A1/G2/"
                ),
                "worker": await a_person(
                    session, self.town, "王强", Role.GRID_WORKER, at="/A1/G1/"
                ),
                "mate": await a_person(session, self.town, "钱进", Role.GRID_WORKER, at="/A1/G1/"),
                "leader": await a_person(session, self.town, "陈书记", Role.LEADER, at="/A1/"),
                "manager": await a_person(session, self.town, "周主任", Role.MANAGER),
            }
            stranger = await a_person(session, foreign, "外人", Role.MANAGER)
        self.callers = {
            name: self._caller(self.town, person) for name, person in self.people.items()
        }
        self.callers["foreigner"] = self._caller(foreign, stranger)
        limits = {
            "answer_limit": f"{LIMITS['first_answer'].total_seconds() / 3600:.0f}h",
            "update_limit": f"{LIMITS['next_update'].total_seconds() / 3600:.0f}h",
            "resolve_limit": f"{LIMITS['resolution'].total_seconds() / 3600:.0f}h",
        }
        patched = await self.callers["manager"].patch("/service-categories/other", limits)
        assert patched.status_code == 200, patched.text
        self.request = await self.callers["resident"].ask(
            category="other", place_id=str(self.town.home.id), summary="一件怪事"
        )

    def _caller(self, town: Town, person: Person) -> Caller:
        return Caller(self.stage.http, town.tokens[person.id])

    @rule(acts=st.lists(st.tuples(SOMEBODY, SOMEBODY, DICE, st.booleans()), min_size=2, max_size=5))
    def act(self, acts: list[tuple[str, str, int, bool]]) -> None:
        """Some people take steps: any, but mostly such as can be taken from here."""
        for who, to, dice, good in acts:
            self._act(who, to, dice, good=good)

    def _act(self, who: str, to: str, dice: int, *, good: bool) -> None:
        who, step = self._likely(who, to, dice)
        form = dict(FORMS.get(step, {}))
        if step in NAMING:
            form[NAMING[step]] = str(self.people[to].id)
        if step.startswith("decide-"):
            form |= {"granted": good, "answer": "知道了"}
        if step in {"visit", "judge"}:
            form |= {"resolved": good, "satisfied": good}
        possible = who not in STRANGERS and self.matter.allows(who, step, to)

        answer = self.stage.run(self.callers[who].step(self.request, step, **form))

        seen = (self.matter.__dict__, who, step, to, answer.text)
        assert (answer.status_code == 200) == possible, seen
        if who in STRANGERS:
            assert answer.status_code == 404, seen
        elif not possible:
            assert answer.status_code in {403, 409, 422, 429}, seen
        else:
            self.matter.take(who, step, to, good=good)
        self.it_is_where_it_should_be()

    def _likely(self, who: str, to: str, dice: int) -> tuple[str, str]:
        can = [
            (each, step)
            for each in WHO
            if each not in STRANGERS
            for step in STEPS
            if (step not in RARE or dice % 10 == 0) and self.matter.allows(each, step, to)
        ]
        return can[dice % len(can)] if can and dice % 5 else (who, STEPS[dice % len(STEPS)])

    @rule(who=st.sampled_from(WHO), internal=st.booleans())
    def write(self, who: str, internal: bool) -> None:
        """Somebody adds words; only those of staff to everybody answer."""
        remark = {"text": "记一笔", "internal": internal}
        path = f"/service-requests/{self.request['id']}/remarks"
        answer = self.stage.run(self.callers[who].post(path, remark))
        staff = who not in STRANGERS and who != "resident"
        if who in STRANGERS:
            expected = 404
        elif internal:
            expected = 201 if staff else 403
        else:
            expected = 409 if self.matter.state in ENDED else 201
        assert answer.status_code == expected, (self.matter.__dict__, who, answer.text)
        if expected == 201 and staff and not internal:
            self.matter.answered()

    @rule(time=WAITS)
    def wait(self, time: timedelta) -> None:
        """Time passes, and the job of the minute runs."""
        self.waited += time
        clock.shift(self.waited)
        self.stage.run(note_all(self.stage.sessions))
        self.matter.tick()

    @invariant()
    def it_is_where_it_should_be(self) -> None:
        if not hasattr(self, "matter"):
            return
        found = self.stage.run(self.callers["manager"].read(self.request))
        assignee = self.people[self.matter.assignee].name if self.matter.assignee else None
        assert found["state"] == self.matter.state
        assert (found["assignee"] or {"name": None})["name"] == assignee
        assert found["round"] == self.matter.round
        assert bool(found["suspended_at"]) == self.matter.suspended
        assert (found["score"] is not None) == self.matter.rated
        offered = {step["name"] for step in found["steps"]} & set(STEPS)
        named = {step for step in STEPS if self._somehow("manager", step)}
        assert offered == named
        self._clocks_agree(found)

    def _somehow(self, who: str, step: str) -> bool:
        return any(self.matter.allows(who, step, to) for to in WHO)

    def _clocks_agree(self, found: dict[str, Any]) -> None:
        shown = {(each["kind"], each["round"]): each for each in found["clocks"]}
        assert len(shown) == len(self.matter.clocks)
        for expected in self.matter.clocks:
            each = shown[expected.kind, expected.round]
            assert each["state"] == expected.state, (expected, each, now())
            if expected.left is None:
                assert abs(datetime.fromisoformat(each["due_at"]) - expected.due) < SOON
        last = max(each["round"] for each in found["clocks"] if each["kind"] == "resolution")
        if not self.matter.suspended:
            assert found["due_at"] == shown["resolution", last]["due_at"]

    def teardown(self) -> None:
        """However it went, nobody has seen what is not theirs."""
        if not hasattr(self, "matter"):
            return
        for who in sorted(STRANGERS):
            answer = self.stage.run(
                self.callers[who].get(f"/service-requests/{self.request['id']}")
            )
            assert answer.status_code == 404
            listed = self.stage.run(self.callers[who].get("/service-requests")).json()["items"]
            assert listed == []
        entries = self.stage.run(self.callers["resident"].timeline(self.request))
        assert not {entry["kind"] for entry in entries} & INTERNAL


def test_whatever_people_do_the_rules_hold(database: str) -> None:
    with a_stage(database) as stage:
        machine = type("Machine", (Acts,), {"stage": stage})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=4,
                stateful_step_count=12,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
