"""Ninety days of ordinary requests, told by the same verbs that people use."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from app.cli.seed.cases import CASES
from app.cli.seed.matters import MATTERS, PRAISE, REJECTIONS
from app.cli.seed.plot import Plot, Tale
from app.cli.seed.teller import Teller, ago
from app.service_requests.models import Category, ServiceRequest, VisitPolicy

REQUESTS = 40
DAYS = 90
_LATELY = 10

_STORY = ("accept", "assign", "start", "complete", "verify", "visit", "rate", "close")
_DAY = 24 * 60
_RECENT = timedelta(days=4)
_SELDOM = {"start": 0.3, "verify": 0.6, "rate": 0.3}
"""How often a step is left out that nothing hangs on."""


class History:
    """Tells what happened, one request after another."""

    def __init__(self, teller: Teller) -> None:
        self.teller, self.random = teller, teller.random

    async def _step(self, request: ServiceRequest, name: str, ended: str) -> ServiceRequest:
        form: dict[str, Any] = {}
        by = self.teller.seeded.by
        if name in ("start", "complete"):
            by = await self.teller.actor(request.assignee_id)
            form = {"note": ended} if name == "complete" else {}
        elif name in ("verify", "visit", "close"):
            by = await self.teller.staff("manager")
            form = {"resolved": True, "satisfied": True} if name == "visit" else {}
        elif name == "rate":
            by = await self.teller.actor(request.reporter_id)
            score = self.random.choices((5, 4, 3, 2), (60, 25, 10, 5))[0]
            form = {"score": score, "comment": self.random.choice(PRAISE[score])}
        return await self.teller.step(request, name, form, by=by)

    def _steps(self, category: Category, age: timedelta) -> list[str]:
        """How far it came: what is old is closed, of the last days every stage is there."""
        steps = [name for name in _STORY if self.random.random() >= _SELDOM.get(name, 0.0)]
        if category.visit_policy is not VisitPolicy.CALLED:
            steps.remove("visit")
        if age < _RECENT:
            steps = steps[: self.random.randrange(len(steps) + 1)]
        return steps

    async def _tell_one(self, age: timedelta) -> None:
        code, summary, ended = self.random.choice(MATTERS)
        resident, home = self.random.choice(self.teller.seeded.residents)
        with ago(age):
            request = await self.teller.file(resident, home, code, summary)
        for name in self._steps(request.category, age):
            age -= timedelta(minutes=self.random.randrange(5, 400))
            if age < timedelta(minutes=1):
                return
            with ago(age):
                request = await self._step(request, name, ended)

    async def _reject_one(self, age: timedelta) -> None:
        code, summary, reason, channel = self.random.choice(REJECTIONS)
        resident, home = self.random.choice(self.teller.seeded.residents)
        form = {"reason": reason, "channel": channel}
        with ago(age):
            request = await self.teller.file(resident, home, code, summary)
            by = await self.teller.staff("manager")
            await self.teller.step(request, "reject", form, by=by)

    def tales(self) -> Iterator[Tale]:
        """Each with how long ago it was reported."""
        minutes = [self.random.randrange(2, DAYS * _DAY) for _ in range(REQUESTS)]
        minutes += [self.random.randrange(2, 4 * _DAY) for _ in range(_LATELY)]
        for number, minute in enumerate(minutes):
            tell = self._reject_one if number % 12 == 0 else self._tell_one
            yield timedelta(minutes=minute), tell


async def tell_history(teller: Teller) -> None:
    """Let ninety days have passed, in the order in which things were reported."""
    plot = Plot(teller)
    tales = [*History(teller).tales(), *(plot.tale(*each) for each in enumerate(CASES))]
    for age, tell in sorted(tales, key=lambda tale: tale[0], reverse=True):
        await tell(age)
