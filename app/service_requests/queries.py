"""Every reading of requests starts here, so that nobody reads what is not theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.core.problems import NotFound
from app.people.access import Actor
from app.places.models import ROOT
from app.service_requests.models import Category, ServiceRequest, State
from app.service_requests.permissions import CATALOGUE, VIEW

_WHOLE = (
    joinedload(ServiceRequest.category, innerjoin=True),
    joinedload(ServiceRequest.reporter),
    joinedload(ServiceRequest.assignee),
    selectinload(ServiceRequest.photos),
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


def visible_to(me: Actor) -> Select[ServiceRequest]:
    """What one reported oneself, and for staff whatever concerns their place."""
    return (
        select(ServiceRequest)
        .join(ServiceRequest.place)
        .where(
            ServiceRequest.community_id == me.community_id,
            or_(reported_by(me), VIEW.places(me)),
        )
        .options(contains_eager(ServiceRequest.place), *_WHOLE)
    )


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
