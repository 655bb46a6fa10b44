"""Who gets a request: the nearest whose work it is, and of several the one whose turn it is."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, Subquery, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.organizations.models import Member, Organization
from app.people.models import Post, Role, Speciality
from app.places.models import Place
from app.service_requests import queries
from app.service_requests.models import UNDONE, Dispatch, Petition, PetitionKind, ServiceRequest

_WORKERS = (Role.GRID_WORKER, Role.STAFF)


async def worker_for(session: AsyncSession, request: ServiceRequest) -> UUID | None:
    """The person a request goes to by rule or by turns, or None when nobody is there to take it."""
    return next(iter(await candidates(session, request)), None)


async def candidates(session: AsyncSession, request: ServiceRequest) -> list[UUID]:
    """Those of whom one is to have the request, whose turn it is first.

    The people of the organisation that is responsible, if any of them works at the place; else
    the community's own. Of these the category's line of work comes first, then general work, then
    the grid worker whatever theirs, then the leader of the area; in each those nearest to the
    place. Whoever was allowed to return the request is none of them. Where a category goes by
    turns, nobody else is told whose turn it is until the transaction ends.
    """
    if request.category.dispatch is Dispatch.TURNS:
        await _alone(session, request.community_id)
    if request.organization_id:
        found = await members(session, request, request.organization_id)
        if found:
            return found
    ordered = await _ordered(session, request, _own(request))
    return _people(row for row in ordered if (row.rank, row.depth) == ordered[0][1:])


async def members(
    session: AsyncSession, request: ServiceRequest, organization_id: UUID
) -> list[UUID]:
    """Those of an organisation who could do the request, whose turn it is first, heads last."""
    return _people(await _ordered(session, request, _members(request, organization_id)))


async def _alone(session: AsyncSession, community_id: UUID) -> None:
    turns = func.hashtextextended(f"turns of {community_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(turns)))


def _people(rows: Iterable[Any]) -> list[UUID]:
    return list(dict.fromkeys(row.person_id for row in rows))


def _own(request: ServiceRequest) -> Select[Any]:
    """The community's own people for this line of work, with their rank and their nearness."""
    line = func.coalesce(Post.speciality, Speciality.GENERAL)
    worker = Post.role.in_(_WORKERS)
    rank = case(
        (worker & (line == request.category.speciality), 1),
        (worker & (line == Speciality.GENERAL), 2),
        (Post.role == Role.GRID_WORKER, 3),
        (Post.role == Role.LEADER, 4),
    )
    return (
        select(Post.person_id, rank.label("rank"), func.length(Place.path).label("depth"))
        .join(Post.place)
        .where(
            Post.community_id == request.community_id,
            Post.ended_at.is_(None),
            Place.path.in_(queries.above(request.place.path)),
            rank.is_not(None),
        )
    )


def _members(request: ServiceRequest, organization_id: UUID) -> Select[Any]:
    """The people of an organisation whose post reaches the place, its heads of lower rank."""
    rank = case((Member.head, 2), else_=1)
    return (
        select(Member.person_id, rank.label("rank"), literal(0).label("depth"))
        .join(Member.organization)
        .join(Post, (Post.community_id == Member.community_id) & (Post.id == Member.post_id))
        .join(Post.place)
        .where(
            Member.community_id == request.community_id,
            Member.organization_id == organization_id,
            Member.ended_at.is_(None),
            Organization.active,
            Post.ended_at.is_(None),
            Place.path.in_(queries.above(request.place.path)),
        )
    )


async def _ordered(session: AsyncSession, request: ServiceRequest, who: Select[Any]) -> list[Any]:
    """The rows in the order in which the request would be given to them."""
    each = who.subquery()
    returned = select(Petition.asked_by_id).where(
        Petition.community_id == request.community_id,
        Petition.request_id == request.id,
        Petition.kind == PetitionKind.RETURN,
        Petition.granted.is_(True),
        Petition.asked_by_id.is_not(None),
    )
    turn = _last if request.category.dispatch is Dispatch.TURNS else _load
    rows = await session.execute(
        select(each)
        .where(each.c.person_id.not_in(returned))
        .order_by(
            each.c.rank,
            each.c.depth.desc(),
            turn(request, each).asc().nulls_first(),
            each.c.person_id,
        )
    )
    return list(rows)


def _load(request: ServiceRequest, each: Subquery) -> ScalarSelect[Any]:
    """How many requests they have under way."""
    return (
        select(func.count())
        .where(
            ServiceRequest.community_id == request.community_id,
            ServiceRequest.assignee_id == each.c.person_id,
            ServiceRequest.state.in_(UNDONE),
        )
        .scalar_subquery()
    )


def _last(request: ServiceRequest, each: Subquery) -> ScalarSelect[Any]:
    """When they were given a request last."""
    return (
        select(func.max(ServiceRequest.assigned_at))
        .where(
            ServiceRequest.community_id == request.community_id,
            ServiceRequest.assignee_id == each.c.person_id,
        )
        .scalar_subquery()
    )


async def nearest(session: AsyncSession, request: ServiceRequest, *roles: Role) -> list[UUID]:
    """Everybody who holds one of these roles at the nearest place where anybody does."""
    held = await session.execute(
        select(Place.path, Post.person_id)
        .join(Post.place)
        .where(
            Post.community_id == request.community_id,
            Post.ended_at.is_(None),
            Post.role.in_(roles),
            Place.path.in_(queries.above(request.place.path)),
        )
        .order_by(func.length(Place.path).desc(), Post.person_id)
    )
    found = [(path, person_id) for path, person_id in held]
    return list(dict.fromkeys(person_id for path, person_id in found if path == found[0][0]))
