"""Every reading of requests starts here, so that nobody reads what is not theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.core.problems import NotFound
from app.organizations.models import Member, Organization
from app.people.access import Actor
from app.places.models import ROOT
from app.service_requests.models import (
    Category,
    CoHandler,
    Petition,
    ReturnVisit,
    ServiceRequest,
    State,
)
from app.service_requests.permissions import CATALOGUE, OVERSEE, VIEW

_LISTED = (
    joinedload(ServiceRequest.category, innerjoin=True),
    joinedload(ServiceRequest.reporter),
    joinedload(ServiceRequest.assignee),
    joinedload(ServiceRequest.organization),
)
_WHOLE = (
    joinedload(ServiceRequest.category, innerjoin=True),
    joinedload(ServiceRequest.filed_under, innerjoin=True),
    joinedload(ServiceRequest.reporter),
    joinedload(ServiceRequest.assignee),
    joinedload(ServiceRequest.organization).selectinload(Organization.heads),
    selectinload(ServiceRequest.photos),
    selectinload(ServiceRequest.clocks),
    joinedload(ServiceRequest.first_handler),
    joinedload(ServiceRequest.escalated_to),
    selectinload(ServiceRequest.co_handlers).options(
        joinedload(CoHandler.person),
        joinedload(CoHandler.organization),
        selectinload(CoHandler.members),
    ),
    selectinload(ServiceRequest.followers),
    selectinload(ServiceRequest.merged_into).options(
        joinedload(ServiceRequest.place, innerjoin=True), joinedload(ServiceRequest.reporter)
    ),
    selectinload(ServiceRequest.urged),
    selectinload(ServiceRequest.visits).joinedload(ReturnVisit.by),
    selectinload(ServiceRequest.petitions).options(
        joinedload(Petition.asked_by), joinedload(Petition.decided_by)
    ),
)


def categories_of(community_id: UUID, *, internal: bool = False) -> Select[Category]:
    """The kinds of matter one can report, in the order they are offered.

    With `internal` also those that only staff file under.
    """
    offered = (
        select(Category)
        .where(Category.community_id == community_id, Category.active)
        .order_by(Category.position, Category.code)
    )
    return offered if internal else offered.where(Category.internal.is_(False))


def offered_to(me: Actor) -> Select[Category]:
    """The kinds of matter that this actor may file under: for staff also their own."""
    return categories_of(me.community_id, internal=me.is_staff)


async def catalogue(session: AsyncSession, community_id: UUID) -> Sequence[Category]:
    """The kinds of matter one can report, read once in a transaction however often it asks."""
    read: dict[UUID, Sequence[Category]] = session.info.setdefault("catalogue", {})
    if community_id not in read:
        read[community_id] = (await session.scalars(categories_of(community_id))).all()
    return read[community_id]


def categories_visible_to(me: Actor) -> Select[Category]:
    """The kinds of matter offered, for staff also their own, for who keeps them the others too."""
    all_of_them = select(Category).where(Category.community_id == me.community_id)
    if CATALOGUE.allows(me, at=ROOT):
        return all_of_them
    in_use = all_of_them.where(Category.active)
    return in_use if me.is_staff else in_use.where(Category.internal.is_(False))


def reported_by(me: Actor) -> ColumnElement[bool]:
    """The condition that selects what this actor reported."""
    return ServiceRequest.reporter_id == me.id if me.kind == "person" else false()


def _organizations_of(me: Actor) -> Select[UUID]:
    return select(Member.organization_id).where(
        Member.community_id == me.community_id,
        Member.person_id == me.id,
        Member.ended_at.is_(None),
    )


async def organizations_of(session: AsyncSession, me: Actor) -> Sequence[UUID]:
    """The organisations that this person works for."""
    if me.kind != "person" or not me.is_staff:
        return ()
    return (await session.scalars(_organizations_of(me))).all()


def helped_by(me: Actor) -> ColumnElement[bool]:
    """The condition that selects what this person works along on, or their organisation does."""
    helps = select(CoHandler.request_id).where(
        CoHandler.community_id == me.community_id,
        CoHandler.ended_at.is_(None),
        or_(
            CoHandler.person_id == me.id,
            CoHandler.organization_id.in_(_organizations_of(me)),
        ),
    )
    return ServiceRequest.id.in_(helps)


def _working(me: Actor, organizations: Sequence[UUID] | None = None) -> list[ColumnElement[bool]]:
    """The conditions that select what this member of staff has to do with, one for each reason."""
    theirs: list[ColumnElement[bool]] = (
        [ServiceRequest.organization_id.in_(_organizations_of(me))]
        if organizations is None
        else [ServiceRequest.organization_id == each for each in organizations]
    )
    return [ServiceRequest.assignee_id == me.id, helped_by(me), *theirs]


def sees_everything(me: Actor) -> bool:
    """Whether nothing of the community is hidden from this actor."""
    return ROOT in OVERSEE.paths(me) and ROOT in VIEW.paths(me)


def reasons(me: Actor, organizations: Sequence[UUID] | None = None) -> list[ColumnElement[bool]]:
    """The conditions on a request and its place, of which one holds for all this actor may see.

    Each can be answered in order by an index, which all of them together cannot; that of the
    organisations only if they are given (`organizations_of`). A confidential matter is seen by who
    oversees its place, and not by all who work there.
    """
    if sees_everything(me):
        return [true()]
    found: list[ColumnElement[bool]] = []
    if VIEW.paths(me):
        public = or_(ServiceRequest.confidential.is_(False), OVERSEE.places(me))
        found.append(and_(VIEW.places(me), public))
    if me.kind == "person":
        found.append(ServiceRequest.reporter_id == me.id)
        found += _working(me, organizations) if me.is_staff else []
    return found or [false()]


def seen_by(me: Actor) -> Select[ServiceRequest]:
    """What concerns oneself, and for staff whatever concerns their place; the rows alone."""
    return (
        select(ServiceRequest)
        .join(ServiceRequest.place)
        .where(ServiceRequest.community_id == me.community_id, or_(*reasons(me)))
    )


def visible_to(me: Actor) -> Select[ServiceRequest]:
    """The same, each with all that belongs to it."""
    return seen_by(me).options(contains_eager(ServiceRequest.place), *_WHOLE)


def listed(community_id: UUID) -> Select[ServiceRequest]:
    """Requests of a community with what a list shows of them; whose they are is not asked."""
    return (
        select(ServiceRequest)
        .where(ServiceRequest.community_id == community_id)
        .options(joinedload(ServiceRequest.place, innerjoin=True), *_LISTED)
    )


async def handles(session: AsyncSession, request: ServiceRequest, me: Actor) -> bool:
    """Whether this actor sees the request because they work on it or oversee it.

    Whoever may see it and did not report it does; so does a member of staff who reported it,
    unless it is confidential.
    """
    if VIEW.allows(me, at=request.place.path) and (
        not request.confidential or OVERSEE.allows(me, at=request.place.path)
    ):
        return True
    if me.kind != "person" or not me.is_staff:
        return False
    this = (ServiceRequest.community_id == me.community_id, ServiceRequest.id == request.id)
    found = select(ServiceRequest.id).where(*this, or_(*_working(me)))
    return await session.scalar(found) is not None


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
