from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import Fact
from app.groups import jobs
from app.groups.models import Group, GroupMessage, Question
from tests.conftest import Worker
from tests.groups.builders import a_bot, a_group, a_message, a_question
from tests.service_requests.builders import a_town
from tests.service_requests.conftest import As, People

KEEPING = {"messages_kept_days": 365, "answer_minutes": 60}


async def said(session: AsyncSession) -> set[str]:
    return set(await session.scalars(select(GroupMessage.text)))


async def forgetting(worker: Worker) -> None:
    await jobs.forget.defer_async(timestamp=0)
    await worker.catch_up()


async def days_ago(session: AsyncSession, group: Group, *days: float) -> None:
    for each in days:
        await a_message(session, group, f"{each}天前", at=now() - timedelta(days=each))
    await session.commit()


async def test_what_was_said_is_kept_its_time_and_not_longer(
    worker: Worker, session: AsyncSession, group: Group
) -> None:
    await days_ago(session, group, 1, 189, 191, 400)
    await forgetting(worker)
    assert await said(session) == {"1天前", "189天前"}


async def test_each_community_keeps_it_as_long_as_it_says(
    worker: Worker, session: AsyncSession, acting: As, people: People, group: Group
) -> None:
    other = await a_town(session, "erer", catalogue=False)
    theirs = await a_group(session, other, await a_bot(session, other))
    await days_ago(session, group, 191, 364, 366)
    await days_ago(session, theirs, 192)
    assert (await acting(people.manager)("PUT", "/group-policy", json=KEEPING)).is_success
    await forgetting(worker)
    assert await said(session) == {"191天前", "364天前"}


async def test_many_are_forgotten_in_batches(
    worker: Worker, session: AsyncSession, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    await days_ago(session, group, 1, *range(200, 207))
    await forgetting(worker)
    assert await said(session) == {"1天前"}


async def test_that_something_was_asked_and_answered_stays_counted(
    worker: Worker, session: AsyncSession, group: Group
) -> None:
    before = now() - timedelta(days=200)
    asked = await a_message(session, group, "电梯坏了", at=before)
    answer = await a_message(session, group, "在修", at=before + timedelta(minutes=5))
    question = await a_question(session, asked, answer=answer)
    await session.commit()

    await forgetting(worker)

    assert await said(session) == set()
    await session.refresh(question)
    assert isinstance(question, Question)
    assert (question.message_id, question.answer_id) == (None, None)
    assert question.answered_at is not None
    assert question.answered_at - question.asked_at == timedelta(minutes=5)


async def test_everybody_reads_how_groups_are_kept_and_managers_say_it(
    acting: As, people: People, session: AsyncSession
) -> None:
    usual = {"messages_kept_days": 190, "answer_minutes": 120}
    assert (await acting(people.resident).get("/group-policy")).json() == usual
    for who in (people.resident, people.worker, people.leader):
        assert (await acting(who)("PUT", "/group-policy", json=KEEPING)).status_code == 403
    put = await acting(people.manager)("PUT", "/group-policy", json=KEEPING)
    assert put.json() == KEEPING
    await acting(people.manager)("PUT", "/group-policy", json=KEEPING)
    assert (await acting(people.resident).get("/group-policy")).json() == KEEPING
    facts = select(Fact.payload).where(Fact.kind == "group.policy_changed")
    [payload] = list(await session.scalars(facts))
    assert (payload["was"], payload["now"]) == (usual, KEEPING)


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages_kept_days": 182},
        {"messages_kept_days": 3651},
        {"answer_minutes": 0},
        {"answer_minutes": None},
        {"more": 1},
    ],
)
async def test_nothing_is_kept_for_less_than_six_months(
    acting: As, people: People, wrong: dict[str, object]
) -> None:
    answer = await acting(people.manager)("PUT", "/group-policy", json=KEEPING | wrong)
    assert answer.status_code == 422
