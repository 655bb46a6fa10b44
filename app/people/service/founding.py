"""Founding a community: its map's root and its first administrator."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.people.access import Actor, system
from app.people.models import Person, Role
from app.people.permissions import FOUND
from app.people.service.staff import hire
from app.places import service as places
from app.places.models import ROOT, Community


async def found(
    session: AsyncSession,
    *,
    slug: str,
    name: str,
    town: str,
    hotline: str | None = None,
    admin: str,
    login: str,
    password: str,
    by: Actor | None = None,
) -> tuple[Community, Person]:
    """Open a community together with its first administrator, who signs in by this password.

    An operator does, or the service itself when nobody is named. Raises `CommunityTaken`.
    """
    if by is not None:
        FOUND.demand(by, at=ROOT)
    community = Community(id=new_id(), slug=slug, name=name, town=town, hotline=hotline)
    itself = system(community.id)
    root = await places.found(session, community, by=by or itself)
    person = await hire(
        session,
        name=admin,
        login=login,
        password=password,
        place=root,
        role=Role.ADMIN,
        by=itself,
    )
    return community, person
