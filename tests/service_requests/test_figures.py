"""The rates say what their formulas say, for those they speak of and of nobody else's."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.clock import CHINA
from app.core.database import Sessions
from app.core.facts import Fact
from app.core.sheets.reading import rows_of
from app.people.models import Role
from app.service_requests.figures.measures import Measures, Rate
from app.service_requests.jobs.clocks import note_all
from app.service_requests.models import Effort, Origin, ServiceRequest, State
from tests.conftest import Worker
from tests.service_requests.builders import Town, a_person, a_town
from tests.service_requests.conftest import As, People

OCTOBER = {"from": "2026-10-01", "to": "2026-10-31"}


async def _filed(
    acting: As, session: AsyncSession, people: People, at: str, *, place: UUID, **columns: Any
) -> None:
    """A request filed at this time of China at this place, with what became of it."""
    request = await acting(people.manager).ask(place_id=str(place), summary="水管漏水")
    filed_at = datetime.fromisoformat(at).replace(tzinfo=CHINA)
    await session.execute(
        update(ServiceRequest)
        .where(ServiceRequest.id == UUID(request["id"]))
        .values(filed_at=filed_at, **columns)
    )
    await session.commit()


GOOD = {
    "answered_in_time": True,
    "done_in_time": True,
    "visit_resolved": True,
    "visit_satisfied": True,
    "state": State.CLOSED,
    "score": 5,
}


@pytest.fixture
async def october(acting: As, session: AsyncSession, people: People, town: Town) -> None:
    near, far = town.home.id, town.places["/A1/G2/9/1/101/"].id
    worker = {"assignee_id": people.worker.id}
    await _filed(acting, session, people, "2026-10-01T00:00", place=near, **GOOD, **worker)
    await _filed(
        acting,
        session,
        people,
        "2026-10-31T23:59:59",
        place=near,
        **GOOD | {"visit_satisfied": False, "score": 2, "answered_in_time": False},
        **worker,
    )
    await _filed(acting, session, people, "2026-10-15T12:00", place=far, **GOOD)
    await _filed(acting, session, people, "2026-10-16T12:00", place=far)
    await _filed(acting, session, people, "2026-09-30T23:59:59", place=near, **GOOD)
    await _filed(acting, session, people, "2026-11-01T00:00", place=near, **GOOD)


async def test_rates_are_what_their_formulas_say(acting: As, people: People, october: None) -> None:
    answer = await acting(people.manager).get("/figures", params=OCTOBER)

    found = answer.json()
    total = found["total"]
    assert (total["filed"], total["undone"]) == (4, 1)
    assert (total["answered_in_time"], total["answer_owed"], total["response_rate"]) == (2, 3, 66.7)
    assert (total["resolved"], total["visited"], total["resolution_rate"]) == (3, 3, 100.0)
    assert (total["satisfied"], total["satisfaction_rate"]) == (2, 66.7)
    assert (total["on_time_rate"], total["score"]) == (100.0, 4.0)
    assert found["formulas"]["response_rate"].startswith("响应率＝")
    assert (found["from"], found["to"]) == ("2026-10-01", "2026-10-31")


async def test_nothing_to_divide_by_is_no_rate(acting: As, people: People) -> None:
    empty = {"from": "2020-01-01", "to": "2020-01-31"}
    total = (await acting(people.manager).get("/figures", params=empty)).json()["total"]

    assert (total["filed"], total["response_rate"], total["score"]) == (0, None, None)


EACH = [
    ("grid", {"G1": 2, "G2": 2}),
    ("building", {"3": 2, "9": 2}),
    ("area", {"A1": 4}),
    ("worker", {"王强": 2, "孙磊": 2}),
    ("category", {"漏水与水管": 4}),
    ("origin", {"resident": 4}),
    ("month", {"2026-10-01": 4}),
    ("day", {"2026-10-01": 1, "2026-10-15": 1, "2026-10-16": 1, "2026-10-31": 1}),
]


async def test_figures_are_given_for_each(
    acting: As,
    people: People,
    october: None,
    session: AsyncSession,
    town: Town,
    subtests: pytest.Subtests,
) -> None:
    far = town.places["/A1/G2/9/1/101/"].id
    await session.execute(
        update(ServiceRequest)
        .where(ServiceRequest.place_id == far)
        .values(assignee_id=people.elsewhere.id)
    )
    await session.commit()
    for by, expected in EACH:
        with subtests.test(by=by):
            answer = await acting(people.manager).get("/figures", params={**OCTOBER, "by": by})
            found = {each["name"]: each["filed"] for each in answer.json()["items"]}
            assert found == expected


async def test_a_leader_sees_the_figures_of_their_own_area(
    acting: As, people: People, october: None, session: AsyncSession, town: Town
) -> None:
    boss = await a_person(session, town, "吴", Role.LEADER, at="/A1/G2/")
    await session.commit()

    own = await acting(boss).get("/figures", params=OCTOBER)
    assert own.json()["total"]["filed"] == 2
    outside = {**OCTOBER, "place": str(town.places["/A1/G1/"].id)}
    assert (await acting(boss).get("/figures", params=outside)).status_code == 403
    inside = {**OCTOBER, "place": str(town.places["/A1/G2/9/"].id)}
    assert (await acting(boss).get("/figures", params=inside)).json()["total"]["filed"] == 2
    assert (await acting(people.resident).get("/figures", params=OCTOBER)).status_code == 403
    assert (await acting(people.worker).get("/figures", params=OCTOBER)).status_code == 403


async def test_another_communitys_requests_do_not_count(
    acting: As, people: People, october: None, session: AsyncSession
) -> None:
    other = await a_town(session, "sansan")
    await session.execute(
        update(ServiceRequest).values(filed_at=datetime(2026, 10, 5, tzinfo=CHINA))
    )
    await session.commit()
    assert other.community.id != people.manager.community_id

    found = await acting(people.manager).get("/figures", params={**OCTOBER, "by": "grid"})
    assert {each["name"]: each["filed"] for each in found.json()["items"]} == {"G1": 4, "G2": 2}


ABSURD = [
    {"from": "2026-10-31", "to": "2026-10-01"},
    {"from": "2020-01-01", "to": "2026-10-01"},
    {"from": "yesterday"},
    {"by": "star sign"},
    {"colour": "red"},
]


async def test_what_makes_no_sense_is_refused(
    acting: As, people: People, subtests: pytest.Subtests
) -> None:
    for asked in ABSURD:
        with subtests.test(asked=asked):
            answer = await acting(people.manager).get("/figures", params=asked)
            assert answer.status_code == 422


async def test_load_shows_who_has_how_much_and_for_how_long(
    acting: As, people: People, session: AsyncSession, town: Town
) -> None:
    for _ in range(3):
        await acting(people.manager).ask(place_id=str(town.home.id), summary="水管漏水")
    oldest = select(ServiceRequest.id).order_by(ServiceRequest.id).limit(1).scalar_subquery()
    long_ago = datetime(2026, 1, 1, tzinfo=CHINA)
    await session.execute(
        update(ServiceRequest)
        .where(ServiceRequest.id == oldest)
        .values(filed_at=long_ago, due_at=long_ago, assignee_id=people.worker.id)
    )
    await session.commit()

    loads = (await acting(people.manager).get("/figures/load")).json()["loads"]
    assert loads == [
        {
            "worker_id": None,
            "worker": None,
            "undone": 2,
            "overdue": 0,
            "suspended": 0,
            "ages": [2, 0, 0, 0, 0],
        },
        {
            "worker_id": str(people.worker.id),
            "worker": "王强",
            "undone": 1,
            "overdue": 1,
            "suspended": 0,
            "ages": [0, 0, 0, 0, 1],
        },
    ]


async def test_what_tasks_from_above_cost_is_shown(
    acting: As, people: People, session: AsyncSession, town: Town
) -> None:
    request = await acting(people.manager).ask(place_id=str(town.home.id), summary="填表")
    await session.execute(update(ServiceRequest).values(origin=Origin.ABOVE))
    for minutes in (30, 45):
        session.add(
            Effort(
                community_id=town.community.id,
                request_id=UUID(request["id"]),
                person_id=people.worker.id,
                minutes=minutes,
            )
        )
    await session.commit()

    costs = (await acting(people.manager).get("/figures/load")).json()["costs"]
    assert [(each["origin"], each["requests"], each["minutes"]) for each in costs] == [
        ("above", 1, 75)
    ]


async def test_figures_are_taken_out_as_a_file_and_that_is_a_fact(
    acting: As, people: People, october: None, session: AsyncSession
) -> None:
    asked = {**OCTOBER, "by": "grid"}
    book = await acting(people.manager).get("/figures/export", params=asked)
    rows = [cells for _number, cells in rows_of(book.content)]
    assert [row[:2] for row in rows] == [["名称", "受理件数"], ["G1", "2"], ["G2", "2"]]
    assert rows[1][-1] == "50"

    text = await acting(people.manager).get("/figures/export", params={**asked, "format": "csv"})
    assert text.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert text.content.decode("utf-8-sig").splitlines()[1].startswith("G1,2,")
    taken = await session.scalars(select(Fact).where(Fact.kind == "figures.taken"))
    assert [fact.actor_id for fact in taken] == [people.manager.id] * 2


async def test_what_people_do_is_what_the_figures_say(
    acting: As, people: People, town: Town, worker: Worker, sessions: Sessions
) -> None:
    resident, hand = acting(people.resident), acting(people.worker)
    good = await resident.ask(place_id=str(town.home.id), summary="水管漏水")
    late = await resident.ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    await hand.take(good, "start")
    await hand.take(good, "complete", note="好了")
    await resident.take(good, "judge", resolved=True, satisfied=True)
    clock.shift(timedelta(days=30))
    await note_all(sessions)
    await worker.catch_up()

    this_month = {"from": "2026-01-01", "to": "2027-12-31"}
    total = (await acting(people.manager).get("/figures", params=this_month)).json()["total"]
    assert (total["answered_in_time"], total["answer_owed"]) == (1, 2)
    assert (total["done_in_time"], total["done_owed"]) == (1, 2)
    assert (total["resolved"], total["satisfied"], total["visited"]) == (1, 1, 1)

    await hand.take(late, "complete", note="晚了")
    total = (await acting(people.manager).get("/figures", params=this_month)).json()["total"]
    assert (total["done_in_time"], total["done_owed"], total["undone"]) == (1, 2, 0)


async def test_what_was_withdrawn_is_owed_no_more(acting: As, people: People, town: Town) -> None:
    resident = acting(people.resident)
    request = await resident.ask(place_id=str(town.home.id), summary="水管漏水")
    await resident.take(request, "withdraw")

    total = (await acting(people.manager).get("/figures")).json()["total"]
    assert (total["filed"], total["answer_owed"], total["done_owed"]) == (1, 0, 0)


HALVES = [((1, 8), 12.5), ((1, 16), 6.3), ((1, 800), 0.1), ((2, 3), 66.7), ((7, 7), 100.0)]


def test_halves_are_rounded_upwards(subtests: pytest.Subtests) -> None:
    for (part, whole), expected in HALVES:
        with subtests.test(part=part, whole=whole):
            measures = Measures(visited=whole, satisfied=part)
            assert measures.rate(Rate.SATISFACTION) == expected
