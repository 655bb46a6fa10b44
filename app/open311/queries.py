"""Which requests a caller of GeoReport may see: what is public, and what a program knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from app.core.facts import Fact
from app.open311.callers import Caller
from app.open311.models import Filing
from app.people.access import Actor
from app.service_requests import queries
from app.service_requests.models import Category, Origin, ServiceRequest


@dataclass(frozen=True, slots=True)
class Found:
    """A request, and whether the caller may know all of it or what everybody may."""

    request: ServiceRequest
    known: bool


def _everybodys(community_id: UUID) -> Select[UUID]:
    """The ids of what is shown to all: a visit to somebody at home never is."""
    return (
        select(ServiceRequest.id)
        .join(ServiceRequest.category)
        .where(
            ServiceRequest.community_id == community_id,
            Category.public,
            ServiceRequest.confidential.is_(False),
            ServiceRequest.origin != Origin.PLAN,
        )
    )


def _of_its_place(program: Actor) -> Select[UUID]:
    return queries.visible_to(program).with_only_columns(ServiceRequest.id)


def _filed_by(program: Actor) -> Select[UUID]:
    return (
        select(ServiceRequest.id)
        .join(
            Filing,
            (Filing.community_id == ServiceRequest.community_id)
            & (Filing.request_id == ServiceRequest.id),
        )
        .where(Filing.community_id == program.community_id, Filing.client_id == program.id)
    )


async def find(
    session: AsyncSession,
    caller: Caller,
    *conditions: ColumnElement[bool],
    limit: int,
    offset: int = 0,
) -> list[Found]:
    """The requests that the caller sees and that meet these conditions, newest first.

    Each reason to see one is asked for its newest by itself, so that none reads all there is.
    """
    reasons = [(_everybodys(caller.community.id), False)]
    if caller.program:
        reasons += [(_of_its_place(caller.program), True), (_filed_by(caller.program), True)]
    newest = ServiceRequest.filed_at.desc(), ServiceRequest.id.desc()
    each = [
        ids.add_columns(ServiceRequest.filed_at, literal(known).label("known"))
        .where(*conditions)
        .order_by(*newest)
        .limit(limit + offset)
        .subquery()
        for ids, known in reasons
    ]
    seen = union_all(*(select(one) for one in each)).subquery()
    page = (
        select(seen.c.id, func.bool_or(seen.c.known).label("known"))
        .group_by(seen.c.id, seen.c.filed_at)
        .order_by(seen.c.filed_at.desc(), seen.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    known = {row.id: row.known for row in await session.execute(page)}
    return await _loaded(session, caller.community.id, known)


async def _loaded(
    session: AsyncSession, community_id: UUID, known: dict[UUID, bool]
) -> list[Found]:
    rows = (
        select(ServiceRequest)
        .where(ServiceRequest.community_id == community_id, ServiceRequest.id.in_(known))
        .options(
            joinedload(ServiceRequest.category, innerjoin=True),
            joinedload(ServiceRequest.place, innerjoin=True),
            joinedload(ServiceRequest.organization),
            selectinload(ServiceRequest.photos),
        )
    )
    found = {request.id: request for request in await session.scalars(rows)}
    return [Found(found[key], known[key]) for key in known if key in found]


async def latest_facts(
    session: AsyncSession,
    program: Actor,
    kinds: Sequence[str],
    *,
    since: UUID,
    start: datetime,
    end: datetime,
    limit: int,
    offset: int,
) -> Sequence[Fact]:
    """What others did in this time to the requests that a program knows, oldest first.

    `since` is an id that none of these facts lies before: what is older need not be read.
    """
    of_this = (Fact.community_id == ServiceRequest.community_id) & (
        Fact.subject_id == ServiceRequest.id
    )
    wanted = (
        Fact.id >= since,
        Fact.at.between(start, end),
        Fact.kind.in_(kinds),
        Fact.actor_id.is_distinct_from(program.id),
    )
    ids = [
        known.with_only_columns(Fact.id)
        .join(Fact, of_this)
        .where(*wanted)
        .order_by(Fact.id)
        .limit(limit + offset)
        .subquery()
        for known in (_of_its_place(program), _filed_by(program))
    ]
    page = (
        select(Fact)
        .where(
            Fact.community_id == program.community_id,
            Fact.id.in_(union_all(*(select(one) for one in ids))),
        )
        .order_by(Fact.id)
        .limit(limit)
        .offset(offset)
    )
    return (await session.scalars(page)).all()
