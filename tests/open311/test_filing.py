"""Requests as other programs file them, in every spelling that clients were seen to use."""

from typing import Any
from uuid import UUID

import pytest
from lxml import etree
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.models import Person
from app.service_requests.models import Category, Channel, Datum, Remark, ServiceRequest
from tests.conftest import Worker
from tests.open311.city import LIGHT, City, said
from tests.open311.conftest import As, Programs
from tests.open311.test_services import QUESTIONS
from tests.service_requests.builders import Letterbox, Town

PLAIN = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.fixture
def hotline(city: As, programs: Programs) -> City:
    return city(programs.hotline)


async def the(session: AsyncSession, number: str) -> ServiceRequest:
    """The request as it is stored."""
    row = select(ServiceRequest).where(ServiceRequest.number == int(number))
    return (await session.scalars(row.execution_options(populate_existing=True))).one()


async def remarks(session: AsyncSession) -> list[str | None]:
    rows = select(Remark.text).where(Remark.internal.is_(False)).order_by(Remark.id)
    return list(await session.scalars(rows))


async def test_the_answer_is_the_number_of_the_request(
    hotline: City, session: AsyncSession
) -> None:
    answer = await hotline.post("requests.xml", account_id="a-7", **LIGHT)

    root = etree.fromstring(answer.content)
    assert root.tag == "service_requests"
    (request,) = root
    assert [child.tag for child in request] == [
        "service_request_id",
        "service_notice",
        "account_id",
    ]
    assert request.findtext("account_id") == "a-7"
    filed = await the(session, request.findtext("service_request_id") or "")
    assert filed.summary == "路灯不亮"
    assert filed.channel is Channel.OPEN311
    assert filed.reporter_id is None


async def test_it_goes_the_way_of_every_request(
    hotline: City, session: AsyncSession, grid_worker: Person, worker: Worker
) -> None:
    number = await hotline.file()
    await worker.catch_up()

    assert (await the(session, number)).assignee_id == grid_worker.id


async def test_who_is_named_by_a_phone_reported_it_and_is_told(
    hotline: City, session: AsyncSession, grid_worker: Person, worker: Worker, letters: Letterbox
) -> None:
    who = {"first_name": "桂兰", "last_name": "李", "phone": "+86 138-1234-5678"}
    first = await the(session, await hotline.file(**who))
    second = await the(session, await hotline.file(**who))
    await worker.catch_up()

    person = await session.get_one(Person, (first.community_id, first.reporter_id))
    assert (person.name, person.phone) == ("李桂兰", "13812345678")
    assert second.reporter_id == person.id
    assert person.id in {letter.person_id for letter in letters.letters}


NAMES = [
    ({"first_name": "李桂兰", "last_name": ""}, "李桂兰"),
    ({"first_name": "John", "last_name": "Smith"}, "John Smith"),
    ({"last_name": "Smith"}, "Smith"),
    ({}, None),
]


async def test_a_name_may_come_in_one_part_or_two_or_not_at_all(
    hotline: City, session: AsyncSession
) -> None:
    for nth, (names, whole) in enumerate(NAMES):
        filed = await the(session, await hotline.file(phone=f"1381234567{nth}", **names))

        person = await session.get_one(Person, (filed.community_id, filed.reporter_id))
        assert person.name == whole


async def test_a_name_without_a_phone_is_nobody(hotline: City, session: AsyncSession) -> None:
    filed = await the(session, await hotline.file(first_name="李桂兰", email="li@example.org"))

    assert filed.reporter_id is None
    assert await session.scalar(select(func.count()).select_from(Person)) == 0


ADDRESSES = [
    ("3栋2单元502室", "/A1/G1/3/2/502/"),
    ("ZJ镇伊伊小区３号楼2单元 502", "/A1/G1/3/2/502/"),
    ("三栋二单元502", "/A1/G1/3/2/502/"),
    ("3-2-601", "/A1/G1/3/2/601/"),
    ("9栋", "/A1/G2/9/"),
    ("3栋9单元999", "/A1/G1/3/"),
    ("77栋", "/"),
    ("东门外", "/"),
]


async def test_an_address_is_understood_as_far_as_it_goes(
    hotline: City, town: Town, session: AsyncSession
) -> None:
    for address, path in ADDRESSES:
        filed = await the(session, await hotline.file(address_string=address))

        assert filed.place_id == town.places[path].id, address
        assert filed.location_label == address


async def test_an_address_that_is_no_place_of_ours_is_kept_in_words(
    hotline: City, session: AsyncSession
) -> None:
    await hotline.file(address_string="东门外公交站")

    assert await remarks(session) == ["地址：东门外公交站"]


async def test_a_point_is_kept_as_it_was_sent(hotline: City, session: AsyncSession) -> None:
    point = {"lat": "31.1774276", "long": "121.5272106", "address_string": ""}
    filed = await the(session, await hotline.file(**point))

    assert (filed.latitude, filed.longitude) == (31.1774276, 121.5272106)
    assert filed.datum is Datum.WGS84
    shown = await hotline.read(str(filed.number))
    assert (shown["lat"], shown["long"]) == (31.177428, 121.527211)


async def test_a_place_may_be_named_by_its_id_or_its_path(
    hotline: City, town: Town, session: AsyncSession
) -> None:
    home = town.home
    for given in (str(home.id), home.path):
        filed = await the(session, await hotline.file(address_id=given, address_string=""))
        assert filed.place_id == home.id


async def test_what_a_program_of_one_grid_files_without_a_place_is_in_that_grid(
    city: As, programs: Programs, town: Town, session: AsyncSession
) -> None:
    filed = await the(session, await city(programs.grid).file(address_string="东门外"))

    assert filed.place_id == town.places["/A1/G1/"].id


