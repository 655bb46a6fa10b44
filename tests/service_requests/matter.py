"""A request as the rules alone would have it: who may do what, and how its clocks stand.

Nothing of the service is used here but the time of day; the random acts of `test_random_acts` are
compared with it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.clock import now

WORKERS = frozenset({"worker", "mate"})
OVERSEERS = frozenset({"leader", "manager"})
STAFF = WORKERS | OVERSEERS
STRANGERS = frozenset({"neighbour", "elsewhere", "foreigner"})
UNDONE = frozenset({"submitted", "accepted", "assigned", "in_progress"})
AT_WORK = frozenset({"assigned", "in_progress"})
FINISHED = frozenset({"completed", "verified"})
TELLS = frozenset(
    {
        *("accept", "assign", "transfer", "start", "complete", "suspend"),
        *("resume", "reject", "verify", "close", "reopen"),
    }
)
"""Steps of which the reporter is told, so that they answer."""
LIMITS = {
    "first_answer": timedelta(hours=2),
    "next_update": timedelta(hours=12),
    "resolution": timedelta(hours=48),
}
EXTRA = timedelta(hours=24)
URGES, GAP = 3, timedelta(days=1)
REOPENS_WITHIN = timedelta(days=15)


@dataclass
class Clock:
    """One round of one clock."""

    kind: str
    round: int
    due: datetime
    left: timedelta | None = None
    stopped: bool = False
    cancelled: bool = False
    breached: bool = False

    @property
    def state(self) -> str:
        if self.breached:
            return "breached"
        if self.cancelled:
            return "cancelled"
        if self.stopped:
            return "met"
        return "running" if self.left is None else "paused"


@dataclass
class Matter:
    """One request."""

    state: str = "submitted"
    assignee: str | None = None
    suspended: bool = False
    round: int = 1
    rated: bool = False
    visited: bool = False
    spoilt: int = 0
    closed: datetime | None = None
    escalated: str | None = None
    extension: str | None = None
    returning: str | None = None
    refused: set[str] = field(default_factory=set)
    urged: list[datetime] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begin("first_answer")
        self._begin("resolution")

    # --- who may do what

    def allows(self, who: str, step: str, to: str) -> bool:
        """Whether this step succeeds when taken now; `to` is whom it names."""
        if self.suspended and step not in _WHILE_SUSPENDED:
            return False
        rule = getattr(self, "_" + step.replace("-", "_"))
        return bool(rule(who, to))

    def _mine(self, who: str) -> bool:
        return who in OVERSEERS or (who in STAFF and who == self.assignee)

    def _accept(self, who: str, _to: str) -> bool:
        return self.state == "submitted" and who in STAFF

    def _assign(self, who: str, to: str) -> bool:
        fits = self.state in {"accepted", *AT_WORK} and who in OVERSEERS
        return fits and to in STAFF and to != self.assignee

    def _transfer(self, who: str, to: str) -> bool:
        fits = self.state in AT_WORK and who == self.assignee
        return fits and to in STAFF and to != self.assignee

    def _start(self, who: str, _to: str) -> bool:
        return self.state == "assigned" and self._mine(who)

    def _complete(self, who: str, _to: str) -> bool:
        return self.state in AT_WORK and self._mine(who)

    _suspend = _complete

    def _resume(self, who: str, _to: str) -> bool:
        return self.suspended and self._mine(who)

    def _ask_extension(self, who: str, _to: str) -> bool:
        return self.state in AT_WORK and self._mine(who) and self.extension is None

    def _decide_extension(self, who: str, _to: str) -> bool:
        fits = self.state in AT_WORK and who in OVERSEERS and self.extension is not None
        return fits and who not in {self.extension, self.assignee}

    def _return(self, who: str, _to: str) -> bool:
        fits = self.state in AT_WORK and who == self.assignee
        return fits and self.returning is None and who not in self.refused

    def _decide_return(self, who: str, _to: str) -> bool:
        fits = self.state in AT_WORK and who in OVERSEERS
        return fits and self.returning is not None and who != self.returning

    def _reject(self, who: str, _to: str) -> bool:
        return self.state in {"submitted", "accepted", "assigned"} and who in OVERSEERS

    def _verify(self, who: str, _to: str) -> bool:
        return self.state == "completed" and who in OVERSEERS and who != self.assignee

    def _visit(self, who: str, _to: str) -> bool:
        fits = self.state in FINISHED and who in STAFF and who != self.assignee
        return fits and not self.visited

    def _judge(self, who: str, _to: str) -> bool:
        fits = self.state in {*FINISHED, "closed"} and who == "resident"
        return fits and not self.visited and self._lately()

    def _close(self, who: str, _to: str) -> bool:
        return self.state in FINISHED and who in OVERSEERS

    def _rate(self, who: str, _to: str) -> bool:
        return self.state in {*FINISHED, "closed"} and who == "resident" and not self.rated

    def _reopen(self, who: str, _to: str) -> bool:
        own = who == "resident" and self.state == "closed" and self._lately()
        return own or (self.state in {"closed", "rejected"} and who in OVERSEERS)

    def _urge(self, who: str, _to: str) -> bool:
        soon = bool(self.urged) and now() < self.urged[-1] + GAP
        return self.state in UNDONE and who == "resident" and len(self.urged) < URGES and not soon

    def _withdraw(self, who: str, _to: str) -> bool:
        return self.state in UNDONE and who == "resident"

    def _supervise(self, who: str, _to: str) -> bool:
        return self.state in UNDONE and who in OVERSEERS

    def _log_effort(self, who: str, _to: str) -> bool:
        return self.state != "submitted" and who in STAFF

    def _lately(self) -> bool:
        return self.closed is None or now() <= self.closed + REOPENS_WITHIN

    # --- what follows

    def take(self, who: str, step: str, to: str, *, good: bool) -> None:
        """Let the step have happened; `good` is what was decided or found."""
        before = self.state
        self._change(who, step, to, good=good)
        own = who == "resident"
        told = step in TELLS and not own
        if step == "decide-extension" and good:
            self._extend()
            told = True
        if told:
            self.answered()
        if before in UNDONE and self.state not in UNDONE:
            self._finish(met=self.state != "withdrawn")
        if before not in UNDONE and self.state in UNDONE:
            self._restart()

    def _change(self, who: str, step: str, to: str, *, good: bool) -> None:
        if step in {"reject", "withdraw", "resume"}:
            self._go_on()
        self.state = _LEADS.get(step, self.state)
        if self.state in ENDED and step in _LEADS:
            self.closed = now()
        match step:
            case "assign" | "transfer":
                self.assignee, self.returning = to, None
            case "rate":
                self.rated = True
            case "urge":
                self.urged.append(now())
            case "suspend":
                self._pause()
            case "decide-return":
                self._decided(granted=good)
            case "visit" | "judge":
                self._judged(good=good)
            case "reopen":
                self._again(self.assignee)
            case _:
                self._ask(who, step)

    def _ask(self, who: str, step: str) -> None:
        match step:
            case "ask-extension":
                self.extension = who
            case "decide-extension":
                self.extension = None
            case "return":
                self.returning = who

    def _decided(self, *, granted: bool) -> None:
        asked, self.returning = self.returning, None
        if granted:
            self.state, self.assignee = "accepted", None
        elif asked:
            self.refused.add(asked)

    def _judged(self, *, good: bool) -> None:
        self.visited = True
        spoilt, self.spoilt = self.spoilt, self.spoilt + (not good)
        if good or spoilt > 1:
            return
        above = self._next_above() if spoilt == 1 else None
        self.escalated = above or self.escalated
        self._again(above or self.assignee)

    def _next_above(self) -> str | None:
        charged = {self.assignee, self.escalated}
        return next((each for each in ("leader", "manager") if each not in charged), None)

    def _again(self, worker: str | None) -> None:
        self.round += 1
        self.rated = self.visited = False
        self.closed = self.extension = None
        self.assignee = worker
        self.state = "assigned" if worker else "accepted"

    # --- the clocks

    def tick(self) -> None:
        """Notice what has run out by now."""
        for clock in self._open():
            if clock.left is None and clock.due < now():
                clock.breached = True

    def _open(self) -> list[Clock]:
        return [clock for clock in self.clocks if not clock.stopped]

    def _begin(self, kind: str, due: datetime | None = None) -> None:
        rounds = sum(clock.kind == kind for clock in self.clocks)
        made = Clock(kind, rounds + 1, due or now() + LIMITS[kind])
        if self.suspended:
            made.left = made.due - now()
        self.clocks.append(made)

    def answered(self) -> None:
        """Somebody of staff told the reporter something."""
        self.tick()
        for clock in self._open():
            if clock.kind != "resolution":
                clock.stopped = True
        if self.state in UNDONE:
            self._begin("next_update")

    def _pause(self) -> None:
        self.tick()
        self.suspended = True
        for clock in self._open():
            if not clock.breached:
                clock.left = clock.due - now()

    def _go_on(self) -> None:
        self.suspended = False
        for clock in self._open():
            if clock.left is not None:
                clock.due, clock.left = now() + clock.left, None

    def _extend(self) -> None:
        self.tick()
        clock = next(each for each in self._open() if each.kind == "resolution")
        if clock.breached:
            clock.stopped = True
            self._begin("resolution", now() + EXTRA)
        elif clock.left is None:
            clock.due += EXTRA
        else:
            clock.left += EXTRA

    def _finish(self, *, met: bool) -> None:
        self.tick()
        for clock in self._open():
            clock.stopped, clock.cancelled = True, not met and not clock.breached

    def _restart(self) -> None:
        self._begin("resolution")
        if not any(clock.kind == "next_update" for clock in self._open()):
            self._begin("next_update")


_LEADS = {
    "accept": "accepted",
    "assign": "assigned",
    "transfer": "assigned",
    "start": "in_progress",
    "complete": "completed",
    "verify": "verified",
    "close": "closed",
    "reject": "rejected",
    "withdraw": "withdrawn",
}
_WHILE_SUSPENDED = frozenset(
    {"resume", "reject", "withdraw", "urge", "supervise", "decide-extension", "log-effort"}
)
ENDED = frozenset({"closed", "rejected", "withdrawn"})
STEPS = (
    *("accept", "assign", "transfer", "start", "complete", "suspend", "resume"),
    *("ask-extension", "decide-extension", "return", "decide-return", "reject", "verify"),
    *("visit", "judge", "close", "rate", "reopen", "urge", "withdraw", "supervise", "log-effort"),
)
