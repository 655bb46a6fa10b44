"""Who is calling."""

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Unauthenticated, problems
from app.core.web import Route, Session
from app.people.access import Actor, Me, permissions
from app.people.models import Client, Person
from app.people.schemas import MeOut, MePostOut
from app.places.models import Community
from app.places.schemas import CommunityOut

router = APIRouter(prefix="/api/v1/me", tags=["sessions"], route_class=Route)


@router.get("", responses=problems(Unauthenticated))
async def read_me(session: Session, me: Me) -> MeOut:
    """Who you are to us, which roles you hold where, and what they allow you."""
    caller = await _caller(session, me)
    community = await session.get_one(Community, me.community_id)
    return MeOut(
        kind=me.kind,
        id=caller.id,
        name=caller.name,
        phone=caller.masked_phone if isinstance(caller, Person) else None,
        community=CommunityOut.model_validate(community),
        posts=[MePostOut.model_validate(post) for post in me.posts],
        permissions=_allowed(me),
    )


async def _caller(session: AsyncSession, me: Actor) -> Person | Client:
    key = me.community_id, me.id
    if me.kind == "client":
        return await session.get_one(Client, key)
    return await session.get_one(Person, key)


def _allowed(me: Actor) -> list[str]:
    return [right.name for right in permissions() if right.paths(me)]
