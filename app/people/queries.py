"""Reading the register: every list begins at what the caller may see."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    LargeBinary,
    Select,
    any_,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.people.access import Actor, Permission
from app.people.models import CareEntry, Client, Identity, Person, Post, Residence, Standing
from app.people.permissions import ACCOUNTS, CARE, CLIENTS, FOUND, SEE, SEE_STAFF
from app.places.models import ROOT, Community, Place, inside
from app.wechat.models import Account

LIVING = (Standing.CLAIMED, Standing.VERIFIED)


def lives_where(
    where: ColumnElement[bool],
    person: Actor | Person | type[Person] = Person,
    *,
    home: type[Place] = Place,
    standings: Sequence[Standing] = LIVING,
) -> ColumnElement[bool]:
    """Whether somebody lives, or says they live, in a `home` of which this holds."""
    residence = (
        select(Residence.id)
        .join(Residence.home.of_type(home))
        .where(
            Residence.community_id == person.community_id,
            Residence.person_id == person.id,
            Residence.standing.in_(standings),
            where,
        )
    )
    return residence.exists()


def lives_within(me: Actor) -> ColumnElement[bool]:
    """The condition on `Place` that the caller lives there or within it, or says so."""
    home = aliased(Place)
    return lives_where(func.starts_with(home.path, Place.path), me, home=home)


async def is_known_within(session: AsyncSession, me: Actor, path: str) -> bool:
    """Whether it is known of the caller that they live within the place at this path."""
    lives = lives_where(inside(path), me, standings=[Standing.VERIFIED])
    return me.kind == "person" and bool(await session.scalar(select(lives)))


def _community_wide(right: Permission, me: Actor) -> bool:
    return ROOT in right.paths(me)


def visible_to(me: Actor) -> Select[Person]:
    """Oneself, and who lives within the caller's places; with the whole community, everyone.

    An entry that was merged into another one is not shown any more.
    """
    people = select(Person).where(
        Person.community_id == me.community_id, Person.merged_into_id.is_(None)
    )
    if _community_wide(SEE, me):
        return people
    return people.where(or_(Person.id == me.id, lives_where(SEE.places(me))))


def care_visible_to(me: Actor) -> Select[CareEntry]:
    """Who is on the care register within the caller's places, and oneself."""
    own = CareEntry.person_id == me.id if me.kind == "person" else false()
    return (
        select(CareEntry)
        .join(CareEntry.place)
        .where(
            CareEntry.community_id == me.community_id,
            CareEntry.ended_at.is_(None),
            or_(own, CARE.places(me)),
        )
        .options(contains_eager(CareEntry.place), joinedload(CareEntry.person, innerjoin=True))
    )


def residences_visible_to(me: Actor) -> Select[Residence]:
    """One's own residences and those within the caller's places, with person and home."""
    return (
        select(Residence)
        .join(Residence.home)
        .join(Residence.person)
        .where(
            Residence.community_id == me.community_id,
            or_(Residence.person_id == me.id, SEE.places(me)),
        )
        .options(contains_eager(Residence.home), contains_eager(Residence.person))
    )


def homes_of(community_id: UUID, person_id: UUID) -> Select[Residence]:
    """Where a person lives or says they live, with the homes, oldest first."""
    return (
        select(Residence)
        .where(
            Residence.community_id == community_id,
            Residence.person_id == person_id,
            Residence.standing.in_(LIVING),
        )
        .options(joinedload(Residence.home))
        .order_by(Residence.id)
    )


def staff_visible_to(me: Actor) -> Select[Person]:
    """Oneself, and whoever holds or held a post within the caller's places."""
    holds = (
        select(Post.id)
        .join(Post.place)
        .where(
            Post.community_id == Person.community_id,
            Post.person_id == Person.id,
            or_(Post.person_id == me.id, SEE_STAFF.places(me)),
        )
    )
    return select(Person).where(Person.community_id == me.community_id, holds.exists())


def posts_of(community_id: UUID, *person_ids: UUID, ended: bool = False) -> Select[Post]:
    """The posts that people hold, with their places; with `ended`, those they held as well."""
    posts = (
        select(Post)
        .where(Post.community_id == community_id, Post.person_id.in_(person_ids))
        .options(joinedload(Post.place))
        .order_by(Post.id)
    )
    return posts if ended else posts.where(Post.ended_at.is_(None))


def identities_of(community_id: UUID, person_id: UUID) -> Select[Identity]:
    """The WeChat users a person is."""
    return select(Identity).where(
        Identity.community_id == community_id, Identity.person_id == person_id
    )


def clients_visible_to(me: Actor) -> Select[Client]:
    """The programs that act within the caller's places."""
    return (
        select(Client)
        .join(Client.place)
        .where(Client.community_id == me.community_id, CLIENTS.places(me))
        .options(contains_eager(Client.place))
    )


def accounts_visible_to(me: Actor) -> Select[Account]:
    """The WeChat accounts of the community, for who may set them up."""
    allowed = true() if ACCOUNTS.allows(me, at=ROOT) else false()
    return select(Account).where(Account.community_id == me.community_id, allowed)


def communities_visible_to(me: Actor) -> Select[Community]:
    """The caller's community; who may found communities sees all of them."""
    if FOUND.paths(me):
        return select(Community)
    return select(Community).where(Community.id == me.community_id)


async def language_of(session: AsyncSession, community_id: UUID, person_id: UUID) -> str:
    """The language to write to a person in: that of their latest conversation with us."""
    newest = (
        select(Identity.locale)
        .where(
            Identity.community_id == community_id,
            Identity.person_id == person_id,
            Identity.subscribed,
        )
        .order_by(Identity.id.desc())
        .limit(1)
    )
    return await session.scalar(newest) or "zh"


async def namesakes_of(
    session: AsyncSession, community_id: UUID, numbers: Iterable[bytes]
) -> dict[tuple[str, bytes], UUID]:
    """Who has one of these numbers, by name and number: the first registered, if several do."""
    rows = await session.execute(
        select(Person.name, Person.phone_index, Person.id)
        .where(
            Person.community_id == community_id,
            Person.phone_index == any_(literal(list(numbers), ARRAY(LargeBinary))),
            Person.name.is_not(None),
            Person.merged_into_id.is_(None),
        )
        .order_by(Person.id.desc())
    )
    return {(str(name), bytes(index or b"")): person_id for name, index, person_id in rows}
