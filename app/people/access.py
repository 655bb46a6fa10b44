"""Permissions as values, and who is asking: every check of a right goes through here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth import Bearer, Holder, bearer
from app.core.problems import Forbidden, Unauthenticated
from app.core.web import Session
from app.people.models import Client, Person, Post, Role, Speciality
from app.places.models import ROOT, Place, inside


@dataclass(frozen=True, slots=True)
class Held:
    """A role as it is held: where, and for which line of work."""

    role: Role
    path: str
    speciality: Speciality | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a person, another program (`client`), or the service itself (`system`)."""

    community_id: UUID
    kind: str
    id: UUID | None
    posts: tuple[Held, ...] = ()

    @property
    def is_staff(self) -> bool:
        """Whether they hold any role beyond living here."""
        return bool(self.posts)


def system(community_id: UUID) -> Actor:
    """The service itself, acting on a rule rather than on somebody's word."""
    return Actor(community_id, "system", None, (Held(Role.ADMIN, ROOT),))


@dataclass(frozen=True, slots=True)
class Permission:
    """A right, by name, and the roles that have it within their place."""

    name: str
    roles: frozenset[Role] = field(compare=False)
    says: str = field(compare=False, default="")

    def paths(self, by: Actor) -> list[str]:
        """The places within which this actor has the right."""
        return [post.path for post in by.posts if post.role in self.roles]

    def allows(self, by: Actor, *, at: str) -> bool:
        """Whether this actor has the right at the place with this path."""
        if Role.RESIDENT in self.roles and by.kind == "person":
            return True
        return any(at.startswith(path) for path in self.paths(by))

    def demand(self, by: Actor, *, at: str) -> None:
        """Refuse with `Forbidden` who has not the right at the place with this path."""
        if not self.allows(by, at=at):
            raise Forbidden(self.name)

    def demand_somewhere(self, by: Actor) -> None:
        """Refuse with `Forbidden` who has the right nowhere at all."""
        if not self.paths(by):
            raise Forbidden(self.name)

    def places(self, by: Actor) -> ColumnElement[bool]:
        """The condition on `Place` that selects where this actor has the right."""
        paths = self.paths(by)
        if ROOT in paths:
            return true()
        return or_(false(), *[inside(path) for path in paths])


_permissions: dict[str, Permission] = {}


def permission(name: str, *roles: Role, says: str, admins: bool = True) -> Permission:
    """Declare a right; unless said otherwise, administrators of a place have it within it."""
    made = Permission(name, frozenset({*roles, Role.ADMIN} if admins else roles), says)
    if name in _permissions:
        message = f"two permissions are named {name!r}"
        raise ValueError(message)
    return _permissions.setdefault(name, made)


def permissions() -> Iterator[Permission]:
    """Every right there is, by name."""
    return iter(sorted(_permissions.values(), key=lambda each: each.name))


async def person(session: AsyncSession, community_id: UUID, person_id: UUID) -> Actor:
    """A person as an actor, with the posts they hold at this moment."""
    rows = await session.execute(
        select(Post.role, Place.path, Post.speciality)
        .join(Post.place)
        .where(
            Post.community_id == community_id,
            Post.person_id == person_id,
            Post.ended_at.is_(None),
        )
    )
    return Actor(community_id, "person", person_id, tuple(Held(*row) for row in rows))


async def _client(session: AsyncSession, caller: Bearer) -> Actor:
    row = (
        await session.execute(
            select(Client.role, Place.path)
            .join(Client.place)
            .where(
                Client.community_id == caller.community_id,
                Client.id == caller.holder_id,
                Client.revoked_at.is_(None),
            )
        )
    ).one_or_none()
    if row is None:
        raise Unauthenticated
    return Actor(caller.community_id, "client", caller.holder_id, (Held(*row),))


async def acting(session: AsyncSession, caller: Bearer) -> Actor:
    """Whoever a token speaks for, with the rights they have at this moment."""
    if caller.holder is Holder.CLIENT:
        return await _client(session, caller)
    exists = await session.scalar(
        select(Person.id).where(
            Person.community_id == caller.community_id, Person.id == caller.holder_id
        )
    )
    if exists is None:
        raise Unauthenticated
    return await person(session, caller.community_id, caller.holder_id)


async def signed_in(session: Session, request: Request) -> Actor:
    """Whoever's token the request carries."""
    return await acting(session, await bearer(session, request))


Me = Annotated[Actor, Depends(signed_in)]
