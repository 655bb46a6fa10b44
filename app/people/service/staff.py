"""Staff: hiring, posts given and ended."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.crypto import hash_password
from app.core.facts import record
from app.core.problems import NotFound
from app.people.access import Actor, Held
from app.people.events import PersonRegistered, PostEnded, PostGiven
from app.people.models import Credential, Person, Post, Role, Speciality
from app.people.permissions import STAFF, demand_over, demand_to_grant
from app.people.problems import LastAdmin
from app.people.service.sessions import end_all, held_credential
from app.places.models import ROOT, Place


async def hire(
    session: AsyncSession,
    *,
    name: str,
    phone: str | None = None,
    login: str,
    password: str,
    place: Place,
    role: Role,
    speciality: Speciality | None = None,
    by: Actor,
) -> Person:
    """Take on a member of staff, who signs in by password, with a first post.

    Nobody gives a role above their own, or outside their place. Raises `LoginTaken`.
    """
    demand_to_grant(STAFF, by, role=role, at=place.path)
    person = Person(community_id=place.community_id, name=name)
    person.reached_at(phone)
    session.add(person)
    await session.flush()
    credential = Credential(
        community_id=person.community_id,
        person_id=person.id,
        login=login.strip().lower(),
        password_hash=await hash_password(password),
    )
    session.add(credential)
    await session.flush()
    await record(session, PersonRegistered(person_id=person.id), by=by)
    await give_post(session, person, place=place, role=role, speciality=speciality, by=by)
    return person


async def give_post(
    session: AsyncSession,
    person: Person,
    *,
    place: Place,
    role: Role,
    speciality: Speciality | None = None,
    by: Actor,
) -> Post:
    """Give a person a role within a place; `PostTaken` when they hold just this one."""
    demand_to_grant(STAFF, by, role=role, at=place.path)
    post = Post(
        community_id=person.community_id,
        person_id=person.id,
        place_id=place.id,
        role=role,
        speciality=speciality,
    )
    session.add(post)
    await session.flush()
    event = PostGiven(
        person_id=person.id,
        post_id=post.id,
        place_id=place.id,
        role=role,
        speciality=speciality,
    )
    await record(session, event, by=by)
    return post


async def _demand_another_admin(session: AsyncSession, post: Post) -> None:
    """Refuse to leave a community without anybody who may administer all of it.

    The posts of all of them are held, in one order, so that two cannot end each other.
    """
    if post.role is not Role.ADMIN or post.place.path != ROOT:
        return
    admins = select(Post.person_id).where(
        Post.community_id == post.community_id,
        Post.place_id == post.place_id,
        Post.role == Role.ADMIN,
        Post.ended_at.is_(None),
    )
    held = await session.scalars(admins.order_by(Post.id).with_for_update())
    if all(person_id == post.person_id for person_id in held):
        raise LastAdmin


async def end_post(session: AsyncSession, post: Post, *, by: Actor) -> None:
    """Take a post away, from the next request on; with the last one go all sessions.

    Only who stands over the post may, and the last administrator stays. Raises `NotFound` when
    somebody else just ended it.
    """
    demand_over(by, [Held(post.role, post.place.path)])
    await _demand_another_admin(session, post)
    await session.refresh(post, ["ended_at"], with_for_update=True)
    if post.ended_at is not None:
        raise NotFound
    await held_credential(session, post.community_id, post.person_id)
    post.ended_at = now()
    await session.flush()
    left = select(func.count()).where(
        Post.community_id == post.community_id,
        Post.person_id == post.person_id,
        Post.ended_at.is_(None),
    )
    if not await session.scalar(left):
        await end_all(session, post.community_id, post.person_id)
    event = PostEnded(person_id=post.person_id, post_id=post.id)
    await record(session, event, by=by)
