"""Who gets a request: the nearest worker whose line of work it is, and who has the least to do."""

from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Post, Role, Speciality
from app.places.models import Place
from app.service_requests import queries
from app.service_requests.models import UNDONE, ServiceRequest

_WORKERS = (Role.GRID_WORKER, Role.STAFF)


async def worker_for(session: AsyncSession, request: ServiceRequest) -> UUID | None:
    """The person a request goes to by rule, or None when nobody is there to take it.

    The category's line of work comes first, then general work, then the grid worker whatever
    theirs, then the leader of the area; in each the one nearest to the place, and among several
    there the one with the fewest requests under way.
    """
    line = func.coalesce(Post.speciality, Speciality.GENERAL)
    worker = Post.role.in_(_WORKERS)
    rank = case(
        (worker & (line == request.category.speciality), 1),
        (worker & (line == Speciality.GENERAL), 2),
        (Post.role == Role.GRID_WORKER, 3),
        (Post.role == Role.LEADER, 4),
    )
    load = (
        select(func.count())
        .where(
            ServiceRequest.community_id == Post.community_id,
            ServiceRequest.assignee_id == Post.person_id,
            ServiceRequest.state.in_(UNDONE),
        )
        .correlate(Post)
        .scalar_subquery()
    )
    held = (
        select(Post.person_id)
        .join(Post.place)
        .where(
            Post.community_id == request.community_id,
            Post.ended_at.is_(None),
            Place.path.in_(queries.above(request.place.path)),
            rank.is_not(None),
        )
    )
    first = held.order_by(rank, func.length(Place.path).desc(), load, Post.person_id).limit(1)
    return await session.scalar(first)


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
