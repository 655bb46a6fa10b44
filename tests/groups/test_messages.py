from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.groups.models import Bot, Group
from tests.groups.builders import a_group, a_member, a_message
from tests.service_requests.builders import Caller, Town
from tests.service_requests.conftest import As, People


def at(hour: int) -> datetime:
    return datetime(2026, 11, 20, hour, tzinfo=UTC)


@pytest.fixture
async def talk(session: AsyncSession, group: Group) -> Group:
    """A morning in the group."""
    wang = await a_member(session, group, "20001", "王秀英")
    li = await a_member(session, group, "20002", "李桂兰")
    await a_message(session, group, "早上好", by=wang, at=at(1))
    await a_message(session, group, "电梯又坏了，打13800138000", by=li, at=at(2))
    await a_message(session, group, "電梯在修", by=wang, at=at(3))
    await session.commit()
    return group


async def texts(caller: Caller, group: Group, **asked: str) -> list[str]:
    answer = await caller.get(f"/groups/{group.id}/messages", params=asked)
    assert answer.status_code == 200, answer.text
    return [each["text"] for each in answer.json()["items"]]


async def test_the_entitled_read_what_was_said_newest_first_with_numbers_masked(
    acting: As, people: People, talk: Group
) -> None:
    said = ["電梯在修", "电梯又坏了，打138****8000", "早上好"]
    for who in (people.manager, people.leader):
        assert await texts(acting(who), talk) == said


async def test_nobody_else_reads_a_word(
    acting: As, people: People, session: AsyncSession, talk: Group
) -> None:
    await a_member(session, talk, "20003", person=people.resident)
    await session.commit()
    path = f"/groups/{talk.id}/messages"
    for who, status in (
        (people.resident, 403),
        (people.worker, 403),
        (people.neighbour, 404),
        (people.elsewhere, 404),
    ):
        answer = await acting(who).get(path)
        assert answer.status_code == status
        assert "电梯" not in answer.text
    facts = select(Fact.id).where(Fact.kind == "group.messages_read")
    assert list(await session.scalars(facts)) == []


async def test_messages_are_found_by_words_time_and_speaker(
    acting: As, people: People, talk: Group
) -> None:
    manager = acting(people.manager)
    assert await texts(manager, talk, q="电梯") == ["電梯在修", "电梯又坏了，打138****8000"]
    assert await texts(manager, talk, q="电梯 又坏") == ["电梯又坏了，打138****8000"]
    assert await texts(manager, talk, q="13800138000") == []
    window = {"from": "2026-11-20T02:00:00Z", "to": "2026-11-20T11:00:00+08:00"}
    assert await texts(manager, talk, **window) == ["电梯又坏了，打138****8000"]
    assert await texts(manager, talk, sender="20001", q="电梯") == ["電梯在修"]


async def test_pages_follow_each_other(acting: As, people: People, talk: Group) -> None:
    manager = acting(people.manager)
    first = await manager.get(f"/groups/{talk.id}/messages", params={"limit": "2"})
    assert len(first.json()["items"]) == 2
    assert await texts(manager, talk, after=first.json()["next"]) == ["早上好"]


@pytest.mark.parametrize("asked", [{"q": "水"}, {"q": ""}, {"from": "2026-11-20"}, {"x": "1"}])
async def test_what_cannot_be_looked_for_is_said(
    acting: As, people: People, talk: Group, asked: dict[str, str]
) -> None:
    answer = await acting(people.manager).get(f"/groups/{talk.id}/messages", params=asked)
    assert answer.status_code == 422


async def test_every_reading_is_recorded(
    acting: As, people: People, session: AsyncSession, talk: Group
) -> None:
    await texts(acting(people.manager), talk)
    await texts(acting(people.leader), talk, q="电梯")
    facts = select(Fact.actor_id, Fact.subject_id, Fact.payload).where(
        Fact.kind == "group.messages_read"
    )
    rows = [tuple(row) for row in await session.execute(facts.order_by(Fact.id))]
    assert [(who, group, payload["searched"]) for who, group, payload in rows] == [
        (people.manager.id, talk.id, False),
        (people.leader.id, talk.id, True),
    ]


async def test_a_group_shows_its_own_words_alone(
    acting: As, people: People, town: Town, session: AsyncSession, *, bot: Bot, talk: Group
) -> None:
    other = await a_group(session, town, bot, name="别的群")
    await a_message(session, other, "别处的电梯")
    await session.commit()
    assert "别处的电梯" not in await texts(acting(people.manager), talk)
    assert await texts(acting(people.manager), other, q="电梯") == ["别处的电梯"]
