"""Lists of requests: which, how many, how they stand, and what else is told on request."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import event, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.ids import new_id
from app.people.access import system
from app.people.models import Person
from app.service_requests import service, workflow
from app.service_requests.models import Category, Channel, ServiceRequest, State
from tests.conftest import Worker
from tests.open311.city import City
from tests.open311.conftest import As, Programs
from tests.service_requests.builders import Town

JUNE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def hotline(city: As, programs: Programs) -> City:
    return city(programs.hotline)


async def filed_at(session: AsyncSession, number: str, at: datetime) -> None:
    row = update(ServiceRequest).where(ServiceRequest.number == int(number))
    await session.execute(row.values(filed_at=at))
    await session.commit()


async def standing(session: AsyncSession, number: str, **columns: Any) -> None:
    row = update(ServiceRequest).where(ServiceRequest.number == int(number))
    await session.execute(row.values(**columns))
    await session.commit()


async def many(session: AsyncSession, town: Town, how_many: int, *, code: str = "drain") -> None:
    """Requests of every home of the town, as if they had been filed."""
    category = (await session.scalars(select(Category).where(Category.code == code))).one()
    homes = [place for path, place in town.places.items() if path != "/"]
    rows = [
        {
            "community_id": town.community.id,
            "id": new_id(),
            "number": 10_000 + n,
            "category_id": category.id,
            "category_version": category.version,
            "place_id": homes[n % len(homes)].id,
            "summary": f"第{n}件",
            "channel": Channel.API,
            "filed_at": clock.now() - timedelta(minutes=n),
            "due_at": clock.now(),
            "version": 1,
        }
        for n in range(how_many)
    ]
    await session.execute(insert(ServiceRequest), rows)
    await session.commit()


@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """What the database is asked inside the block."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_the_newest_comes_first(hotline: City) -> None:
    first, second = await hotline.file(), await hotline.file()

    assert await hotline.numbers() == [second, first]


async def test_requests_are_asked_for_by_number_whatever_else_is_said(
    hotline: City, session: AsyncSession
) -> None:
    one, other = await hotline.file(), await hotline.file()
    await filed_at(session, one, JUNE - timedelta(days=400))
    wanted = f"{one}, 999999,x,,{other}"

    numbers = await hotline.numbers(
        service_request_id=wanted, status="closed", start_date="nonsense", service_code="nope"
    )

    assert sorted(numbers) == [one, other]


async def test_without_a_word_they_are_those_of_the_last_90_days(
    hotline: City, session: AsyncSession
) -> None:
    old, new = await hotline.file(), await hotline.file()
    await filed_at(session, old, clock.now() - timedelta(days=91))
    await filed_at(session, new, clock.now() - timedelta(days=89))

    assert await hotline.numbers() == [new]


async def test_a_time_may_begin_or_end_somewhere_and_counts_from_filing(
    hotline: City, session: AsyncSession
) -> None:
    numbers = [await hotline.file() for _ in range(3)]
    for days, number in zip((0, 60, 120), numbers, strict=True):
        await filed_at(session, number, JUNE - timedelta(days=days))
    june, may = "2026-06-01T08:00:00+08:00", "2026-05-31T23:59:59.5Z"
    spring = "2026-01-15T00:00:00Z"

    assert await hotline.numbers(start_date=june) == [numbers[0]]
    assert await hotline.numbers(end_date=may) == [numbers[1]]
    assert await hotline.numbers(start_date=spring) == [numbers[1], numbers[2]]
    assert await hotline.numbers(start_date=may, end_date=june) == [numbers[0]]
    # A plus that nobody escaped arrives as a blank.
    answer = await hotline.http.get(
        f"/open311/v2/requests.json?api_key={hotline.key}&start_date=2026-06-01T08:00:00+08:00"
    )
    assert [each["service_request_id"] for each in answer.json()] == [numbers[0]]


async def test_they_are_narrowed_by_service_and_status(
    hotline: City, session: AsyncSession
) -> None:
    light, drain = await hotline.file(), await hotline.file(service_code="drain")
    await standing(session, drain, state=State.COMPLETED)

    assert await hotline.numbers(service_code="drain") == [drain]
    assert await hotline.numbers(service_code="drain,street_light") == [drain, light]
    assert await hotline.numbers(status="open") == [light]
    assert await hotline.numbers(status="closed") == [drain]
    assert await hotline.numbers(status="open,closed") == [drain, light]
    assert await hotline.numbers(status="", service_code="") == [drain, light]


async def test_a_request_is_open_while_somebody_has_to_do_something(
    hotline: City, session: AsyncSession
) -> None:
    number, other = await hotline.file(), await hotline.file()
    into = select(ServiceRequest.id).where(ServiceRequest.number == int(other)).scalar_subquery()
    undone = {State.SUBMITTED, State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS}
    for state in State:
        merged_into = into if state is State.MERGED else None
        await standing(session, number, state=state, merged_into_id=merged_into)

        shown = await hotline.read(number)

        assert shown["status"] == ("open" if state in undone else "closed"), state
        assert bool(shown["service_notice"]) == (state in undone), state


