"""Reading organisations, their people and their offers: every list begins at what one may see."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.core.problems import Forbidden
from app.organizations.models import Listing, Member, Organization
from app.organizations.permissions import MANAGE, SEE
from app.people.access import Actor
from app.people.permissions import SEE_STAFF
from app.places.models import ROOT, Place

_Offered = aliased(Place)
"""Where a listing is offered; where its organisation works is `Place` itself."""


def _own(me: Actor) -> Select[Member]:
    """The actor's present memberships; a program has none."""
    return select(Member).where(
        Member.community_id == me.community_id,
        Member.person_id == (me.id if me.kind == "person" else None),
        Member.ended_at.is_(None),
    )


def _seen(me: Actor) -> ColumnElement[bool]:
    return true() if SEE.allows(me, at=ROOT) else SEE.places(me)


def _kept(me: Actor) -> ColumnElement[bool]:
    """Whether one manages the organisation or works for it, and so sees what is withdrawn."""
    own = _own(me).with_only_columns(Member.organization_id)
    return or_(MANAGE.places(me), Organization.id.in_(own))


def visible_to(me: Actor) -> Select[Organization]:
    """The organisations at work, with their places; the others for who manages or joined them."""
    return (
        select(Organization)
        .join(Organization.place)
        .where(
            Organization.community_id == me.community_id,
            _seen(me),
            or_(Organization.active, _kept(me)),
        )
        .options(contains_eager(Organization.place))
    )


def serving(community_id: UUID, place_id: UUID) -> ColumnElement[bool]:
    """The condition on the organisation's `Place` that selects who works at this place."""
    return func.starts_with(_path(community_id, place_id), Place.path)


def _path(community_id: UUID, place_id: UUID) -> ColumnElement[str]:
    here = aliased(Place)
    path = select(here.path).where(here.community_id == community_id, here.id == place_id)
    return path.scalar_subquery()


def members_of(community_id: UUID, organization_id: UUID) -> Select[Member]:
    """Who works for an organisation now, with the people."""
    return (
        select(Member)
        .where(
            Member.community_id == community_id,
            Member.organization_id == organization_id,
            Member.ended_at.is_(None),
        )
        .options(joinedload(Member.person, innerjoin=True))
    )


async def is_member(session: AsyncSession, organization_id: UUID, me: Actor) -> bool:
    """Whether this actor works for the organisation now."""
    here = _own(me).where(Member.organization_id == organization_id)
    return await session.scalar(here.limit(1)) is not None


async def is_head(session: AsyncSession, organization_id: UUID, me: Actor) -> bool:
    """Whether this actor sees and gives out all that the organisation has to do."""
    here = _own(me).where(Member.organization_id == organization_id, Member.head)
    return await session.scalar(here.limit(1)) is not None


async def members_visible_to(
    session: AsyncSession, organization: Organization, me: Actor
) -> Select[Member]:
    """Who works for an organisation, for its own people and staff of its place; or `Forbidden`."""
    if not SEE_STAFF.allows(me, at=organization.place.path) and not await is_member(
        session, organization.id, me
    ):
        raise Forbidden(SEE_STAFF.name)
    return members_of(organization.community_id, organization.id)


def listings_of(community_id: UUID) -> Select[Listing]:
    """What is or was offered in a community, with by whom and where."""
    organization = contains_eager(Listing.organization)
    return (
        select(Listing)
        .join(Listing.organization)
        .join(Organization.place)
        .join(_Offered, Listing.place.of_type(_Offered))
        .where(Listing.community_id == community_id)
        .options(
            organization,
            organization.contains_eager(Organization.place),
            contains_eager(Listing.place.of_type(_Offered)),
        )
    )


def listings_visible_to(me: Actor) -> Select[Listing]:
    """What is offered; what is withdrawn for who manages its organisation or works for it."""
    offered = and_(Listing.active, Organization.active)
    return listings_of(me.community_id).where(_seen(me), or_(offered, _kept(me)))


def offered_at(community_id: UUID, place_id: UUID) -> ColumnElement[bool]:
    """The condition on `listings_of` that selects what one can order at this place."""
    path = _path(community_id, place_id)
    here = func.starts_with(path, _Offered.path), func.starts_with(path, Place.path)
    return and_(Listing.active, Organization.active, *here)
