"""Who else a request concerns: neighbours who said "me too", and reporters of merged requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, cast, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.core.clock import CHINA
from app.core.database import existing
from app.core.facts import Fact, record
from app.core.ids import new_id
from app.core.problems import NotFound
from app.people.access import Actor
from app.places.models import ROOT
from app.service_requests import duplicates, queries
from app.service_requests.events import (
    RequestAmended,
    RequestCompleted,
    RequestFollowed,
    RequestSuspended,
    RequestUnfollowed,
)
from app.service_requests.models import (
    ENDED,
    Category,
    Follower,
    Remark,
    ServiceRequest,
    State,
)
from app.service_requests.permissions import FOLLOW
from app.service_requests.problems import AlreadyFollowing, RequestClosed

_TOLD = (RequestAmended.kind, RequestCompleted.kind, RequestSuspended.kind)
"""What staff say by these is said to everybody concerned."""


@dataclass(frozen=True, slots=True)
class Update:
    """What staff said about a request, and when."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Followed:
    """A request as who follows it sees it: without who reported it, from where, in what words."""

    number: int
    state: State
    category: Category
    building: str
    filed_on: date
    due_at: datetime
    suspended_reason: str | None
    outcome: str | None
    reason: str | None
    right_channel: str | None
    reports: int
    merged_from: int | None
    """The number of one's own request, if that was merged into this one."""
    followed_at: datetime
    updates: list[Update] = field(default_factory=list)


async def followers(session: AsyncSession, request: ServiceRequest) -> Sequence[Follower]:
    """Who is told of a request besides its reporter, in the order in which they came.

    Of what became confidential only those are told who reported it themselves.
    """
    rows = select(Follower).where(
        Follower.community_id == request.community_id, Follower.request_id == request.id
    )
    if request.reporter_id:
        rows = rows.where(Follower.person_id != request.reporter_id)
    if request.confidential:
        rows = rows.where(Follower.merged_from_id.is_not(None))
    return (await session.scalars(rows.order_by(Follower.id))).all()


def _request_of_follower() -> ColumnElement[bool]:
    return and_(
        ServiceRequest.community_id == Follower.community_id,
        ServiceRequest.id == Follower.request_id,
    )


