"""Outlets: what is there from the start, what is set up, and what is out when it is sent."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.notices import outlets
from app.notices.models import Outlet, State
from app.notices.outlet_lanes import keys_of
from app.people.access import system
from app.people.models import Role
from app.places import service as places
from app.places.models import Community
from tests.conftest import Worker
from tests.notices.channels.conftest import Publishes
from tests.people.builders import facts
from tests.service_requests.builders import Caller, Town, a_person
from tests.service_requests.conftest import As


@pytest.fixture
async def admin(session: AsyncSession, town: Town, acting: As) -> Caller:
    person = await a_person(session, town, "管理员", Role.ADMIN)
    await outlets.open_first(session, town.community.id)
    await session.commit()
    return acting(person)


async def test_a_new_community_has_its_site_and_its_board(
    session: AsyncSession, worker: Worker
) -> None:
    community = Community(id=new_id(), slug="new", name="新", town="ZJ镇")
    await places.found(session, community, by=system(community.id))
    await session.commit()
    await worker.catch_up()
    await outlets.open_first(session, community.id)

    there = select(Outlet.channel).where(Outlet.community_id == community.id)
    assert sorted(await session.scalars(there)) == ["itv", "site"]


async def test_what_goes_to_site_and_board_is_out_at_once(
    admin: Caller, publishes: Publishes
) -> None:
    out = await publishes("site", "itv")

    assert {each.channel: each.state for each in out.values()} == {
        "site": State.SENT,
        "itv": State.SENT,
    }


async def test_an_outlet_that_is_off_is_published_at_no_more(
    admin: Caller, publishes: Publishes
) -> None:
    listed = (await admin.get("/outlets")).json()["items"]
    (board,) = (each for each in listed if each["channel"] == "itv")
    off = await admin.patch(f"/outlets/{board['id']}", {"active": False})

    assert off.json()["active"] is False
    assert list(await publishes("site", "itv")) == ["site"]


async def test_the_secrets_of_an_outlet_go_in_and_never_out(
    session: AsyncSession, admin: Caller
) -> None:
    asked = {"channel": "weibo", "name": "伊伊社区发布", "keys": {"access_token": "T0P-secret"}}
    made = await admin.post("/outlets", asked)
    changed = await admin.patch(
        f"/outlets/{made.json()['id']}", {"keys": {"access_token": "T1P-secret"}}
    )
    listed = await admin.get("/outlets")

    assert (made.status_code, changed.status_code) == (201, 200)
    assert "P-secret" not in made.text + changed.text + listed.text
    outlet = (await session.scalars(select(Outlet).where(Outlet.channel == "weibo"))).one()
    assert keys_of(outlet) == {"access_token": "T1P-secret"}
    assert [fact["changed"] for fact in await facts(session, "notice.outlet_changed")] == [
        ["added"],
        ["keys"],
    ]
    twice = await admin.post("/outlets", asked)
    assert twice.json()["type"] == "/problems/outlet-taken"


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"channel": "wechat"}, "body.channel"),
        ({"channel": "nowhere"}, "body.channel"),
        ({"keys": {}}, "body.keys"),
        ({"keys": {"access_token": "x", "more": "y"}}, "body.keys"),
        ({"keys": {"access_token": ""}}, "body.keys.access_token"),
        ({"name": ""}, "body.name"),
    ],
)
async def test_what_is_asked_for_wrongly_is_said_by_field(
    admin: Caller, wrong: dict[str, Any], path: str
) -> None:
    asked = {"channel": "weibo", "name": "微博", "keys": {"access_token": "x"}, **wrong}
    refused = await admin.post("/outlets", asked)

    assert refused.status_code == 422, refused.text
    assert [error["path"] for error in refused.json()["errors"]] == [path]
