from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.clock import now
from app.core.facts import Fact
from app.groups import answering
from app.groups.models import Bot, Group, GroupKind, Question
from tests.conftest import Client as Http
from tests.groups.builders import a_group, a_message, a_question
from tests.organizations.builders import an_organization
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People

NOVEMBER = datetime(2026, 11, 1, tzinfo=clock.CHINA)
DECEMBER = datetime(2026, 12, 1, tzinfo=clock.CHINA)
FIGURES = (
    *("asked", "answered", "answered_in_time", "unanswered"),
    *("answered_rate", "in_time_rate", "median_minutes"),
)


def it_is(moment: datetime) -> None:
    clock.shift(moment - datetime.now(UTC))


@pytest.fixture
async def overseen(session: AsyncSession, town: Town, bot: Bot) -> Group:
    """A property group with a company that answers in it."""
    company = await an_organization(session, town)
    made = await a_group(
        session,
        town,
        bot,
        name="物业一家亲",
        kind=GroupKind.PROPERTY,
        at="/A1/",
        organization_id=company.id,
    )
    await session.commit()
    return made


async def asked(
    session: AsyncSession, group: Group, at: datetime, minutes: float | None = None
) -> Question:
    """Something asked, and answered after so many minutes."""
    question = await a_message(session, group, "电梯坏了", at=at)
    answer = (
        await a_message(session, group, "来了", at=at + timedelta(minutes=minutes))
        if minutes is not None
        else None
    )
    return await a_question(session, question, answer=answer)


@pytest.fixture
async def month(session: AsyncSession, overseen: Group) -> Group:
    """A November: three answered after 10, 120 and 121 minutes, one too late, one never."""
    day = NOVEMBER + timedelta(days=9)
    for minutes in (10, 120, 121, None):
        await asked(session, overseen, day, minutes)
    await asked(session, overseen, DECEMBER - timedelta(minutes=1), 24 * 60 + 1)
    await asked(session, overseen, NOVEMBER - timedelta(minutes=1), 1)
    await asked(session, overseen, DECEMBER, 1)
    dropped = await asked(session, overseen, day)
    dropped.dropped_by_id = overseen.owner_id
    await session.commit()
    return overseen


async def test_the_figures_of_a_month_are_counted_exactly(
    acting: As, people: People, month: Group
) -> None:
    path = f"/groups/{month.id}/answering?month=2026-11"
    for who in (people.manager, people.leader):
        answer = await acting(who).get(path)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        assert [shown[name] for name in FIGURES] == [5, 3, 2, 2, 60.0, 40.0, 120.0]
        assert shown["answer_minutes"] == 120
        assert shown["formulas"].keys() == set(FIGURES)
        assert "120分钟" in shown["formulas"]["answered_in_time"]


async def test_rates_are_of_nothing_where_nothing_was_asked(
    acting: As, people: People, overseen: Group
) -> None:
    it_is(NOVEMBER + timedelta(days=3))
    shown = (await acting(people.manager).get(f"/groups/{overseen.id}/answering")).json()
    assert shown["month"] == "2026-11"
    assert [shown[name] for name in FIGURES] == [0, 0, 0, 0, None, None, None]


async def test_nobody_else_sees_the_figures_or_the_questions_of_a_group(
    acting: As, people: People, month: Group
) -> None:
    for path in ("answering", "questions"):
        for who, status in ((people.worker, 404), (people.resident, 404)):
            answer = await acting(who).get(f"/groups/{month.id}/{path}")
            assert answer.status_code == status


async def test_everybody_reads_the_months_that_are_over(
    http: Http, session: AsyncSession, town: Town, bot: Bot, month: Group
) -> None:
    silent = await a_group(
        session,
        town,
        bot,
        name="没人提问的群",
        kind=GroupKind.PROPERTY,
        organization_id=month.organization_id,
    )
    await session.commit()
    it_is(DECEMBER + timedelta(hours=24))

    answer = await http.get("/api/v1/communities/yiyi/property-answers?month=2026-11")

    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert [each["group"] for each in shown["groups"]] == ["物业一家亲"]
    assert silent.name not in answer.text
    only = shown["groups"][0]
    assert [only[name] for name in FIGURES] == [5, 3, 2, 2, 60.0, 40.0, 120.0]
    assert only["place"] == "A1"
    assert only["organization_id"] == str(month.organization_id)
    assert shown["formulas"].keys() == set(FIGURES)
    for nobody in ("李桂兰", "电梯", str(month.owner_id)):
        assert nobody not in answer.text
    without = await http.get("/api/v1/communities/yiyi/property-answers")
    assert without.json() == shown


async def test_a_month_that_is_not_over_is_nobodys_to_read(http: Http, month: Group) -> None:
    path = "/api/v1/communities/yiyi/property-answers"
    for moment in (NOVEMBER, DECEMBER, DECEMBER + timedelta(hours=23, minutes=59)):
        it_is(moment)
        assert (await http.get(f"{path}?month=2026-11")).status_code == 404
    assert (await http.get(path)).json()["month"] == "2026-10"
    assert (await http.get("/api/v1/communities/erer/property-answers")).status_code == 404
    assert (await http.get(f"{path}?month=2026-13")).status_code == 422


@pytest.fixture
def http(client: Http) -> Http:
    """Somebody who is not signed in."""
    return client


async def test_a_wrong_question_is_dropped_and_counts_no_more(
    acting: As, people: People, session: AsyncSession, month: Group
) -> None:
    manager = acting(people.manager)
    listed = (await manager.get(f"/groups/{month.id}/questions?month=2026-11")).json()["items"]
    assert len(listed) == 5
    never = next(each for each in listed if each["answered_at"] is None)
    assert (never["question"]["text"], never["answer"]) == ("电梯坏了", None)
    path = f"/groups/{month.id}/questions/{never['id']}"

    gone = await manager("DELETE", path)

    assert gone.status_code == 204, gone.text
    assert (await manager("DELETE", path)).status_code == 404
    shown = (await manager.get(f"/groups/{month.id}/answering?month=2026-11")).json()
    assert [shown[name] for name in FIGURES] == [4, 3, 2, 1, 75.0, 50.0, 120.0]
    fact = select(Fact.payload).where(Fact.kind == "group.question_dropped")
    payload = await session.scalar(fact)
    assert payload == {"group_id": str(month.id), "question_id": never["id"]}
    read = select(Fact.id).where(Fact.kind == "group.messages_read")
    assert len(list(await session.scalars(read))) == 1


async def test_a_question_of_another_group_is_not_found_in_this_one(
    acting: As, people: People, session: AsyncSession, month: Group, group: Group
) -> None:
    question = await session.scalar(select(Question.id).limit(1))
    answer = await acting(people.manager)("DELETE", f"/groups/{group.id}/questions/{question}")
    assert answer.status_code == 404


def test_a_month_begins_and_ends_in_china() -> None:
    begin, end = answering.bounds("2026-12")
    assert (begin, end - begin) == (DECEMBER, timedelta(days=31))
    it_is(datetime(2027, 1, 1, 16, 30, tzinfo=UTC))
    assert answering.this_month() == "2027-01"
    assert answering.last_over() == "2026-12"
    it_is(datetime(2027, 1, 1, 15, 30, tzinfo=UTC))
    assert answering.last_over() == "2026-11"
    assert now() < datetime(2027, 1, 1, 16, tzinfo=UTC)