async def _known(session: AsyncSession, number: int, by: Actor) -> ServiceRequest:
    """The request of this number, locked, if one reported it or knows of it as a neighbour."""
    known = or_(await duplicates.known_to(session, by), queries.reported_by(by))
    found = await session.scalar(
        select(ServiceRequest)
        .join(ServiceRequest.place)
        .join(ServiceRequest.category)
        .where(
            ServiceRequest.community_id == by.community_id,
            ServiceRequest.number == number,
            known,
        )
        .with_for_update(of=ServiceRequest)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


async def follow(session: AsyncSession, number: int, *, by: Actor) -> Follower:
    """Say that one has the same matter, to be told of its progress like whoever reported it.

    Raises `Forbidden` for programs, `NotFound` for what a neighbour may not know of,
    `RequestClosed` once it is over, and `AlreadyFollowing` for one's own matter as well.
    """
    FOLLOW.demand(by, at=ROOT)
    request = await _known(session, number, by)
    if request.reporter_id == by.id:
        raise AlreadyFollowing
    if request.state in ENDED:
        raise RequestClosed
    row = insert(Follower).values(
        community_id=by.community_id, id=new_id(), request_id=request.id, person_id=by.id
    )
    once = row.on_conflict_do_nothing().returning(Follower)
    follower = await session.scalar(once)
    if follower is None:
        raise AlreadyFollowing
    followed = RequestFollowed(request_id=request.id, follower_id=follower.id)
    await record(session, followed, by=by)
    return follower


def followed_by(me: Actor) -> Select[Follower]:
    """Where this actor stands as a follower; not in what became confidential."""
    return (
        select(Follower)
        .join(ServiceRequest, _request_of_follower())
        .where(
            Follower.community_id == me.community_id,
            Follower.person_id == me.id,
            or_(ServiceRequest.confidential.is_(False), Follower.merged_from_id.is_not(None)),
        )
    )


async def unfollow(session: AsyncSession, number: int, *, by: Actor) -> None:
    """Hear no more of a request that one follows; `NotFound` when one does not."""
    FOLLOW.demand(by, at=ROOT)
    mine = followed_by(by).where(ServiceRequest.number == number)
    follower = await existing(session, mine.with_for_update(of=Follower))
    await session.delete(follower)
    await session.flush()
    nameless = Actor(by.community_id, "anonymous", None)
    unfollowed = RequestUnfollowed(request_id=follower.request_id)
    await record(session, unfollowed, by=nameless if follower.hidden else by)


async def shown(session: AsyncSession, rows: Sequence[Follower]) -> list[Followed]:
    """The requests that these rows of one follower stand for, as a follower sees them."""
    if not rows:
        return []
    community_id = rows[0].community_id
    ids = [row.request_id for row in rows]
    requests = await _requests(session, community_id, ids)
    own = await _numbers(session, community_id, [row.merged_from_id for row in rows])
    counts = await duplicates.reports(session, community_id, ids)
    updates = await _updates(session, requests)
    paths = {request.place.path for request in requests.values()}
    buildings = await duplicates.buildings_of(session, community_id, paths)
    return [
        Followed(
            number=request.number,
            state=request.state,
            category=request.category,
            building=buildings[request.place.path],
            filed_on=request.filed_at.astimezone(CHINA).date(),
            due_at=request.due_at,
            suspended_reason=request.discreet(request.suspended_reason),
            outcome=request.told_outcome,
            reason=request.discreet(request.reason),
            right_channel=request.right_channel,
            reports=counts[request.id],
            merged_from=own.get(row.merged_from_id) if row.merged_from_id else None,
            followed_at=row.at,
            updates=updates.get(request.id, []),
        )
        for row in rows
        for request in [requests[row.request_id]]
    ]


async def _requests(
    session: AsyncSession, community_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, ServiceRequest]:
    rows = (
        select(ServiceRequest)
        .where(ServiceRequest.community_id == community_id, ServiceRequest.id.in_(ids))
        .options(
            joinedload(ServiceRequest.category, innerjoin=True),
            joinedload(ServiceRequest.place, innerjoin=True),
            joinedload(ServiceRequest.reporter),
        )
    )
    return {request.id: request for request in await session.scalars(rows)}


async def _numbers(
    session: AsyncSession, community_id: UUID, ids: Sequence[UUID | None]
) -> dict[UUID, int]:
    rows = select(ServiceRequest.id, ServiceRequest.number).where(
        ServiceRequest.community_id == community_id, ServiceRequest.id.in_(ids)
    )
    return dict((await session.execute(rows)).all())


async def _updates(
    session: AsyncSession, requests: Mapping[UUID, ServiceRequest]
) -> dict[UUID, list[Update]]:
    """What staff said about each of these requests for everybody to hear, oldest first."""
    communities = {request.community_id for request in requests.values()}
    rows = (
        select(Fact.subject_id, Fact.at, Remark.text)
        .join(
            Remark,
            and_(
                Remark.community_id == Fact.community_id,
                Remark.id == cast(Fact.payload["remark_id"].astext, Uuid),
            ),
        )
        .where(
            Fact.community_id.in_(communities),
            Fact.subject_id.in_(requests),
            Fact.kind.in_(_TOLD),
            Remark.internal.is_(False),
            Remark.by_reporter.is_(False),
            Remark.text.is_not(None),
        )
        .order_by(Fact.id)
    )
    said: dict[UUID, list[Update]] = {}
    for request_id, at, text in await session.execute(rows):
        told = requests[request_id].discreet(text) or ""
        said.setdefault(request_id, []).append(Update(at, told))
    return said
