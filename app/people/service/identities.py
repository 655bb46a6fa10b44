"""People as a WeChat account knows them: following, leaving, and staff known in the chat."""

import secrets
from datetime import datetime, timedelta
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.crypto import blind_index
from app.core.facts import record
from app.core.ids import new_id
from app.core.limits import take
from app.core.problems import NotFound
from app.people.access import Actor, Held, system
from app.people.events import Followed, LinkCodeIssued, StaffLinked, Unfollowed
from app.people.models import Identity, LinkCode, Person
from app.people.permissions import demand_over
from app.people.problems import AlreadyStaff, WrongCode
from app.people.queries import posts_of
from app.people.service.merging import merge
from app.wechat.models import Account

CODE_LIFE = timedelta(minutes=10)
_DIGITS = 8


async def _known(session: AsyncSession, account: Account, openid: str) -> Identity | None:
    return await session.scalar(
        select(Identity).where(
            Identity.community_id == account.community_id,
            Identity.account_id == account.id,
            Identity.openid == openid,
        )
    )


async def _first_sight(session: AsyncSession, account: Account, openid: str) -> bool:
    """Put down a nameless person for an openid; False when someone else just did."""
    person = Person(id=new_id(), community_id=account.community_id)
    session.add(person)
    await session.flush()
    identity = insert(Identity).values(
        id=new_id(),
        community_id=account.community_id,
        account_id=account.id,
        openid=openid,
        person_id=person.id,
    )
    identity = identity.on_conflict_do_nothing(index_elements=["account_id", "openid"])
    if await session.scalar(identity.returning(Identity.id)) is not None:
        return True
    await session.delete(person)
    await session.flush()
    return False


async def follow(session: AsyncSession, *, account: Account, openid: str) -> Identity:
    """Whom the account knows by this openid, who follows it; at first sight, someone nameless.

    However many messages of one newcomer arrive together, they are one person.
    """
    known = await _known(session, account, openid)
    if known is not None and known.subscribed:
        return known
    new = known is None and await _first_sight(session, account, openid)
    identity = known or await _known(session, account, openid)
    if identity is None:
        raise NotFound
    if new or not identity.subscribed:
        identity.subscribed = True
        event = Followed(person_id=identity.person_id, identity_id=identity.id)
        await record(session, event, by=system(account.community_id))
    return identity


async def unfollow(session: AsyncSession, *, account: Account, openid: str) -> None:
    """Note that the account cannot write to this openid any more."""
    left = (
        update(Identity)
        .where(
            Identity.community_id == account.community_id,
            Identity.account_id == account.id,
            Identity.openid == openid,
            Identity.subscribed,
        )
        .values(subscribed=False)
        .returning(Identity.person_id, Identity.id)
    )
    for person_id, identity_id in await session.execute(left):
        event = Unfollowed(person_id=person_id, identity_id=identity_id)
        await record(session, event, by=system(account.community_id))


def _digest(code: str) -> bytes:
    return blind_index(code, "people.link_codes")


async def issue_link_code(
    session: AsyncSession, person: Person, *, by: Actor
) -> tuple[str, datetime]:
    """A code of eight digits that makes a member of staff known in the chat, and its expiry.

    It works once, for ten minutes, and replaces the one before. Oneself, or who stands over every
    post they ever held.
    """
    if not (by.kind == "person" and by.id == person.id):
        held = await session.scalars(posts_of(person.community_id, person.id, ended=True))
        demand_over(by, [Held(post.role, post.place.path) for post in held])
    await take(session, f"link code for {person.id}", burst=5, per_seconds=600.0)
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    expires_at = now() + CODE_LIFE
    await _keep(session, person, code, expires_at)
    await record(session, LinkCodeIssued(person_id=person.id), by=by)
    return code, expires_at


async def _keep(session: AsyncSession, person: Person, code: str, expires_at: datetime) -> None:
    put = insert(LinkCode).values(
        id=new_id(),
        community_id=person.community_id,
        person_id=person.id,
        digest=_digest(code),
        expires_at=expires_at,
    )
    put = put.on_conflict_do_update(
        index_elements=["community_id", "person_id"],
        set_={"digest": put.excluded.digest, "expires_at": put.excluded.expires_at},
    )
    await session.execute(put)


async def _spend(session: AsyncSession, community_id: UUID, code: str) -> Person:
    spent = (
        delete(LinkCode)
        .where(
            LinkCode.community_id == community_id,
            LinkCode.digest == _digest("".join(normalize("NFKC", code).split())),
            LinkCode.expires_at > now(),
        )
        .returning(LinkCode.person_id)
    )
    person_id = await session.scalar(spent)
    if person_id is None:
        raise WrongCode
    return await session.get_one(Person, (community_id, person_id))


async def link_staff(session: AsyncSession, *, identity: Identity, code: str) -> Person:
    """Let a WeChat user be known as the member of staff whose code this is.

    What they did before as a resident stays theirs. Raises `WrongCode`, `AlreadyStaff`, and
    `TooManyRequests` after five tries in ten minutes.
    """
    await take(session, f"link code by {identity.id}", burst=5, per_seconds=600.0)
    community_id = identity.community_id
    staff = await _spend(session, community_id, code)
    present = await session.get(Person, (community_id, identity.person_id), with_for_update=True)
    if present is None or present.id == staff.id:
        return staff
    if await session.scalar(posts_of(community_id, present.id).limit(1)):
        raise AlreadyStaff
    by = Actor(community_id, "person", staff.id)
    await merge(session, present, into=staff, by=by)
    await session.refresh(identity)
    event = StaffLinked(person_id=staff.id, identity_id=identity.id)
    await record(session, event, by=by)
    return staff
