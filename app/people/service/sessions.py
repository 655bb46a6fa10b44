"""Signing in and out, and new passwords."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth import Holder, Token, issue
from app.core.clock import now
from app.core.crypto import hash_password, needs_rehash, verify_password
from app.core.facts import record
from app.core.limits import take
from app.core.problems import Forbidden, NotFound
from app.people.access import Actor, Held
from app.people.events import PasswordSet, SignedIn, SignedOut
from app.people.models import Credential, Person, Post
from app.people.permissions import demand_over
from app.people.problems import SignInFailed
from app.people.queries import posts_of
from app.places.models import Community

SESSION_LENGTH = timedelta(hours=12)
_PER_LOGIN = 10
_PER_ADDRESS = 50
_MINUTES_15 = 900.0


@dataclass(frozen=True, slots=True)
class SignedInAs:
    """A new session: its token, which cannot be read again, and whose it is."""

    token: str
    expires_at: datetime
    person: Person
    posts: list[Post]


async def _credential(session: AsyncSession, community: str, login: str) -> Credential | None:
    """The credential, held so that a new password or a last post's end must wait for us."""
    return await session.scalar(
        select(Credential)
        .join(Community, and_(Community.id == Credential.community_id, Community.slug == community))
        .where(Credential.login == login.strip().lower())
        .with_for_update(read=True, of=Credential)
    )


async def sign_in(
    session: AsyncSession, *, community: str, login: str, password: str, address: str
) -> SignedInAs:
    """Begin a session of 12 hours for a member of staff.

    Raises `SignInFailed`, in the same time and words for a wrong community, login or password, and
    `TooManyRequests` after ten tries of one login or fifty from one address in 15 minutes.
    """
    who = f"sign-in as {community} {login.strip().lower()}"
    await take(session, f"sign-in at {address}", burst=_PER_ADDRESS, per_seconds=_MINUTES_15)
    await take(session, who, burst=_PER_LOGIN, per_seconds=_MINUTES_15)

    credential = await _credential(session, community, login)
    good = await verify_password(password, credential.password_hash if credential else None)
    if credential is None or not good:
        raise SignInFailed
    posts = list(await session.scalars(posts_of(credential.community_id, credential.person_id)))
    person = await session.get(Person, (credential.community_id, credential.person_id))
    if person is None or not posts:
        raise SignInFailed
    return await _begin(session, credential, password, person, posts)


async def _begin(
    session: AsyncSession, credential: Credential, password: str, person: Person, posts: list[Post]
) -> SignedInAs:
    if needs_rehash(credential.password_hash):
        credential.password_hash = await hash_password(password)
    expires_at = now() + SESSION_LENGTH
    token = issue(
        session,
        community_id=person.community_id,
        holder=Holder.PERSON,
        holder_id=person.id,
        expires_at=expires_at,
    )
    by = Actor(person.community_id, "person", person.id)
    await record(session, SignedIn(person_id=person.id), by=by)
    return SignedInAs(token, expires_at, person, posts)


async def sign_out(session: AsyncSession, token_id: UUID, *, by: Actor) -> None:
    """End the session that this token is; keys of programs are revoked elsewhere."""
    if by.kind != "person" or by.id is None:
        raise Forbidden
    token = Token.community_id == by.community_id, Token.id == token_id
    await session.execute(update(Token).where(*token).values(revoked_at=now()))
    await record(session, SignedOut(person_id=by.id), by=by)


async def end_all(session: AsyncSession, community_id: UUID, holder_id: UUID) -> None:
    """Let every token of a person or program stop working, at their next request."""
    await session.execute(
        update(Token)
        .where(
            Token.community_id == community_id,
            Token.holder_id == holder_id,
            Token.revoked_at.is_(None),
        )
        .values(revoked_at=now())
    )


async def held_credential(
    session: AsyncSession, community_id: UUID, person_id: UUID
) -> Credential | None:
    """Somebody's credential, for this transaction alone; nobody signs in with it meanwhile."""
    return await session.scalar(
        select(Credential)
        .where(Credential.community_id == community_id, Credential.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def _may_set(
    session: AsyncSession, credential: Credential, current: str | None, by: Actor
) -> None:
    """Refuse who neither knows the present password of their own nor stands over the person."""
    person_id = credential.person_id
    if by.kind == "person" and by.id == person_id:
        await take(session, f"password of {person_id}", burst=_PER_LOGIN, per_seconds=_MINUTES_15)
        if not await verify_password(current or "", credential.password_hash):
            raise Forbidden
        return
    ever_held = await session.scalars(posts_of(credential.community_id, person_id, ended=True))
    demand_over(by, [Held(post.role, post.place.path) for post in ever_held])


async def set_password(
    session: AsyncSession, person: Person, *, password: str, current: str | None = None, by: Actor
) -> None:
    """Give a member of staff a new password, and end all their sessions.

    Oneself with the `current` password; others as who stands over every post they ever held,
    since whoever sets a password could use it.
    """
    credential = await held_credential(session, person.community_id, person.id)
    if credential is None:
        raise NotFound
    await _may_set(session, credential, current, by)
    credential.password_hash = await hash_password(password)
    credential.changed_at = now()
    await end_all(session, person.community_id, person.id)
    await record(session, PasswordSet(person_id=person.id), by=by)
