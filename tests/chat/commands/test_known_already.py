"""Who is about to report what a neighbour has reported is told so, and can join with a tap."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.service_requests.models import Follower
from tests.chat.builders import Phone, Street, taps
from tests.chat.conftest import Phones

LAMP = "报修 3栋楼下路灯不亮"


@pytest.fixture
async def neighbour(phone: Phones, street: Street) -> Phone:
    """赵敏, who lives in the same building."""
    return await phone("赵敏", home=street.places["/G1/3/2/601/"])


async def test_a_neighbours_report_is_named_by_its_number_and_followed_with_a_tap(
    resident: Phone, neighbour: Phone, session: AsyncSession
) -> None:
    await resident.says(LAMP, "1")

    asked = await neighbour.gets(LAMP)

    assert "附近有人报过 1001" in asked
    assert "李桂兰" not in asked
    assert "有进展会一起告诉您" in await neighbour.says(taps(asked)["我也是"])
    follower = (await session.scalars(select(Follower))).one()
    assert follower.person_id == neighbour.person_id
    assert "没有正在办的事" in await neighbour.says("取消")


async def test_nothing_is_said_of_what_happens_in_a_neighbours_home(
    resident: Phone, neighbour: Phone
) -> None:
    await resident.says("报修 水管漏水", "1")

    assert "附近有人报过" not in await neighbour.says("报修 水管漏水")


async def test_who_only_follows_the_account_is_told_nothing(
    resident: Phone, newcomer: Phone
) -> None:
    await resident.says(LAMP, "1")

    assert "附近有人报过" not in await newcomer.says(LAMP)
