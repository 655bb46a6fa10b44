"""Ninety days of requests, in every state, told by the same verbs that people use."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.seed.community import Seeded
from app.cli.seed.matters import MATTERS, PRAISE, REJECTIONS
from app.cli.seed.names import Invented
from app.core import clock
from app.people import access
from app.people.access import Actor
from app.people.models import Person
from app.places.models import Place
from app.service_requests import routing, workflow
from app.service_requests import service as requests
from app.service_requests.catalogue import install_catalogue
from app.service_requests.models import Category, Channel, ServiceRequest

REQUESTS = 180
DAYS = 90

_STORY = ("accept", "assign", "start", "complete", "verify", "visit", "rate", "close")
_RECENT = timedelta(days=4)
_UNRATED = 0.3


@contextmanager
def _ago(past: timedelta) -> Iterator[None]:
    clock.shift(-past)
    try:
        yield
    finally:
        clock.shift(timedelta())


class History:
    """Tells what happened, one request after another."""

    def __init__(self, session: AsyncSession, seeded: Seeded, invented: Invented) -> None:
        self.session, self.seeded, self.random = session, seeded, invented.random
        self.actors: dict[object, Actor] = {}
        self.categories: dict[str, Category] = {}

    async def _actor(self, person_id: Any) -> Actor:
        if person_id not in self.actors:
            community_id = self.seeded.community.id
            self.actors[person_id] = await access.person(self.session, community_id, person_id)
        return self.actors[person_id]

    async def _file(self, resident: Person, home: Place, code: str, summary: str) -> ServiceRequest:
        return await requests.file(
            self.session,
            category=self.categories[code],
            place=home,
            summary=summary,
            by=await self._actor(resident.id),
            reporter_id=resident.id,
            channel=Channel.WECHAT,
        )

    async def _step(self, request: ServiceRequest, name: str, ended: str) -> ServiceRequest:
        form: dict[str, Any] = {}
        by = self.seeded.by
        if name == "assign":
            form = {"worker_id": await routing.worker_for(self.session, request)}
        elif name in ("start", "complete"):
            by = await self._actor(request.assignee_id)
            form = {"note": ended} if name == "complete" else {}
        elif name in ("verify", "visit", "close"):
            by = await self._actor(self.seeded.staff[1][0].id)
            form = {"resolved": True, "satisfied": True} if name == "visit" else {}
        elif name == "rate":
            by = await self._actor(request.reporter_id)
            score = self.random.choices((5, 4, 3, 2), (60, 25, 10, 5))[0]
            form = {"score": score, "comment": self.random.choice(PRAISE[score])}
        return await workflow.take(self.session, request, name, form, by=by)

    def _steps(self, age: timedelta) -> list[str]:
        """How far it came: what is old is closed, of the last days every stage is there."""
        steps = list(_STORY)
        if age < _RECENT:
            steps = steps[: self.random.randrange(len(steps) + 1)]
        if "close" in steps and self.random.random() < _UNRATED:
            steps.remove("rate")
        return steps

    async def _tell_one(self, age: timedelta) -> None:
        code, summary, ended = self.random.choice(MATTERS)
        resident, home = self.random.choice(self.seeded.residents)
        with _ago(age):
            request = await self._file(resident, home, code, summary)
        for name in self._steps(age):
            age -= timedelta(minutes=self.random.randrange(5, 400))
            if age < timedelta(minutes=1):
                return
            with _ago(age):
                request = await self._step(request, name, ended)

    async def _reject_one(self, age: timedelta, number: int) -> None:
        code, summary, reason, channel = REJECTIONS[number % len(REJECTIONS)]
        resident, home = self.random.choice(self.seeded.residents)
        with _ago(age):
            request = await self._file(resident, home, code, summary)
            await workflow.take(
                self.session,
                request,
                "reject",
                {"reason": reason, "channel": channel},
                by=await self._actor(self.seeded.staff[1][0].id),
            )

    async def tell(self) -> None:
        """All of it, in the order in which it was reported."""
        community_id = self.seeded.community.id
        await install_catalogue(self.session, community_id, by=self.seeded.by)
        known = select(Category).where(Category.community_id == community_id)
        self.categories = {each.code: each for each in await self.session.scalars(known)}
        minutes = sorted(
            (self.random.randrange(2, DAYS * 24 * 60) for _ in range(REQUESTS)), reverse=True
        )
        recent = sorted((self.random.randrange(2, 4 * 24 * 60) for _ in range(24)), reverse=True)
        for number, minute in enumerate(sorted([*minutes, *recent], reverse=True)):
            age = timedelta(minutes=minute)
            if number % 20 == 0:
                await self._reject_one(age, number)
            else:
                await self._tell_one(age)


async def tell_history(session: AsyncSession, seeded: Seeded, invented: Invented) -> None:
    """Let ninety days have passed; nobody is told now of what happened then."""
    await History(session, seeded, invented).tell()
    past = "DELETE FROM procrastinate_jobs WHERE args->>'community_id' = :community"
    await session.execute(text(past), {"community": str(seeded.community.id)})
