"""Who stands over a request, from the nearest leader up to who manages the community."""

from collections.abc import Collection
from itertools import groupby
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Post, Role
from app.places.models import Place
from app.service_requests import queries
from app.service_requests.models import ServiceRequest

_ROLES = (Role.LEADER, Role.MANAGER, Role.ADMIN)


async def rungs(session: AsyncSession, request: ServiceRequest) -> list[list[UUID]]:
    """The chain of the request's place: its leaders from the nearest up, then its managers.

    Those of one rung stand equally high; administrators come after the managers of their rung.
    """
    rank = case((Post.role == Role.LEADER, 1), else_=2).label("rank")
    depth = func.length(Place.path).label("depth")
    held = await session.execute(
        select(Post.person_id, rank, depth)
        .join(Post.place)
        .where(
            Post.community_id == request.community_id,
            Post.ended_at.is_(None),
            Post.role.in_(_ROLES),
            Place.path.in_(queries.above(request.place.path)),
        )
        .order_by(rank, depth.desc(), Post.role == Role.ADMIN, Post.person_id)
    )
    found = groupby(held, key=lambda row: (row.rank, row.depth))
    return [list(dict.fromkeys(row.person_id for row in rung)) for _, rung in found]


async def over(
    session: AsyncSession, request: ServiceRequest, *, but: UUID | None = None
) -> list[UUID]:
    """Everybody on the nearest rung on which there is anybody but this one."""
    for rung in await rungs(session, request):
        if others := [person_id for person_id in rung if person_id != but]:
            return others
    return []


async def next_above(
    session: AsyncSession, request: ServiceRequest, in_charge: Collection[UUID | None]
) -> UUID | None:
    """Who comes above all of those in charge; None at the top of the chain."""
    chain = await rungs(session, request)
    reached = [n for n, rung in enumerate(chain) if set(rung) & set(in_charge)]
    higher = chain[reached[-1] + 1 :] if reached else chain
    return next((person_id for rung in higher for person_id in rung), None)
