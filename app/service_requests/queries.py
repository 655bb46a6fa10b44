"""Every reading of requests starts here, so that nobody reads what is not theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, text, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.core.problems import NotFound
from app.organizations.models import Member
from app.people.access import Actor
from app.places.models import ROOT
from app.service_requests.models import (
    Category,
    CoHandler,
    Follower,
    ServiceRequest,
    State,
)
from app.service_requests.permissions import CATALOGUE, OVERSEE, VIEW

_WHOLE = (
    joinedload(ServiceRequest.category, innerjoin=True),
    joinedload(ServiceRequest.reporter),
    joinedload(ServiceRequest.assignee),
    joinedload(ServiceRequest.organization),
    selectinload(ServiceRequest.photos),
    selectinload(ServiceRequest.clocks),
)


def categories_of(community_id: UUID) -> Select[Category]:
    """The kinds of matter one can report, in the order they are offered."""
    return (
        select(Category)
        .where(Category.community_id == community_id, Category.active)
        .order_by(Category.position, Category.code)
    )


async def catalogue(session: AsyncSession, community_id: UUID) -> Sequence[Category]:
    """The kinds of matter one can report, read once in a transaction however often it asks."""
    read: dict[UUID, Sequence[Category]] = session.info.setdefault("catalogue", {})
    if community_id not in read:
        read[community_id] = (await session.scalars(categories_of(community_id))).all()
    return read[community_id]


def categories_visible_to(me: Actor) -> Select[Category]:
    """The kinds of matter in use, and for who looks after the catalogue the others too."""
    all_of_them = select(Category).where(Category.community_id == me.community_id)
    return all_of_them if CATALOGUE.allows(me, at=ROOT) else all_of_them.where(Category.active)


def reported_by(me: Actor) -> ColumnElement[bool]:
    """The condition that selects what this actor reported."""
    return ServiceRequest.reporter_id == me.id if me.kind == "person" else false()


def _own(me: Actor) -> list[Select[UUID]]:
    """The ids of what concerns this person themselves, by each reason it may have."""
    mine = (Member.community_id == me.community_id, Member.person_id == me.id)
    organizations = select(Member.organization_id).where(*mine, Member.ended_at.is_(None))
    here = ServiceRequest.community_id == me.community_id
    helps = (CoHandler.community_id == me.community_id, CoHandler.ended_at.is_(None))
    reasons: list[Select[UUID]] = [
        select(ServiceRequest.id).where(here, ServiceRequest.reporter_id == me.id),
        select(Follower.request_id).where(
            Follower.community_id == me.community_id, Follower.person_id == me.id
        ),
    ]
    if me.is_staff:
        reasons += [
            select(ServiceRequest.id).where(here, ServiceRequest.assignee_id == me.id),
            select(ServiceRequest.id).where(
                here, ServiceRequest.organization_id.in_(organizations)
            ),
            select(CoHandler.request_id).where(
                *helps,
                or_(CoHandler.person_id == me.id, CoHandler.organization_id.in_(organizations)),
            ),
        ]
    return reasons


def _seen(me: Actor) -> ColumnElement[bool]:
    """The condition that selects what this actor may see.

    What concerns oneself is collected by its ids, so that few are read however many there are; a
    confidential matter is seen by who oversees its place, and not by all who work there.
    """
    open_ones = and_(ServiceRequest.confidential.is_(False), VIEW.places(me))
    of_places = or_(open_ones, and_(VIEW.places(me), OVERSEE.places(me)))
    if ROOT in OVERSEE.paths(me) and ROOT in VIEW.paths(me):
        return true()
    if me.kind != "person":
        return of_places
    own = ServiceRequest.id.in_(union_all(*_own(me)))
    return or_(of_places, own) if VIEW.paths(me) else own


def visible_to(me: Actor) -> Select[ServiceRequest]:
    """What concerns oneself, and for staff whatever concerns their place."""
    return (
        select(ServiceRequest)
        .join(ServiceRequest.place)
        .where(ServiceRequest.community_id == me.community_id, _seen(me))
        .options(contains_eager(ServiceRequest.place), *_WHOLE)
    )


async def handles(session: AsyncSession, request: ServiceRequest, me: Actor) -> bool:
    """Whether this actor sees the request because they work on it or oversee it.

    Whoever may see it and neither reported nor follows it does; so does a member of staff who
    reported it, unless it is confidential.
    """
    if VIEW.allows(me, at=request.place.path) and (
        not request.confidential or OVERSEE.allows(me, at=request.place.path)
    ):
        return True
    if me.kind != "person" or not me.is_staff:
        return False
    working = union_all(*_own(me)[2:]).subquery()
    found = select(working).where(working.c[0] == request.id)
    return await session.scalar(found.limit(1)) is not None


def of_number(me: Actor, number: int) -> Select[ServiceRequest]:
    """The request of this number, if it is there for this actor to see."""
    return visible_to(me).where(ServiceRequest.number == number)


async def whole(
    session: AsyncSession, community_id: UUID, request_id: UUID, *, lock: bool = False
) -> ServiceRequest:
    """The request with all that belongs to it, as it is now; with `lock`, until we are done.

    The lock is taken by a statement of its own: one that joins would join what it read before
    it waited.
    """
    this = (ServiceRequest.community_id == community_id, ServiceRequest.id == request_id)
    if lock:
        await session.execute(select(ServiceRequest.id).where(*this).with_for_update())
    found = await session.scalar(
        select(ServiceRequest)
        .where(*this)
        .options(joinedload(ServiceRequest.place, innerjoin=True), *_WHOLE)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def above(path: str) -> list[str]:
    """The paths of the place at this path and of all it stands in, the root first."""
    parts = path.strip("/").split("/") if path != ROOT else []
    return [ROOT, *(f"/{'/'.join(parts[: depth + 1])}/" for depth in range(len(parts)))]


@dataclass(frozen=True, slots=True)
class Brief:
    """A request in one line, for whoever reported it."""

    number: int
    category: str
    summary: str
    state: State
    filed_at: datetime
    due_at: datetime
    worker: str | None
    score: int | None


MOST_RECENT = 5
_LATEST = text(f"""
SELECT asked.n, latest.*
FROM unnest(CAST(:communities AS uuid[]), CAST(:people AS uuid[]))
    WITH ORDINALITY AS asked (community_id, person_id, n)
CROSS JOIN LATERAL (
    SELECT r.number, c.name, r.summary, r.state, r.filed_at, r.due_at, w.name AS worker, r.score
    FROM service_requests r
    JOIN service_categories c ON c.community_id = r.community_id AND c.id = r.category_id
    LEFT JOIN people w ON w.community_id = r.community_id AND w.id = r.assignee_id
    WHERE r.community_id = asked.community_id AND r.reporter_id = asked.person_id
    ORDER BY r.id DESC
    LIMIT {MOST_RECENT}
) AS latest
ORDER BY asked.n, latest.number DESC
""")  # noqa: S608 - a constant


async def latest_of(
    connection: AsyncConnection, keys: Sequence[tuple[UUID, UUID]]
) -> list[list[Brief]]:
    """For each (community, person), what they reported last, newest first, five at most."""
    asked = {
        "communities": [community_id for community_id, _ in keys],
        "people": [person_id for _, person_id in keys],
    }
    found: list[list[Brief]] = [[] for _ in keys]
    for n, number, category, summary, state, *rest in await connection.execute(_LATEST, asked):
        found[n - 1].append(Brief(number, category, summary, State(state), *rest))
    return found
