import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.chat.queries import requests_of, speakers_of
from app.people.access import Held
from app.people.models import Role, Speciality, Standing
from app.places.words import address
from tests.chat.builders import Phone, Street
from tests.chat.conftest import Phones


async def test_speakers_come_in_the_order_they_are_asked_for(
    engine: AsyncEngine, phone: Phones, street: Street
) -> None:
    known = [await phone("甲"), await phone("乙", home=street.home), await phone()]
    keys = [(street.account.id, each.openid) for each in known]

    async with engine.connect() as connection:
        found = await speakers_of(
            connection, [keys[2], (street.account.id, "nobody"), keys[1], keys[0], keys[2]]
        )

    assert [each and each.openid for each in found] == [
        keys[2][1],
        None,
        keys[1][1],
        keys[0][1],
        keys[2][1],
    ]
    assert [each and each.name for each in found] == [None, None, "乙", "甲", None]


async def test_a_speaker_is_known_with_homes_posts_and_what_is_open(
    newcomer: Phone, worker_phone: Phone
) -> None:
    await newcomer.says("绑定 3栋2单元502", "绑定 7栋101", "报修")
    speaker = await newcomer.speaker()
    staff = await worker_phone.speaker()

    assert [(home.name, home.standing) for home in speaker.homes] == [
        ("3栋2单元502", Standing.CLAIMED),
        ("7栋101", Standing.CLAIMED),
    ]
    assert speaker.conversation is not None
    assert (speaker.conversation.command, speaker.conversation.step) == ("报修", "what")
    assert (speaker.community_name, speaker.hotline) == ("伊伊小区", "0571-8888-0000")
    assert not speaker.is_staff
    assert staff.posts == (Held(Role.GRID_WORKER, "/G1/", Speciality.PROPERTY),)
    assert staff.actor.is_staff


async def test_a_request_is_found_for_who_may_see_it(
    engine: AsyncEngine, resident: Phone, newcomer: Phone, street: Street
) -> None:
    await resident.says("报修 水管漏水", "1")
    community = street.community.id
    async with engine.connect() as connection:
        found = await requests_of(
            connection,
            [
                (community, newcomer.person_id, 1001, ()),
                (community, resident.person_id, 1001, ()),
                (community, newcomer.person_id, 1001, ("/G1/",)),
                (community, newcomer.person_id, 1001, ("/G2/",)),
                (community, resident.person_id, 1002, ()),
            ],
        )

    assert [each and (each.number, each.own) for each in found] == [
        None,
        (1001, True),
        (1001, False),
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("building", "unit", "home", "name"),
    [
        ("3栋", "2单元", "502", "3栋2单元502"),
        ("3", "2", "502", "3栋2单元502"),
        ("3栋", "3栋2单元", "3栋2单元502", "3栋2单元502"),
        ("3栋", "3栋2单元", "502室", "3栋2单元502室"),
        ("3栋", None, "502", "3栋502"),
        (None, None, "小广场", "小广场"),
    ],
)
def test_a_home_is_called_by_all_of_its_name(
    building: str | None, unit: str | None, home: str, name: str
) -> None:
    assert address(building, unit, home) == name