async def test_what_is_closed_was_last_changed_when_it_was_closed(
    hotline: City, session: AsyncSession
) -> None:
    number = await hotline.file()
    later = JUNE + timedelta(days=2)
    await standing(session, number, completed_at=JUNE, closed_at=later, updated_at=JUNE)

    async def updated(state: State) -> Any:
        await standing(session, number, state=state, updated_at=JUNE + timedelta(days=9))
        return (await hotline.read(number))["updated_datetime"]

    assert await updated(State.ASSIGNED) == "2026-06-10T00:00:00Z"
    assert await updated(State.COMPLETED) == "2026-06-01T00:00:00Z"
    assert await updated(State.CLOSED) == "2026-06-03T00:00:00Z"


async def test_the_notes_say_what_came_of_it(hotline: City, session: AsyncSession) -> None:
    number = await hotline.file()
    cases: list[tuple[dict[str, Any], str | None]] = [
        ({"state": State.SUBMITTED}, None),
        ({"state": State.COMPLETED, "outcome": "换了灯泡"}, "换了灯泡"),
        (
            {
                "state": State.REJECTED,
                "outcome": None,
                "reason": "不归我们",
                "right_channel": "供电公司95598",
            },
            "不归我们\n供电公司95598",
        ),
        (
            {
                "state": State.ASSIGNED,
                "reason": None,
                "right_channel": None,
                "suspended_reason": "等配件",
                "suspended_at": JUNE,
            },
            "等配件",
        ),
    ]
    for columns, said in cases:
        await standing(session, number, **columns)
        assert (await hotline.read(number))["status_notes"] == said


async def test_a_list_has_pages(hotline: City, session: AsyncSession, town: Town) -> None:
    await many(session, town, 5)
    newest = [str(10_000 + n) for n in range(5)]

    assert await hotline.numbers(page_size="2") == newest[:2]
    assert await hotline.numbers(page_size="2", page="2") == newest[2:4]
    assert await hotline.numbers(count="2", page="3") == newest[4:]
    assert await hotline.numbers(page_size="2", page="4") == []
    assert await hotline.numbers(page="1", page_size="") == newest


async def test_a_list_has_1000_requests_at_most_and_is_read_in_a_few_statements(
    hotline: City, session: AsyncSession, town: Town, engine: AsyncEngine
) -> None:
    await many(session, town, 1001)
    with statements(engine) as for_one:
        await hotline.get("requests.xml", page_size="1", extensions="true")
    with statements(engine) as for_all:
        answer = await hotline.get("requests.xml", extensions="true")

    root = etree.fromstring(answer.content)
    assert len(root) == 1000
    assert root[0].findtext("service_request_id") == "10000"
    # Photos are loaded for 500 requests at a time.
    assert len(for_all) <= len(for_one) + 1 < 15


async def test_nothing_more_is_told_than_asked_for(hotline: City) -> None:
    number = await hotline.file()

    plain = await hotline.read(number)
    extended = await hotline.read(number, extensions="true")

    assert extended.keys() - plain.keys() == {"attributes", "extended_attributes", "notes"}
    assert await hotline.read(number, extensions="false") == plain


async def test_the_extensions_tell_our_own_state_and_the_course(
    hotline: City, grid_worker: Person, worker: Worker
) -> None:
    number = await hotline.file()
    await worker.catch_up()

    extended = await hotline.read(number, extensions="true")

    assert extended["extended_attributes"]["state"] == "assigned"
    assert [note["type"] for note in extended["notes"]] == ["submitted", "accepted", "assigned"]
    assert all(note["description"] for note in extended["notes"])
    xml = await hotline.get(f"requests/{number}.xml", extensions="true")
    notes = etree.fromstring(xml.content).findall("request/notes/note")
    assert [note.findtext("type") for note in notes] == ["submitted", "accepted", "assigned"]


async def test_everybody_is_told_the_course_in_our_words_and_staff_s_to_who_knows_it(
    city: As, hotline: City, session: AsyncSession
) -> None:
    number = await hotline.file()
    row = select(ServiceRequest).where(ServiceRequest.number == int(number))
    request = (await session.scalars(row)).one()
    by = system(request.community_id)
    await service.amend(session, request, text="明天上门", by=by)
    await workflow.take(session, request, "accept", {}, by=by)
    await session.commit()

    async def told(caller: City) -> list[str]:
        notes = (await caller.read(number, extensions="true"))["notes"]
        return [note["description"] for note in notes]

    assert await told(hotline) == ["待受理", "明天上门", "已受理"]
    assert await told(city()) == ["待受理", "已受理"]


async def test_one_request_is_a_list_of_one(hotline: City) -> None:
    number = await hotline.file()

    answer = await hotline.get(f"requests/{number}.json")
    assert len(answer.json()) == 1
    root = etree.fromstring((await hotline.get(f"requests/{number}.xml")).content)
    assert [child.tag for child in root] == ["request"]
    assert [child.tag for child in root[0]] == [
        "service_request_id",
        "status",
        "status_notes",
        "service_name",
        "service_code",
        "description",
        "agency_responsible",
        "service_notice",
        "requested_datetime",
        "updated_datetime",
        "expected_datetime",
        "address",
        "address_id",
        "zipcode",
        "lat",
        "long",
        "media_url",
    ]