@pytest.mark.parametrize(
    "spelled",
    [
        "attribute[when][]=day&attribute[when][]=night",
        "attribute[when][0]=day&attribute[when][1]=night",
        "attribute[when]=day&attribute[when]=night",
    ],
)
async def test_several_answers_may_be_spelled_in_three_ways(
    hotline: City, town: Town, session: AsyncSession, spelled: str
) -> None:
    await asking(session, QUESTIONS)
    form = (
        f"api_key={hotline.key}&service_code=drain&address_string=3&attribute[words]=x"
        f"&attribute[lamps]=2&attribute[since]=2026-11-20T20:00:00Z&attribute[where]=hall"
        f"&attribute[sparks]=no&{spelled}"
    )
    answer = await hotline.http.post(
        "/open311/v2/requests.json", content=form.encode(), headers=PLAIN
    )

    assert answer.status_code == 200, answer.text
    number = answer.json()[0]["service_request_id"]
    assert (await the(session, number)).answers == {
        "words": "x",
        "lamps": 2.0,
        "since": "2026-11-21",
        "where": "hall",
        "when": ["day", "night"],
        "sparks": False,
    }
    shown = await hotline.read(number, extensions="true")
    given = {each["code"]: each["value"] for each in shown["attributes"]}
    assert given["when"] == "day,night"
    assert given["sparks"] == "no"


async def asking(session: AsyncSession, questions: list[dict[str, Any]]) -> None:
    row = update(Category).where(Category.code == "drain").values(questions=questions)
    await session.execute(row)
    await session.commit()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "attribute[words]"),
    ({"words": "x", "where": "moon"}, "attribute[where]"),
    ({"words": "x", "lamps": "many"}, "attribute[lamps]"),
    ({"words": "x", "lamps": "0"}, "attribute[lamps]"),
    ({"words": "x", "since": "yesterday"}, "attribute[since]"),
    ({"words": "x", "sparks": "perhaps"}, "attribute[sparks]"),
    ({"words": "x", "colour": "red"}, "attribute[colour]"),
    ({"words": ["x", "y"]}, "attribute[words]"),
]


async def test_an_answer_that_does_not_answer_is_named(
    hotline: City, session: AsyncSession
) -> None:
    await asking(session, QUESTIONS)
    for answers, at in WRONG:
        form = {f"attribute[{code}]": answer for code, answer in answers.items()}
        sent = {"service_code": "drain", "address_string": "3栋"} | form

        answer = await hotline.post("requests.xml", **sent)

        assert answer.status_code == 400
        (description,) = said(answer)
        assert description.startswith(f"{at}: "), answers


async def test_an_answer_that_ends_the_form_is_answered_with_its_advice(
    hotline: City, session: AsyncSession
) -> None:
    await asking(session, QUESTIONS)
    form = {"attribute[words]": "x", "attribute[sparks]": "yes"}

    answer = await hotline.post("requests.xml", service_code="drain", address_string="3栋", **form)

    assert answer.status_code == 400
    assert "请远离并拨打119。" in said(answer)[0]


async def test_raw_utf_8_in_a_form_is_understood(hotline: City, session: AsyncSession) -> None:
    """As curl sends it with `-d` and not `--data-urlencode`."""
    form = f"api_key={hotline.key}&service_code=street_light&address_string=3栋&description=路灯+坏"
    answer = await hotline.http.post(
        "/open311/v2/requests.json", content=form.encode(), headers=PLAIN
    )

    number = answer.json()[0]["service_request_id"]
    assert (await the(session, number)).summary == "路灯 坏"


async def test_the_jurisdiction_may_stand_in_the_address_of_a_post(hotline: City) -> None:
    answer = await hotline.post("requests.xml?jurisdiction_id=yiyi", **LIGHT)
    assert answer.status_code == 200

    answer = await hotline.post("requests.xml?jurisdiction_id=nowhere", **LIGHT)
    assert answer.status_code == 404


async def test_what_xml_cannot_hold_is_left_out_of_a_description(
    hotline: City, session: AsyncSession
) -> None:
    number = await hotline.file(description="灯\x0b坏\uffff了\0\x7f ]]><x/>")

    assert (await the(session, number)).summary == "灯坏了 ]]><x/>"
    listed = etree.fromstring((await hotline.get("requests.xml")).content)
    assert listed.findtext("request/description") == "灯坏了 ]]><x/>"


async def test_a_description_may_be_left_out_and_has_4000_characters_at_most(
    hotline: City, session: AsyncSession
) -> None:
    assert (await the(session, await hotline.file(description=""))).summary == "路灯与楼道灯"
    assert len((await the(session, await hotline.file(description="灯" * 4000))).summary) == 4000

    answer = await hotline.post("requests.xml", **(LIGHT | {"description": "灯" * 4001}))
    assert answer.status_code == 400


async def test_addresses_of_media_are_kept_in_words_and_nobody_goes_there(
    hotline: City, session: AsyncSession, worker: Worker
) -> None:
    """The guard of these tests lets nothing out of this machine."""
    await hotline.file(media_url=["https://example.org/1.jpg", "https://example.org/2.jpg"])
    await worker.catch_up()

    assert await remarks(session) == [
        "图片链接：https://example.org/1.jpg\n图片链接：https://example.org/2.jpg"
    ]


async def test_one_fact_says_that_the_program_filed_it(
    hotline: City, programs: Programs, session: AsyncSession
) -> None:
    filed = await the(session, await hotline.file())

    facts = select(Fact).where(Fact.subject_id == filed.id)
    (fact,) = await session.scalars(facts)
    assert (fact.kind, fact.actor_kind) == ("service_request.filed", "client")
    assert fact.actor_id == UUID(str(programs.hotline.id))
