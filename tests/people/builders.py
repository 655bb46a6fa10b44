"""People for tests: residents, staff, programs, WeChat users, and their tokens."""

from itertools import count
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth import Holder, issue
from app.core.facts import Fact
from app.people import service as people
from app.people.access import Actor, Held, system
from app.people.models import (
    Client,
    Identity,
    Person,
    Post,
    Relation,
    Residence,
    Role,
    Speciality,
    Standing,
)
from app.places.models import Place
from app.wechat.edge import Mode
from app.wechat.models import Account

_numbers = count(1)
PASSWORD = "correct horse"
PHONE = "13800138000"


async def a_person(
    session: AsyncSession, root: Place, name: str | None = "张三", phone: str | None = None
) -> Person:
    """Somebody of the community."""
    person = Person(community_id=root.community_id, name=name)
    person.reached_at(phone)
    session.add(person)
    await session.flush()
    return person


async def a_residence(
    session: AsyncSession,
    person: Person,
    home: Place,
    standing: Standing = Standing.VERIFIED,
    relation: Relation = Relation.OWNER,
) -> Residence:
    """Somebody living in a home."""
    residence = Residence(
        community_id=person.community_id,
        person_id=person.id,
        home_id=home.id,
        relation=relation,
        standing=standing,
    )
    session.add(residence)
    await session.flush()
    return residence


async def a_resident(
    session: AsyncSession, home: Place, name: str = "张三", phone: str | None = PHONE
) -> Person:
    """Somebody who is known to live in a home."""
    person = await a_person(session, home, name, phone)
    await a_residence(session, person, home)
    return person


async def a_post(
    session: AsyncSession,
    person: Person,
    place: Place,
    role: Role,
    speciality: Speciality | None = None,
) -> Post:
    """A role somebody holds within a place."""
    by = system(place.community_id)
    return await people.give_post(
        session, person, place=place, role=role, speciality=speciality, by=by
    )


async def a_worker(
    session: AsyncSession,
    place: Place,
    role: Role = Role.GRID_WORKER,
    speciality: Speciality | None = None,
) -> Person:
    """A member of staff with one post, and no password."""
    person = await a_person(session, place, f"{role.value} {next(_numbers)}")
    await a_post(session, person, place, role, speciality)
    return person


async def somebody_hired(
    session: AsyncSession, place: Place, role: Role = Role.STAFF, login: str = ""
) -> Person:
    """A member of staff who can sign in with `PASSWORD`."""
    return await people.hire(
        session,
        name=role.value,
        login=login or f"staff{next(_numbers)}",
        password=PASSWORD,
        place=place,
        role=role,
        by=system(place.community_id),
    )


def acting(person: Person, *posts: tuple[Role, Place]) -> Actor:
    """The person as an actor who holds these posts."""
    held = tuple(Held(role, place.path) for role, place in posts)
    return Actor(person.community_id, "person", person.id, held)


def token_of(session: AsyncSession, holder: Person | Client) -> str:
    """A token with which this person or program calls."""
    kind = Holder.PERSON if isinstance(holder, Person) else Holder.CLIENT
    return issue(session, community_id=holder.community_id, holder=kind, holder_id=holder.id)


async def a_client(session: AsyncSession, place: Place, role: Role = Role.STAFF) -> Client:
    """Another program that acts in a role within a place."""
    client = Client(community_id=place.community_id, name="hub", place_id=place.id, role=role)
    session.add(client)
    await session.flush()
    return client


async def an_account(session: AsyncSession, root: Place) -> Account:
    """A WeChat account of the community."""
    number = next(_numbers)
    account = Account(
        community_id=root.community_id,
        slug=f"account-{number}",
        name="掌上社区",
        app_id=f"wx{number:016}",
        mode=Mode.SAFE,
        app_secret="secret",
        token="token",
        aes_key="a" * 43,
    )
    session.add(account)
    await session.flush()
    return account


async def a_follower(session: AsyncSession, account: Account, openid: str = "") -> Identity:
    """A WeChat user who follows the account, of whom nothing else is known."""
    return await people.follow(session, account=account, openid=openid or f"o{next(_numbers):027}")


class Caller:
    """Somebody at the door of the service, with a token."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self._http = http
        self.token = token

    async def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer to a request below `/api/v1`."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self._http.request(method, f"/api/v1{path}", headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx.Response:
        return await self("POST", path, **options)

    async def patch(self, path: str, **options: Any) -> httpx.Response:
        return await self("PATCH", path, **options)

    async def put(self, path: str, **options: Any) -> httpx.Response:
        return await self("PUT", path, **options)

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        return await self("DELETE", path, **options)


async def facts(session: AsyncSession, kind: str) -> list[dict[str, Any]]:
    """What the record says happened, by kind of event."""
    rows = await session.scalars(select(Fact.payload).where(Fact.kind == kind).order_by(Fact.id))
    return list(rows)
