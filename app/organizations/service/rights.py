"""What the head of an organisation may do there, and what the community lends them for it."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import Forbidden
from app.organizations.models import Organization
from app.organizations.permissions import MANAGE
from app.organizations.queries import is_head
from app.people.access import Actor, Held, Permission
from app.people.models import Role


async def demand(
    session: AsyncSession, right: Permission, organization: Organization, by: Actor
) -> None:
    """Refuse with `Forbidden` who neither manages the organisation nor heads it with this right."""
    at = organization.place.path
    if MANAGE.allows(by, at=at):
        return
    right.demand(by, at=at)
    if not await is_head(session, organization.id, by):
        raise Forbidden(right.name)


def lent(by: Actor, organization: Organization) -> Actor:
    """The same actor, able to give and end posts of partner where the organisation works.

    Whoever was let in by `demand` needs it for just that; the record still says who did it.
    """
    return replace(by, posts=(*by.posts, Held(Role.MANAGER, organization.place.path)))
