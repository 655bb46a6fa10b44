"""Updates both ways: what other programs are told, and what they tell us."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.facts import record
from app.open311.models import SentUpdate
from app.people.access import Actor, system
from app.people.models import Person
from app.service_requests import queries, service, workflow
from app.service_requests import remarks as remarks_of
from app.service_requests.events import RequestMerged, RequestTransferred
from app.service_requests.models import Clock, ClockKind, Remark, ServiceRequest, State
from tests.conftest import Worker
from tests.open311.city import City, said
from tests.open311.conftest import As, Programs
from tests.service_requests.builders import Letterbox, Town


@pytest.fixture
def hotline(city: As, programs: Programs) -> City:
    return city(programs.hotline)


@pytest.fixture
def overseer(city: As, programs: Programs) -> City:
    return city(programs.overseer)


async def the(session: AsyncSession, number: str) -> ServiceRequest:
    row = select(ServiceRequest.community_id, ServiceRequest.id)
    row = row.where(ServiceRequest.number == int(number))
    return await queries.whole(session, *(await session.execute(row)).one())


async def takes(session: AsyncSession, number: str, step: str, by: Actor, **form: Any) -> None:
    await workflow.take(session, await the(session, number), step, form, by=by)
    await session.commit()


async def remarks(session: AsyncSession) -> list[tuple[str | None, bool]]:
    """The words of every remark, and whether they are for staff alone."""
    rows = select(Remark.text, Remark.internal).order_by(Remark.id)
    return [(row.text, row.internal) for row in await session.execute(rows)]


async def tell(caller: City, number: str, status: str, **rest: Any) -> str:
    """Send an update; our name for it."""
    form = {"service_request_id": number, "status": status} | rest
    answer = await caller.post("servicerequestupdates.json", **form)
    assert answer.status_code == 200, answer.text
    (told,) = answer.json()
    assert list(told) == ["update_id"]
    return str(told["update_id"])


async def test_what_staff_did_is_told_with_its_status_and_their_words(
    hotline: City, session: AsyncSession, grid_worker: Person, worker: Worker
) -> None:
    number = await hotline.file()
    await worker.catch_up()
    by = Actor(grid_worker.community_id, "system", None, system(grid_worker.community_id).posts)
    await takes(session, number, "start", by)
    await takes(session, number, "complete", by, note="换了灯泡")

    updates = await hotline.updates()

    assert [each["status"] for each in updates] == [
        "INVESTIGATING",
        "ACTION_SCHEDULED",
        "IN_PROGRESS",
        "FIXED",
    ]
    assert {each["service_request_id"] for each in updates} == {number}
    assert updates[-1]["description"] == "换了灯泡"
    assert all(each["description"] for each in updates)
    assert len({each["update_id"] for each in updates}) == 4


async def test_the_xml_has_the_names_that_fixmystreet_reads(
    hotline: City, grid_worker: Person, worker: Worker
) -> None:
    await hotline.file()
    await worker.catch_up()

    root = etree.fromstring((await hotline.get("servicerequestupdates.xml")).content)

    assert root.tag == "service_request_updates"
    assert {child.tag for child in root} == {"request_update"}
    assert [child.tag for child in root[0]] == [
        "update_id",
        "service_request_id",
        "status",
        "description",
        "updated_datetime",
        "media_url",
    ]


async def test_public_remarks_are_told_under_the_status_of_their_time_and_notes_are_not(
    hotline: City, session: AsyncSession, grid_worker: Person, worker: Worker
) -> None:
    number = await hotline.file()
    await worker.catch_up()
    by = system(grid_worker.community_id)
    request = await the(session, number)
    await service.amend(session, request, text="明天上门", by=by)
    await service.note(session, request, text="内部：住户脾气大", by=by)
    await service.amend(session, request, text="居民补充", relayed=True, by=by)
    await session.commit()
    await takes(session, number, "start", by)

    told = [(each["status"], each["description"]) for each in (await hotline.updates())[2:]]

    assert told == [("ACTION_SCHEDULED", "明天上门"), ("IN_PROGRESS", "处理中")]


async def test_the_reason_that_a_colleague_was_given_is_not_told(
    hotline: City, session: AsyncSession, grid_worker: Person, worker: Worker
) -> None:
    request = await the(session, await hotline.file())
    reason = await remarks_of.add(session, request, "我休假", internal=True)
    handed = RequestTransferred(
        request_id=request.id,
        worker_id=grid_worker.id,
        instead_of_id=grid_worker.id,
        remark_id=reason,
    )
    await record(session, handed, by=system(request.community_id))
    await session.commit()

    (told,) = await hotline.updates()

    assert (told["status"], told["description"]) == ("ACTION_SCHEDULED", "已派单")


async def test_a_program_is_told_nothing_of_what_it_did_or_may_not_know(
    city: As, hotline: City, programs: Programs, grid_worker: Person, worker: Worker
) -> None:
    number = await hotline.file(address_string="9栋")
    await tell(hotline, number, "OPEN", description="还是不亮")
    await worker.catch_up()

    assert "还是不亮" not in str(await hotline.updates())
    assert await city(programs.grid).updates() == []
    assert (await city().get("servicerequestupdates.xml")).status_code == 403


async def test_updates_are_asked_for_by_time_and_in_pages(
    hotline: City, grid_worker: Person, worker: Worker
) -> None:
    await hotline.file()
    await worker.catch_up()
    now = clock.now()
    soon, before = now + timedelta(minutes=1), now - timedelta(hours=2)
    span = {"start_date": before.isoformat(), "end_date": soon.isoformat()}

    everything = await hotline.updates(**span)

    assert len(everything) == 2
    assert await hotline.updates(page_size="1", page="2", **span) == everything[1:]
    assert await hotline.updates(start_date=soon.isoformat()) == []
    assert await hotline.updates(end_date=before.isoformat()) == []


async def test_an_update_becomes_a_remark_of_the_resident_s_side_and_its_worker_hears_of_it(
    hotline: City,
    session: AsyncSession,
    grid_worker: Person,
    worker: Worker,
    letters: Letterbox,
) -> None:
    number = await hotline.file()
    await worker.catch_up()
    before = len(letters.to(grid_worker))

    await tell(
        hotline,
        number,
        "OPEN",
        description="还是不亮\x0b",
        updated_datetime="2026-11-23T08:00:00+08:00",
        first_name="李桂兰",
        last_name="-",
        update_id="77",
    )
    await worker.catch_up()

    assert await remarks(session) == [("还是不亮", False)]
    assert len(letters.to(grid_worker)) == before + 1
    first_answer = select(Clock.stopped_at).where(Clock.kind == ClockKind.FIRST_ANSWER)
    assert (await session.scalars(first_answer)).all() == [None]


@pytest.mark.parametrize(
    ("status", "words"),
    [("IN_PROGRESS", "处理中：好了"), ("fixed", "已解决：好了"), ("REOPEN", "要求重新办理：好了")],
)
async def test_a_status_that_a_program_cannot_set_is_noted_in_words(
    hotline: City, session: AsyncSession, status: str, words: str
) -> None:
    number = await hotline.file()

    await tell(hotline, number, status, description="好了", media_url="https://example.org/1.jpg")

    assert await remarks(session) == [(f"{words}\n图片链接：https://example.org/1.jpg", False)]
    assert (await the(session, number)).state is State.SUBMITTED


async def test_a_status_alone_says_something_but_being_open_says_nothing(
    hotline: City, session: AsyncSession
) -> None:
    number = await hotline.file()

    await tell(hotline, number, "INVESTIGATING")
    silent = {"service_request_id": number, "status": "OPEN"}
    refused = await hotline.post("servicerequestupdates.xml", **silent)

    assert refused.status_code == 400
    assert said(refused)[0].startswith("description: ")
    assert await remarks(session) == [("正在核实", False)]


async def test_who_may_completes_and_reopens_a_request_and_is_not_told_of_it(
    city: As,
    programs: Programs,
    overseer: City,
    session: AsyncSession,
    grid_worker: Person,
    worker: Worker,
) -> None:
    number = await overseer.file()
    await worker.catch_up()

    await tell(overseer, number, "FIXED", description="换了灯泡", media_url="https://e.org/1.jpg")
    done = await the(session, number)
    assert (done.state, done.outcome) == (State.COMPLETED, "换了灯泡")
    assert ("图片链接：https://e.org/1.jpg", False) in await remarks(session)
    assert "FIXED" not in {each["status"] for each in await overseer.updates()}
    assert "FIXED" in {each["status"] for each in await city(programs.hotline).updates()}

    await takes(session, number, "close", system(grid_worker.community_id))
    await tell(overseer, number, "REOPEN", description="又不亮了")
    assert (await the(session, number)).state is State.ASSIGNED


async def test_to_what_is_over_words_are_noted_for_staff(
    hotline: City, session: AsyncSession, town: Town
) -> None:
    number = await hotline.file()
    form = {"reason": "不归我们", "channel": "95598"}
    await takes(session, number, "reject", system(town.community.id), **form)
    before = len(await remarks(session))

    await tell(hotline, number, "OPEN", description="还是不亮")

    assert (await remarks(session))[before:] == [("还是不亮", True)]


async def test_the_same_update_acts_once_however_often_and_at_once_it_is_sent(
    hotline: City, session: AsyncSession
) -> None:
    number = await hotline.file()
    sending = [
        tell(hotline, number, "OPEN", description="还是不亮", update_id="77") for _ in range(6)
    ]

    ids = await asyncio.gather(*sending)

    assert len(set(ids)) == 1
    assert await remarks(session) == [("还是不亮", False)]
    assert await tell(hotline, number, "OPEN", description="别的", update_id="77") == ids[0]
    assert await tell(hotline, number, "OPEN", description="还是不亮", update_id="78") != ids[0]
    assert len(await remarks(session)) == 2


async def test_several_updates_of_one_request_at_once_all_come_in(
    hotline: City, session: AsyncSession
) -> None:
    """Whoever refers to the request before holding it would wait for the others, as they do."""
    number = await hotline.file()
    words = [f"第{n}条" for n in range(8)]

    await asyncio.gather(
        *(tell(hotline, number, "OPEN", description=each, update_id=each) for each in words)
    )

    assert sorted(text or "" for text, _internal in await remarks(session)) == sorted(words)


async def test_an_update_that_was_refused_may_be_sent_again(
    hotline: City, session: AsyncSession
) -> None:
    number = await hotline.file()
    form = {"service_request_id": number, "status": "GONE", "update_id": "77"}
    assert (await hotline.post("servicerequestupdates.xml", **form)).status_code == 400

    await tell(hotline, number, "OPEN", description="还是不亮", update_id="77")

    assert await session.scalar(select(func.count()).select_from(SentUpdate)) == 1


REFUSED: list[tuple[dict[str, str], int]] = [
    ({"service_request_id": ""}, 400),
    ({"service_request_id": "999999"}, 404),
    ({"service_request_id": "x"}, 404),
    ({"service_request_id": "9" * 40}, 404),
    ({"status": ""}, 400),
    ({"status": "GONE"}, 400),
    ({"updated_datetime": "yesterday"}, 400),
    ({"description": "x" * 4001}, 400),
    ({"update_id": "x" * 256}, 400),
]


async def test_an_update_that_cannot_be_is_refused(hotline: City, session: AsyncSession) -> None:
    number = await hotline.file()
    for changes, status in REFUSED:
        form = {"service_request_id": number, "status": "OPEN", "description": "x"} | changes

        answer = await hotline.post("servicerequestupdates.xml", **form)

        assert answer.status_code == status, changes
        assert said(answer)
    assert await remarks(session) == []


async def test_a_program_tells_nothing_about_what_it_sees_only_as_everybody_does(
    city: As, hotline: City, programs: Programs, session: AsyncSession
) -> None:
    number = await hotline.file(address_string="9栋")
    form = {"service_request_id": number, "status": "OPEN", "description": "x"}

    for caller in (city(programs.grid), city()):
        answer = await caller.post("servicerequestupdates.xml", **form)
        assert answer.status_code == (404 if caller.key else 403)
    assert await remarks(session) == []


async def test_a_rejection_is_told_with_its_reason_and_the_right_channel(
    hotline: City, session: AsyncSession, town: Town
) -> None:
    number = await hotline.file()
    form = {"reason": "不归我们", "channel": "供电公司95598"}
    await takes(session, number, "reject", system(town.community.id), **form)

    (told,) = await hotline.updates()

    assert told["status"] == "NOT_COUNCILS_RESPONSIBILITY"
    assert told["description"] == "不归我们\n供电公司95598"


async def test_a_merged_request_is_told_as_a_duplicate(
    hotline: City, session: AsyncSession, town: Town
) -> None:
    number, other = await hotline.file(), await hotline.file()
    request, into = await the(session, number), await the(session, other)
    merged = RequestMerged(request_id=request.id, into_id=into.id, number=into.number)
    await record(session, merged, by=system(town.community.id))
    await session.commit()

    (told,) = await hotline.updates()

    assert (told["service_request_id"], told["status"]) == (number, "DUPLICATE")
