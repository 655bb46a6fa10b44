"""The chat groups: each is told once, within its platform's limits, and no person is."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.groups.models import GroupKind, GroupState
from app.groups.platforms import platforms
from app.notices import content
from app.notices.channels import channels
from app.notices.models import Delivery, State
from tests.groups.builders import a_group
from tests.notices.channels.conftest import Publishes
from tests.service_requests.builders import Town
from tests.service_requests.conftest import People
from tests.webhooks.receiver import Receiver, answer

TAKEN = answer("200 OK", body=b'{"errcode":0,"errmsg":"ok"}')
ALL_BUILDINGS: dict[str, Any] = {"audience": {"group_kinds": ["building"]}}


async def test_a_notice_is_said_once_in_each_open_group_it_is_for(
    session: AsyncSession, town: Town, receiver: Receiver, publishes: Publishes
) -> None:
    robot = {"url": f"http://127.0.0.1:{receiver.port}/cgi-bin/webhook/send?key=K"}
    group = await a_group(session, town, robot=robot)
    await a_group(session, town, robot=robot, kind=GroupKind.PARTY)
    await a_group(session, town, robot=robot, state=GroupState.CLOSED)
    await session.commit()
    receiver.usual = TAKEN
    delivery = (await publishes("groups", **ALL_BUILDINGS))["groups"]

    assert (delivery.state, delivery.address_id) == (State.SENT, group.id)
    assert (delivery.lane, delivery.person_id) == (f"group:{group.id}", None)
    (said,) = receiver.arrived
    words = json.loads(said.body)["markdown"]["content"]
    assert "停水通知" in words
    assert str((await content.of(session, delivery)).link) in words


async def test_an_error_in_an_answer_of_200_is_a_failure(
    session: AsyncSession, town: Town, receiver: Receiver, publishes: Publishes
) -> None:
    robot = {"url": f"http://127.0.0.1:{receiver.port}/cgi-bin/webhook/send?key=K"}
    await a_group(session, town, robot=robot)
    await session.commit()
    receiver.usual = answer("200 OK", body=b'{"errcode":93000,"errmsg":"invalid webhook url"}')
    delivery = (await publishes("groups", **ALL_BUILDINGS))["groups"]

    assert (delivery.state, delivery.answer) == (State.REFUSED, "93000")


@pytest.mark.parametrize("name", ["wecom", "dingtalk", "feishu", "signed"])
async def test_each_group_has_the_limits_of_its_platform(
    session: AsyncSession, sessions: Sessions, town: Town, name: str
) -> None:
    group = await a_group(session, town, platform=name, robot={"url": "https://x.example/"})
    await session.commit()
    way, platform = channels.get("groups"), platforms.get(name)
    assert way
    assert platform
    async with way.lane(sessions, f"group:{group.id}") as lane:
        limits: Any = lane
        assert limits.limits.per_minute == platform.limits.per_minute
        assert limits.limits.per_second == platform.limits.per_second
        assert limits.dedupes is platform.dedupes


async def test_what_is_for_one_person_is_said_in_no_group(
    session: AsyncSession, town: Town, people: People
) -> None:
    for name in ("groups", "site", "itv", "weibo", "webhook"):
        way = channels.get(name)
        assert way
        assert not await way.addresses(session, town.community.id, people.resident.id)
    assert not (await session.scalars(select(Delivery))).all()
