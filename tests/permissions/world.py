"""A community with somebody of every kind in it, and what each may be asked about."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.people.models import Client, Person, Role, Speciality
from app.places.models import Kind
from tests.groups.chains.matrix import a_sign_up
from tests.groups.matrix import a_group_of
from tests.notices.builders import a_draft_of
from tests.notices.ways import a_dead_delivery
from tests.opinion.matrix import an_alert
from tests.organizations.matrix import an_organization
from tests.people.builders import (
    a_client,
    a_resident,
    a_worker,
    an_account,
    somebody_hired,
    token_of,
)
from tests.people.matrix import a_newcomer_and_a_post
from tests.places.builders import a_community, a_home, a_place
from tests.polls.matrix import a_picture_and_an_objection
from tests.polls.owners.matrix import papers_and_owners
from tests.polls.telling.matrix import a_poll_to_remind_of
from tests.polls.topics.matrix import a_topic_of
from tests.service_requests.matrix import (
    a_follower,
    a_request_of,
    a_special_day,
    a_view_and_a_template,
    somebody_looked_after,
)
from tests.webhooks.matrix import an_endpoint

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
    world.ids |= await a_newcomer_and_a_post(session, home, resident, worker)
    world.ids |= await a_request_of(session, home, resident)
    world.ids |= await a_follower(session, world.ids, callers["neighbour"])
    world.ids |= await an_organization(session, area)
    world.ids |= await a_special_day(session, root)
    world.ids |= await a_view_and_a_template(session, root)
    world.ids |= await somebody_looked_after(session, home, resident)
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
