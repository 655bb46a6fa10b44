"""A small town to test with: two grids, three homes, and the people who live and work there."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth import Holder, issue
from app.core.database import Sessions
from app.core.ids import new_id
from app.notices.audiences import Audience
from app.notices.channels import Content, Limits, Where
from app.notices.models import Delivery, Notice
from app.people.access import system
from app.people.models import Client, Person, Post, Role, Speciality
from app.places.models import Community, Kind, Place
from app.service_requests.catalogue import install_catalogue

KINDS = [Kind.COMMUNITY, Kind.AREA, Kind.GRID, Kind.BUILDING, Kind.UNIT, Kind.HOME]
PATHS = [
    "/",
    "/A1/",
    "/A1/G1/",
    "/A1/G1/3/",
    "/A1/G1/3/2/",
    "/A1/G1/3/2/502/",
    "/A1/G1/3/2/601/",
    "/A1/G2/",
    "/A1/G2/9/",
    "/A1/G2/9/1/",
    "/A1/G2/9/1/101/",
]


@dataclass
class Town:
    """A community as a test sees it; people are added by `a_person`."""

    community: Community
    places: dict[str, Place]
    tokens: dict[UUID, str] = field(default_factory=dict)

    @property
    def home(self) -> Place:
        return self.places["/A1/G1/3/2/502/"]


async def a_town(session: AsyncSession, slug: str = "yiyi", *, catalogue: bool = True) -> Town:
    community = Community(id=new_id(), slug=slug, name="伊伊小区", town="ZJ镇")
    session.add(community)
    await session.flush()
    places: dict[str, Place] = {}
    for path in PATHS:
        parts = path.strip("/").split("/") if path != "/" else []
        parent = f"/{'/'.join(parts[:-1])}/" if len(parts) > 1 else "/"
        places[path] = Place(
            id=new_id(),
            community_id=community.id,
            parent_id=places[parent].id if parts else None,
            kind=KINDS[len(parts)],
            code=parts[-1] if parts else slug,
            name=parts[-1] if parts else community.name,
            path=path,
        )
    session.add_all(places.values())
    await session.flush()
    if catalogue:
        await install_catalogue(session, community.id, by=system(community.id))
    return Town(community, places)


async def a_person(
    session: AsyncSession,
    town: Town,
    name: str,
    role: Role | None = None,
    *,
    at: str = "/",
    speciality: Speciality | None = None,
) -> Person:
    """Somebody of the town, signed in; with a role, somebody who works there."""
    person = Person(id=new_id(), community_id=town.community.id, name=name)
    session.add(person)
    await session.flush()
    if role:
        post = Post(
            community_id=town.community.id,
            person_id=person.id,
            place_id=town.places[at].id,
            role=role,
            speciality=speciality,
        )
        session.add(post)
    town.tokens[person.id] = issue(
        session, community_id=town.community.id, holder=Holder.PERSON, holder_id=person.id
    )
    await session.flush()
    return person


async def a_client(session: AsyncSession, town: Town, role: Role, at: str = "/") -> Client:
    """Another program, such as a town's hotline."""
    program = Client(
        id=new_id(),
        community_id=town.community.id,
        name="12345热线",
        place_id=town.places[at].id,
        role=role,
    )
    session.add(program)
    town.tokens[program.id] = issue(
        session, community_id=town.community.id, holder=Holder.CLIENT, holder_id=program.id
    )
    await session.flush()
    return program


@dataclass
class Caller:
    """The service as one person reaches it."""

    http: httpx.AsyncClient
    token: str

    async def __call__(self, method: str, path: str, **rest: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | rest.pop("headers", {})
        return await self.http.request(method, f"/api/v1{path}", headers=headers, **rest)

    async def get(self, path: str, **rest: Any) -> httpx.Response:
        return await self("GET", path, **rest)

    async def post(self, path: str, json: Any = None, **rest: Any) -> httpx.Response:
        return await self("POST", path, json=json, **rest)

    async def patch(self, path: str, json: Any, **rest: Any) -> httpx.Response:
        return await self("PATCH", path, json=json, **rest)

    async def ask(self, **asked: Any) -> dict[str, Any]:
        """File a request and return it."""
        answer = await self.post("/service-requests", asked)
        assert answer.status_code == 201, answer.text
        filed: dict[str, Any] = answer.json()
        return filed

    async def step(self, request: dict[str, Any], name: str, **form: Any) -> httpx.Response:
        return await self.post(f"/service-requests/{request['id']}/steps/{name}", form)

    async def take(self, request: dict[str, Any], name: str, **form: Any) -> dict[str, Any]:
        """Take a step that has to succeed, and return the request."""
        answer = await self.step(request, name, **form)
        assert answer.status_code == 200, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    async def read(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = await self.get(f"/service-requests/{request['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def timeline(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await self.get(f"/service-requests/{request['id']}/timeline")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


class Letterbox:
    """A channel that reaches everybody and keeps what it is given."""

    limits = Limits()
    dedupes = True
    disturbs = True

    def __init__(self) -> None:
        self.letters: list[Delivery] = []

    async def addresses(
        self, _session: AsyncSession, _community_id: UUID, person_id: UUID
    ) -> Sequence[Where]:
        return [Where(person_id, "letterbox")]

    def recipients(self, _notice: Notice, _audience: Audience) -> None:
        """It carries no notices."""

    @asynccontextmanager
    async def lane(self, _sessions: Sessions, _lane: str) -> AsyncIterator[Self]:
        yield self

    async def send(self, delivery: Delivery, _content: Content) -> str | None:
        self.letters.append(delivery)
        return None

    def to(self, person: Person) -> list[str]:
        """The titles of what somebody was told, in order."""
        mine = [letter for letter in self.letters if letter.person_id == person.id]
        return [letter.title or "" for letter in sorted(mine, key=lambda letter: letter.id)]

    def last_to(self, person: Person) -> dict[str, str]:
        """The lines of what somebody was told last."""
        mine = [letter for letter in self.letters if letter.person_id == person.id]
        return dict(max(mine, key=lambda letter: letter.id).lines)
