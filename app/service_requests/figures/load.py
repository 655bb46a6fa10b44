"""How much there is to do, for how long it has waited, and what it cost."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.organizations.models import Organization
from app.people.models import Person
from app.places.models import ROOT, Place, inside
from app.service_requests.figures.tallies import Scope
from app.service_requests.models import UNDONE, Effort, Origin, ServiceRequest

Request = ServiceRequest

AGES = (1, 3, 7, 15)
"""Days: up to one, up to three, up to seven, up to fifteen, and more."""


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody has to do; `ages` counts by days since filing, see `AGES`."""

    worker_id: UUID | None
    worker: str | None
    undone: int
    overdue: int
    suspended: int
    ages: list[int]


@dataclass(frozen=True, slots=True)
class Cost:
    """What was spent on the requests of one origin."""

    origin: Origin
    organization_id: UUID | None
    organization: str | None
    requests: int
    minutes: int


def _ages() -> list[ColumnElement[int]]:
    edges = [now() - timedelta(days=days) for days in AGES]
    newer = [Request.filed_at > edge for edge in edges]
    older = [Request.filed_at <= edge for edge in edges]
    bands = [
        newer[0],
        *(older[n] & newer[n + 1] for n in range(len(AGES) - 1)),
        older[-1],
    ]
    return [func.count().filter(band) for band in bands]


def _here(community_id: UUID, path: str) -> list[ColumnElement[bool]]:
    here: list[ColumnElement[bool]] = [Request.community_id == community_id]
    if path != ROOT:
        places = select(Place.id).where(Place.community_id == community_id, inside(path))
        here.append(Request.place_id.in_(places))
    return here


async def load(session: AsyncSession, community_id: UUID, path: str) -> list[Load]:
    """What is to be done within the place, for each worker; most first, nobody's among them."""
    counted = (
        select(
            Request.assignee_id,
            func.count(),
            func.count().filter(Request.due_at < now()),
            func.count().filter(Request.suspended_at.is_not(None)),
            *_ages(),
        )
        .where(*_here(community_id, path), Request.state.in_(UNDONE))
        .group_by(Request.assignee_id)
    )
    found = (await session.execute(counted)).all()
    ids = [row[0] for row in found if row[0]]
    known = select(Person.id, Person.name).where(
        Person.community_id == community_id, Person.id.in_(ids)
    )
    names: dict[Any, str | None] = {each.id: each.name for each in await session.execute(known)}
    loads = [Load(row[0], names.get(row[0]), *row[1:4], list(row[4:])) for row in found]
    return sorted(loads, key=lambda each: (-each.undone, each.worker or ""))


async def costs(session: AsyncSession, scope: Scope) -> list[Cost]:
    """The time written down in the period, by where the wish for the work came from."""
    begins, ends = scope.period
    spent = (
        select(
            Request.origin,
            Request.origin_organization_id,
            Organization.name,
            func.count(Request.id.distinct()),
            func.sum(Effort.minutes),
        )
        .join(
            Request,
            (Request.community_id == Effort.community_id) & (Request.id == Effort.request_id),
        )
        .outerjoin(
            Organization,
            (Organization.community_id == Request.community_id)
            & (Organization.id == Request.origin_organization_id),
        )
        .where(
            Effort.community_id == scope.community_id,
            Effort.at >= begins,
            Effort.at < ends,
            *_here(scope.community_id, scope.path),
        )
        .group_by(Request.origin, Request.origin_organization_id, Organization.name)
        .order_by(func.sum(Effort.minutes).desc())
    )
    return [Cost(*row) for row in await session.execute(spent)]
