"""Ballots as a file: one line each, harmless, and nobody's."""

import csv
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.models import Person, Role
from app.polls.forms import Method, Option
from app.polls.models import Entry, Poll, PollKind
from tests.conftest import Client
from tests.people.builders import a_worker, token_of
from tests.polls.builders import a_question, a_voter
from tests.polls.closed import a_closed_secret_poll
from tests.polls.gridded import a_survey, an_open_survey


async def export(
    session: AsyncSession, client: Client, who: Person, poll: Poll, form: str = "csv"
) -> Any:
    client.with_token(token_of(session, who))
    await session.commit()
    return await client.get(f"/api/v1/polls/{poll.id}/export", params={"format": form})


def rows(answer: Any) -> list[list[str]]:
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


async def test_every_ballot_is_a_line_without_who_cast_it(
    session: AsyncSession, client: Client
) -> None:
    poll = await a_survey(session, {"一网格": [*"AABBC"]})
    staff = await a_worker(session, poll.place, Role.STAFF)

    answer = await export(session, client, staff, poll)

    assert answer.status_code == 200
    head, *lines = rows(answer)
    assert head == ["问题q1"]
    assert sorted(lines) == [["方案A"], ["方案A"], ["方案B"], ["方案B"], ["方案C"]]
    people = await session.scalars(select(Person).where(Person.community_id == poll.community_id))
    assert not any(person.name and person.name in answer.text for person in people)


async def test_what_a_spreadsheet_would_run_is_text(session: AsyncSession, client: Client) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    poll = await a_survey(session, {"一网格": [evil, "+1", "@x"]}, a_question(method=Method.TEXT))
    staff = await a_worker(session, poll.place, Role.STAFF)

    as_csv = await export(session, client, staff, poll)
    as_xlsx = await export(session, client, staff, poll, "xlsx")

    assert sorted(line[0] for line in rows(as_csv)[1:]) == sorted([f"'{evil}", "'+1", "'@x"])
    with ZipFile(BytesIO(as_xlsx.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count('t="inlineStr"') == 4
    assert "<f>" not in sheet


async def test_each_method_is_written_as_people_read_it(
    session: AsyncSession, client: Client
) -> None:
    questions = [
        a_question("q1", Method.MULTIPLE),
        a_question("q2", Method.RANKED),
        a_question("q3", Method.SCORE),
        a_question("q4", Method.YES_NO),
        a_question("q5", Method.NUMBER),
        a_question("q6", Method.DATE),
        a_question("q7", Method.DOTS, options="AB"),
        a_question("q8", required=False),
    ]
    said = {
        "q1": ["A", "C"],
        "q2": ["C", "A"],
        "q3": {"A": 5, "B": 0, "C": 1},
        "q4": "abstain",
        "q5": -3,
        "q6": "2026-12-01",
        "q7": {"B": 10},
    }
    poll = await a_survey(session, {"一网格": [said]}, *questions)
    staff = await a_worker(session, poll.place, Role.STAFF)

    head, line = rows(await export(session, client, staff, poll))

    assert dict(zip(head, line, strict=True)) == {
        "问题q1": "方案A；方案C",
        "问题q2": "方案C > 方案A",
        "问题q3：方案A": "5",
        "问题q3：方案B": "0",
        "问题q3：方案C": "1",
        "问题q4": "弃权",
        "问题q5": "-3",
        "问题q6": "2026-12-01",
        "问题q7：方案A": "",
        "问题q7：方案B": "10",
        "问题q8": "",
    }


async def test_what_else_was_meant_and_why_have_columns(
    session: AsyncSession, client: Client
) -> None:
    options = [Option(key="A", text="甲"), Option(key="other", text="别的")]
    question = a_question(options=()).model_copy(update={"options": options, "reason": True})
    said = {"q1": "other", "q1.other": "种树", "q1.reason": "好看"}
    poll = await a_survey(session, {"一网格": [said]}, question)
    staff = await a_worker(session, poll.place, Role.STAFF)

    head, line = rows(await export(session, client, staff, poll))

    assert (head, line) == (
        ["问题q1", "问题q1（其他）", "问题q1（理由）"],
        ["别的", "种树", "好看"],
    )


async def test_the_code_of_the_vote_is_there_only_where_names_are_shown(
    session: AsyncSession, client: Client
) -> None:
    poll = await a_survey(session, {"一网格": ["A"]}, kind=PollKind.POLL, names_shown=True)
    staff = await a_worker(session, poll.place, Role.STAFF)
    code = await session.scalar(select(Entry.code).where(Entry.poll_id == poll.id))

    assert rows(await export(session, client, staff, poll)) == [["票号", "问题q1"], [code, "方案A"]]


async def test_who_may_not_run_polls_takes_nothing_out_and_nobody_before_the_close(
    session: AsyncSession, client: Client
) -> None:
    closed = await a_survey(session, {"一网格": ["A"]})
    running, _people = await an_open_survey(session, {"一网格": ["A"]})
    secret = await a_closed_secret_poll(session)

    async def status(poll: Poll, who: Person) -> int:
        answer: int = (await export(session, client, who, poll)).status_code
        return answer

    assert await status(closed, await a_voter(session, closed.place)) == 403
    assert await status(running, await a_worker(session, running.place, Role.STAFF)) == 409
    assert await status(secret, await a_worker(session, secret.place, Role.MANAGER)) == 409


async def test_that_ballots_were_taken_out_is_a_fact(session: AsyncSession, client: Client) -> None:
    poll = await a_survey(session, {"一网格": ["A"]})
    staff = await a_worker(session, poll.place, Role.STAFF)

    await export(session, client, staff, poll)

    kept = select(Fact).where(Fact.subject_id == poll.id, Fact.kind == "polls.ballots_read")
    assert (await session.scalars(kept)).one().actor_id == staff.id


@pytest.mark.parametrize("form", ["pdf", ""])
async def test_no_other_kind_of_file_is_made(
    session: AsyncSession, client: Client, form: str
) -> None:
    poll = await a_survey(session, {"一网格": ["A"]})
    staff = await a_worker(session, poll.place, Role.STAFF)

    assert (await export(session, client, staff, poll, form)).status_code == 422
