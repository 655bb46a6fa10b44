import json

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.ids import new_id
from app.core.sending import Refused
from app.groups.keys import address_of, keys_of
from app.groups.models import GroupState
from app.groups.platforms import Words
from app.groups.speaking import say
from tests.groups.builders import a_bot, a_group
from tests.groups.platforms.conftest import outside
from tests.groups.platforms.outside import Outside, http
from tests.service_requests.builders import Town

__all__ = ["outside"]


async def test_a_group_with_a_bot_is_spoken_to_through_its_api(
    sessions: Sessions, session: AsyncSession, town: Town, outside: Outside
) -> None:
    outside.answers = [http({"status": "ok", "retcode": 0, "data": {"message_id": 9}})]
    bot = await a_bot(session, town, keys={"secret": "s", "token": "t"}, address=outside.url)
    group = await a_group(session, town, bot, external_id="640312")
    await session.commit()

    assert await say(sessions, group.id, Words(text="停水")) == "9"

    assert outside.headers[0]["authorization"] == "Bearer t"
    assert outside.body["group_id"] == 640312


async def test_a_group_with_a_robot_of_its_own_is_spoken_to_through_that(
    sessions: Sessions, session: AsyncSession, town: Town, outside: Outside
) -> None:
    outside.answers = [http({"code": 0})]
    robot = {"url": f"{outside.url}/hook/T", "secret": "demo"}
    group = await a_group(session, town, platform="feishu", robot=robot)
    await session.commit()

    assert await say(sessions, group.id, Words(text="停水")) is None

    assert outside.lines == ["POST /hook/T HTTP/1.1"]
    assert outside.body["sign"]


@pytest.mark.parametrize("state", [GroupState.PROPOSED, GroupState.CLOSED])
async def test_a_group_that_is_not_open_hears_nothing(
    sessions: Sessions, session: AsyncSession, town: Town, outside: Outside, state: GroupState
) -> None:
    group = await a_group(session, town, platform="feishu", robot={"url": outside.url}, state=state)
    await session.commit()

    for unheard in (group.id, new_id()):
        with pytest.raises(Refused):
            await say(sessions, unheard, Words(text="停水"))
    assert outside.connections == 0


async def test_a_platform_that_is_gone_refuses(
    sessions: Sessions, session: AsyncSession, town: Town
) -> None:
    group = await a_group(session, town, platform="icq", robot={"url": "http://x"})
    await session.commit()

    with pytest.raises(Refused, match="no_such_platform"):
        await say(sessions, group.id, Words(text="停水"))


async def test_a_bots_keys_name_it_and_nothing_can_take_that_name(
    session: AsyncSession, town: Town
) -> None:
    bot = await a_bot(session, town, keys={"secret": "s", "self_id": "666"}, self_id="10000")
    group = await a_group(session, town, bot)

    assert keys_of(bot) == {"secret": "s", "self_id": "10000", "name": "小掌"}
    assert address_of(group, bot).keys == keys_of(bot)
    group.robot = json.dumps({"url": "https://x.cn/", "secret": ""})
    assert address_of(group, None).robot_secret is None
