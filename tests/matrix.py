"""A community with somebody of every kind in it, and what each may be asked about."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.database import Sessions
from app.core.files import store_photo
from app.core.ids import new_id
from app.core.jobs import DeadLetter
from app.organizations import service as organizations
from app.organizations.models import OrganizationKind
from app.people import service as people
from app.people.access import Actor, system
from app.people.models import (
    CareKind,
    Client,
    ConsentChannel,
    Person,
    Post,
    Role,
    Speciality,
    Standing,
)
from app.places.models import Kind, Place
from app.service_requests import policies, service
from app.service_requests.catalogue import OTHER, install_catalogue
from app.service_requests.figures import reports
from app.service_requests.models import (
    FIRST_NUMBER,
    Category,
    Channel,
    Every,
    Follower,
    ReplyTemplate,
    SavedView,
    VisitPlan,
)
from app.service_requests.queries import categories_of
from tests.groups.chains.matrix import a_sign_up
from tests.groups.matrix import a_group_of
from tests.notices.builders import a_draft_of
from tests.notices.ways import a_dead_delivery
from tests.opinion.matrix import an_alert
from tests.people.builders import (
    a_client,
    a_person,
    a_residence,
    a_resident,
    a_worker,
    an_account,
    somebody_hired,
    token_of,
)
from tests.places.builders import a_community, a_home, a_place
from tests.polls.matrix import a_picture_and_an_objection
from tests.polls.owners.matrix import papers_and_owners
from tests.polls.telling.matrix import a_poll_to_remind_of
from tests.polls.topics.matrix import a_topic_of
from tests.webhooks.matrix import an_endpoint

Asks = Callable[["World"], dict[str, Any]]

CALLERS = (
    *("anonymous", "resident", "neighbour", "worker", "far", "leader"),
    *("staff", "manager", "admin", "client", "operator", "foreign"),
)
"""Resident and worker belong to the home in question, neighbour and far to another area; the
leader has the area, the others the community; the foreign one administers another community."""


@dataclass
class World:
    """Ids by the names they have in paths and bodies, and a token for every caller."""

    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def path(self, template: str) -> str:
        """The path with the ids of this world in it."""
        return re.sub(r"{(\w+)}", lambda name: self.ids[name[1]], template)

    def nowhere(self) -> "World":
        """The same callers, asking about what does not exist."""
        missing = {
            name: str(new_id()) if _is_id(value) else "no-such-thing"
            for name, value in self.ids.items()
        }
        named = {name: self.ids[name] for name in ("step", "day", "version", "month")}
        return World(self.ids | missing | named | {"number": "999999"}, self.tokens)


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


async def a_world(session: AsyncSession) -> World:
    """The community, its callers and its things, committed."""
    root = await a_community(session, "yiyi")
    area = await a_place(session, root, Kind.AREA, "A1")
    grid = await a_place(session, area, Kind.GRID, "G1")
    far = await a_place(session, root, Kind.AREA, "A2")
    home = await a_home(session, grid, "3-2-502")
    resident = await a_resident(session, home)
    worker = await somebody_hired(session, grid, Role.GRID_WORKER, "worker")
    callers: dict[str, Person | Client] = {
        "resident": resident,
        "neighbour": await a_resident(session, await a_home(session, far, "9-1-101"), "李四"),
        "worker": worker,
        "far": await a_worker(session, far, Role.GRID_WORKER),
        "leader": await a_worker(session, area, Role.LEADER),
        "staff": await a_worker(session, root, Role.STAFF, Speciality.GENERAL),
        "manager": await a_worker(session, root, Role.MANAGER),
        "admin": await a_worker(session, root, Role.ADMIN),
        "client": await a_client(session, root, Role.STAFF),
        "operator": await a_worker(session, root, Role.OPERATOR),
        "foreign": await a_worker(session, await a_community(session, "erer"), Role.ADMIN),
    }
    world = World(tokens={name: token_of(session, who) for name, who in callers.items()})
    await _people(session, world, home, resident, worker)
    await _requests(session, world, home, resident)
    await _followed(session, world, callers["neighbour"])
    await _organizations(session, world, area)
    await _special_day(session, world, root)
    await _desk(session, world, root)
    await _looked_after(session, world, home, resident)
    world.ids |= await an_alert(session, grid, resident)
    world.ids = await a_poll_to_remind_of(session, grid) | world.ids
    world.ids |= await a_group_of(session, grid, resident)
    world.ids = await a_sign_up(session, grid, resident) | world.ids
    world.ids |= await an_endpoint(session, root)
    world.ids |= await a_draft_of(session, grid)
    world.ids |= await a_dead_delivery(session, root)
    world.ids |= await a_topic_of(session, grid, resident)
    world.ids |= {
        "community_id": str(root.community_id),
        "slug": "yiyi",
        "place_id": str(grid.id),
        "parent_id": str(area.id),
        "home_id": str(home.id),
        "account_id": str((await an_account(session, root)).id),
        "client_id": str((await a_client(session, area)).id),
    }
    world.ids |= await papers_and_owners(session, world.ids, home, resident)
    world.ids |= await a_picture_and_an_objection(session, world.ids, resident)
    await session.commit()
    return world


async def _people(
    session: AsyncSession, world: World, home: Place, resident: Person, worker: Person
) -> None:
    """The person in question is the resident, as staff the worker; each has one thing more."""
    newcomer = await a_person(session, home, "王五")
    claimed = await a_residence(session, newcomer, home, Standing.CLAIMED)
    post = Post(
        community_id=home.community_id, person_id=worker.id, place_id=home.id, role=Role.STAFF
    )
    session.add(post)
    await session.flush()
    world.ids |= {
        "person_id": str(resident.id),
        "staff_id": str(worker.id),
        "post_id": str(post.id),
        "residence_id": str(claimed.id),
    }


async def _organizations(session: AsyncSession, world: World, area: Place) -> None:
    """An organisation of the area, somebody who works for it, and what it offers."""
    by = system(area.community_id)
    made = await organizations.add(
        session, code="lvcheng", name="绿城物业", kind=OrganizationKind.PROPERTY, place=area, by=by
    )
    member = await organizations.add_member(
        session, made, await a_person(session, area, "吴师傅"), by=by
    )
    listing = await organizations.add_listing(
        session, made, category_code=OTHER, title="上门维修", place=area, by=by
    )
    world.ids |= {
        "organization_id": str(made.id),
        "member_id": str(member.id),
        "listing_id": str(listing.id),
    }


async def _followed(session: AsyncSession, world: World, neighbour: Person | Client) -> None:
    """The request is the matter of a neighbour, too."""
    request_id = UUID(world.ids["request_id"])
    follower = Follower(
        community_id=neighbour.community_id, request_id=request_id, person_id=neighbour.id
    )
    session.add(follower)
    await session.flush()
    world.ids["number"] = str(FIRST_NUMBER)


async def _looked_after(session: AsyncSession, world: World, home: Place, resident: Person) -> None:
    """The resident is on the care register and visited by plan; a month was published."""
    by = system(home.community_id)
    entry = await people.enter(
        session,
        resident,
        home,
        kinds=[CareKind.ELDERLY],
        note=None,
        contact=None,
        agreed=people.Agreed("同意", ConsentChannel.PAPER),
        by=by,
    )
    category = (await session.scalars(categories_of(home.community_id))).first()
    plan = VisitPlan(
        community_id=home.community_id,
        person_id=resident.id,
        place_id=home.id,
        category_id=category and category.id,
        task="走访",
        every=Every.WEEK,
        count=1,
        starts_on=date(2026, 12, 1),
        next_on=date(2026, 12, 1),
    )
    session.add(plan)
    await session.flush()
    month = await reports.publish(session, "2026-09", note=None, by=by)
    world.ids |= {"entry_id": str(entry.id), "plan_id": str(plan.id), "month": month.month}


async def _special_day(session: AsyncSession, world: World, root: Place) -> None:
    """A day on which the community works, whatever the calendar says."""
    day, by = date(2026, 11, 28), system(root.community_id)
    await policies.set_day(session, day, working=True, note="值班", by=by)
    world.ids["day"] = day.isoformat()


async def _desk(session: AsyncSession, world: World, root: Place) -> None:
    """A view that is shared, and words to reply with."""
    view = SavedView(community_id=root.community_id, id=new_id(), name="大家的", filters={})
    template = ReplyTemplate(
        community_id=root.community_id, id=new_id(), name="受理", text="您好，{称呼}"
    )
    session.add_all([view, template])
    await session.flush()
    world.ids |= {"view_id": str(view.id), "template_id": str(template.id)}


async def _requests(session: AsyncSession, world: World, home: Place, resident: Person) -> None:
    """A request of the resident, and work of this community that failed."""
    by = system(home.community_id)
    await install_catalogue(session, home.community_id, by=by)
    category: Category = (await session.scalars(categories_of(home.community_id))).first()  # type: ignore[assignment]
    photo = await store_photo(session, a_photo(), community_id=home.community_id, by=resident.id)
    request = await service.file(
        session,
        photos=[photo.id],
        category=category,
        place=home,
        summary="水管漏水",
        by=Actor(home.community_id, "person", resident.id),
        reporter_id=resident.id,
        channel=Channel.DESK,
    )
    letter = DeadLetter(
        job_id=1,
        community_id=home.community_id,
        task="app.service_requests.reactions.follow_the_person",
        arguments={},
        error="Timeout",
    )
    session.add(letter)
    await session.flush()
    world.ids |= {
        "code": category.code,
        "version": "1",
        "request_id": str(request.id),
        "step": "accept",
        "file_id": str(photo.id),
        "letter_id": str(letter.id),
    }


def a_photo() -> bytes:
    """A small picture."""
    file = BytesIO()
    Image.new("RGB", (8, 8), "navy").save(file, "JPEG")
    return file.getvalue()


def routes(web: FastAPI) -> set[str]:
    """Every route of the API, as `GET /places`, found by looking."""
    return {
        f"{method} {path.removeprefix('/api/v1')}"
        for route in iter_route_contexts(web.routes)
        if (path := route.path or "").startswith("/api/v1/")
        for method in (route.methods or set()) - {"HEAD"}
    }


class Door:
    """The service, where nothing that is asked has an effect on what is asked next."""

    def __init__(self, engine: AsyncEngine, web: FastAPI) -> None:
        self._engine = engine
        self._web = web

    async def ask(
        self, world: World, caller: str, route: str, asks: dict[str, Any]
    ) -> httpx.Response:
        """The answer to this caller; what it changed is undone."""
        method, path = route.split(" ")
        token = world.tokens.get(caller)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._engine.connect() as connection, connection.begin() as undone:
            sessions: Sessions = async_sessionmaker(
                connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            )
            self._web.state.sessions = sessions
            transport = httpx.ASGITransport(self._web)
            async with httpx.AsyncClient(transport=transport, base_url="http://palm.test") as http:
                answer = await http.request(
                    method, f"/api/v1{world.path(path)}", headers=headers, **asks
                )
            await undone.rollback()
        return answer
