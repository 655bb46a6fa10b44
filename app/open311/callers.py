"""Whom a call is about and who calls: the jurisdiction, and the program behind an api_key."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import auth
from app.core.auth import Holder
from app.core.limits import take
from app.core.problems import Unauthenticated
from app.open311.arguments import Arguments
from app.open311.problems import JurisdictionMissing, JurisdictionUnknown, KeyMissing, KeyRefused
from app.people import access
from app.people.access import Actor
from app.places.models import Community

_CALLS = 300
_PER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Caller:
    """A community, and the program that speaks to it, if it showed a key."""

    community: Community
    program: Actor | None = None


async def jurisdiction(session: AsyncSession, asked: Arguments) -> Community:
    """The community of this `jurisdiction_id`; the only one there is need not be named."""
    slug = asked.text("jurisdiction_id")
    if slug:
        community = await session.scalar(select(Community).where(Community.slug == slug))
        if community is None:
            raise JurisdictionUnknown
        return community
    some = list(await session.scalars(select(Community).limit(2)))
    if not some:
        raise JurisdictionUnknown
    if len(some) > 1:
        raise JurisdictionMissing
    return some[0]


async def anybody(session: AsyncSession, asked: Arguments, *, address: str) -> Caller:
    """Whoever calls, from this network address, with a key or without one.

    Raises `KeyRefused` for a key that is no good here, and `TooManyRequests`.
    """
    community = await jurisdiction(session, asked)
    key = asked.text("api_key") or asked.bearer
    program = await _program(session, community, key) if key else None
    who = f"open311 by {program.id if program else address}"
    await take(session, who, burst=_CALLS, per_seconds=_PER_SECONDS)
    return Caller(community, program)


async def keyed(session: AsyncSession, asked: Arguments, *, address: str) -> tuple[Caller, Actor]:
    """The same, for what is not done without a key; `KeyMissing` then."""
    caller = await anybody(session, asked, address=address)
    if caller.program is None:
        raise KeyMissing
    return caller, caller.program


async def _program(session: AsyncSession, community: Community, key: str) -> Actor:
    try:
        bearer = await auth.known(session, key)
        if bearer.community_id != community.id or bearer.holder is not Holder.CLIENT:
            raise KeyRefused
        return await access.acting(session, bearer)
    except Unauthenticated as error:
        raise KeyRefused from error
