"""Letting things happen at moments that have passed, by the same verbs that people use."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.seed.community import Seeded, named
from app.cli.seed.names import Invented
from app.core import clock
from app.people import access
from app.people.access import Actor
from app.people.models import Person
from app.places.models import Place
from app.service_requests import routing, workflow
from app.service_requests import service as requests
from app.service_requests.models import Category, Channel, PlaceRule, ServiceRequest

_DEPTHS = {PlaceRule.COMMUNITY: 0, PlaceRule.GRID: 2, PlaceRule.BUILDING: 3}
"""How far down the path of a home the place lies that a category is about."""


@contextmanager
def ago(past: timedelta) -> Iterator[None]:
    """Let it be so long ago."""
    clock.shift(-past)
    try:
        yield
    finally:
        clock.shift(timedelta())


class Teller:
    """Knows everybody, and acts in their name."""

    def __init__(self, session: AsyncSession, seeded: Seeded, invented: Invented) -> None:
        self.session, self.seeded, self.random = session, seeded, invented.random
        self.categories: dict[str, Category] = {}
        self._actors: dict[UUID, Actor] = {}

    async def prepare(self) -> None:
        """Read the catalogue."""
        known = select(Category).where(Category.community_id == self.seeded.community.id)
        self.categories = {each.code: each for each in await self.session.scalars(known)}

    async def actor(self, person_id: UUID | None) -> Actor:
        """Somebody as they act; nobody is the service itself."""
        if person_id is None:
            return self.seeded.by
        if person_id not in self._actors:
            community_id = self.seeded.community.id
            self._actors[person_id] = await access.person(self.session, community_id, person_id)
        return self._actors[person_id]

    async def staff(self, login: str) -> Actor:
        """Whoever signs in as this."""
        return await self.actor(named(self.seeded.staff)[login].id)

    def place_of(self, home: Place, category: Category) -> Place:
        """The place that somebody who lives here speaks of."""
        depth = _DEPTHS.get(category.place_rule)
        if depth is None:
            return home
        path = "/".join(home.path.split("/")[: depth + 1]) + "/"
        return self.seeded.places.get(path, self.seeded.root)

    async def file(
        self, resident: Person, home: Place, code: str, summary: str, *, anonymous: bool = False
    ) -> ServiceRequest:
        """Let a resident report something."""
        category = self.categories[code]
        return await requests.file(
            self.session,
            category=category,
            place=self.place_of(home, category),
            summary=summary,
            by=await self.actor(resident.id),
            reporter_id=resident.id,
            anonymous=anonymous,
            channel=Channel.WECHAT,
        )

    async def step(
        self, request: ServiceRequest, name: str, form: Mapping[str, Any], *, by: Actor
    ) -> ServiceRequest:
        """Take a step; what is assigned to nobody in particular goes to whom the rule finds."""
        if name == "assign" and not form:
            form = {"worker_id": await routing.worker_for(self.session, request)}
        return await workflow.take(self.session, request, name, form, by=by)
