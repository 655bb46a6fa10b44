"""Bundles of polls that ran through the real parts, and who may have them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.models import Person, Role
from app.polls import queries, recount
from app.polls.forms import Method
from app.polls.models import Attendance, Poll, PollKind, PollState, Secrecy, Voter
from app.polls.rules import Rules, Sits
from tests.conftest import Client
from tests.people.builders import a_person, a_worker, token_of
from tests.polls.builders import a_form, a_question
from tests.polls.closed import (
    a_closed_assembly,
    a_closed_poll,
    a_closed_secret_poll,
    a_running_poll,
    bundle_of,
    cast_each,
    close,
)

SCRIPT = Path(recount.__file__)


@pytest.mark.parametrize(
    "made",
    [
        a_closed_poll,
        a_closed_secret_poll,
        a_closed_assembly,
    ],
)
async def test_the_bundle_of_a_poll_that_ran_its_course_is_as_it_should_be(
    session: AsyncSession, made: Any
) -> None:
    bundle = await bundle_of(session, await made(session))

    assert recount.check(bundle) == []
    assert {"roll", "close"} <= {link["kind"] for link in bundle["links"]}


@pytest.mark.parametrize("secrecy", Secrecy)
@pytest.mark.parametrize("answers", ["", "A"])
async def test_a_poll_that_nobody_or_hardly_anybody_answered_can_be_counted_again(
    session: AsyncSession, secrecy: Secrecy, answers: str
) -> None:
    poll = await a_closed_poll(session, answers, secrecy=secrecy)

    bundle = await bundle_of(session, poll)

    assert recount.check(bundle) == []
    assert bundle["result"]["ballots"] == len(answers)


async def test_a_secret_poll_says_nothing_of_who_voted_what(session: AsyncSession) -> None:
    bundle = await bundle_of(session, await a_closed_secret_poll(session))

    assert {frozenset(each) for each in bundle["ballots"]} == {
        frozenset({"batch", "nonce", "choice"})
    }
    assert bundle["ballots"] == sorted(
        bundle["ballots"],
        key=lambda each: (
            each["batch"],
            recount.leaf_of(bundle["definition"]["poll"], each["nonce"], each["choice"]),
        ),
    )
    assert len({each["batch"] for each in bundle["ballots"]}) > 1


async def test_the_roll_names_nobody(session: AsyncSession) -> None:
    poll = await a_closed_poll(session)

    bundle = await bundle_of(session, poll)

    text = json.dumps(bundle, ensure_ascii=False)
    people = select(Person).where(Person.community_id == poll.community_id)
    for person in await session.scalars(people):
        assert str(person.id) not in text
        assert person.name
        assert person.name not in text


async def test_a_receipt_is_found_in_the_bundle(session: AsyncSession) -> None:
    poll, people = await a_running_poll(session, voters=12, secrecy=Secrecy.SECRET)
    receipts = [each.code for each in await cast_each(session, poll, people, "ABCABCABCABC")]
    bundle = await bundle_of(session, await close(session, poll))

    assert recount.check(bundle, receipts=[code for code in receipts if code]) == []
    assert recount.check(bundle, receipts=["0000-0000-0000-0000"])


async def test_the_heads_that_were_published_are_those_of_the_chain(session: AsyncSession) -> None:
    poll = await a_closed_secret_poll(session)
    published = select(Fact).where(Fact.subject_id == poll.id, Fact.kind == "polls.head_published")
    heads = [each.payload["head"] for each in await session.scalars(published)]

    bundle = await bundle_of(session, poll)

    assert len(heads) == len(bundle["links"])
    assert recount.check(bundle, heads=heads) == []


async def test_a_meeting_counts_who_came(session: AsyncSession) -> None:
    question = a_question(method=Method.YES_NO)
    poll, people = await a_running_poll(
        session,
        voters=6,
        form=a_form(question),
        kind=PollKind.MEETING,
        rules=Rules(sits=Sits.ADULTS),
    )
    await cast_each(session, poll, people, ["yes", "yes", "no"])
    [came] = await session.scalars(queries.votes_of(poll.community_id, poll.id, people[3].id))
    attended = Attendance(community_id=poll.community_id, poll_id=poll.id, entry_id=came.id)
    session.add(attended)
    bundle = await bundle_of(session, await close(session, poll), labels=True)

    assert recount.check(bundle) == []
    assert bundle["result"]["electorate"]["attended"] == 4
    assert [each["label"] for each in bundle["roll"] if each["attended"] > each["voted"]] == [
        people[3].name
    ]


async def test_the_script_runs_alone_and_says_what_it_found(
    session: AsyncSession, tmp_path: Path
) -> None:
    bundle = await bundle_of(session, await a_closed_secret_poll(session))
    (tmp_path / "recount.py").write_bytes(SCRIPT.read_bytes())
    (tmp_path / "good.json").write_text(json.dumps(bundle), encoding="utf-8")
    bundle["ballots"].pop()
    (tmp_path / "bad.json").write_text(json.dumps(bundle), encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "recount.py", *arguments]
        return subprocess.run(  # noqa: S603 - our own script
            command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False
        )

    good, bad = run("good.json", "--head", bundle["links"][1]["head"]), run("bad.json")

    assert (good.returncode, bad.returncode) == (0, 1), good.stderr + bad.stderr
    assert "核对通过" in good.stdout
    assert "核对不通过" in bad.stdout
    assert run("missing.json").returncode == 1


async def test_anybody_may_have_the_bundle_of_a_public_secret_poll(
    session: AsyncSession, client: Client
) -> None:
    poll = await a_closed_secret_poll(session)

    answer = await client.get(f"/api/v1/polls/{poll.id}/bundle")

    assert answer.status_code == 200
    assert recount.check(answer.json()) == []


async def test_without_a_token_nothing_else_is_there(session: AsyncSession, client: Client) -> None:
    hidden = await a_closed_poll(session, secrecy=Secrecy.SECRET, public=False)
    recorded = await a_closed_poll(session)
    running, _ = await a_running_poll(session, voters=3, secrecy=Secrecy.SECRET)
    await session.commit()

    for poll in (hidden, recorded, running):
        answer = await client.get(f"/api/v1/polls/{poll.id}/bundle")
        assert answer.status_code == 401


async def _asks(session: AsyncSession, client: Client, who: Any, poll: Poll) -> int:
    client.with_token(token_of(session, who))
    await session.commit()
    return (await client.get(f"/api/v1/polls/{poll.id}/bundle")).status_code


async def _somebody_on_the_roll(session: AsyncSession, poll: Poll) -> Person:
    voter = (await session.scalars(select(Voter).where(Voter.poll_id == poll.id).limit(1))).one()
    return await session.get_one(Person, (poll.community_id, voter.person_id))


async def _looks(session: AsyncSession, poll: Poll) -> int:
    kept = select(Fact).where(Fact.subject_id == poll.id, Fact.kind == "polls.ballots_read")
    return len((await session.scalars(kept)).all())


async def test_who_audits_may_have_a_recorded_bundle_and_each_look_is_kept(
    session: AsyncSession, client: Client
) -> None:
    poll = await a_closed_poll(session)
    manager = await a_worker(session, poll.place, Role.MANAGER)
    staff = await a_worker(session, poll.place, Role.STAFF)
    voter = await _somebody_on_the_roll(session, poll)

    assert await _asks(session, client, manager, poll) == 200
    assert await _asks(session, client, staff, poll) == 403
    assert await _asks(session, client, voter, poll) == 403
    assert await _looks(session, poll) == 1


async def test_where_names_are_shown_the_roll_may_have_the_bundle(
    session: AsyncSession, client: Client
) -> None:
    poll = await a_closed_poll(session, names_shown=True)
    voter = await _somebody_on_the_roll(session, poll)
    other = await a_person(session, poll.place, "路人")

    assert await _asks(session, client, voter, poll) == 200
    assert await _asks(session, client, other, poll) == 403


async def test_owners_may_inspect_their_assembly_once_its_result_is_published(
    session: AsyncSession, client: Client
) -> None:
    poll = await a_closed_assembly(session)
    owner = await _somebody_on_the_roll(session, poll)
    manager = await a_worker(session, poll.place, Role.MANAGER)

    assert await _asks(session, client, owner, poll) == 409
    assert await _asks(session, client, manager, poll) == 200
    poll.state = PollState.PUBLISHED
    assert await _asks(session, client, owner, poll) == 200
    bundle = (await client.get(f"/api/v1/polls/{poll.id}/bundle")).json()
    assert all("label" in each for each in bundle["roll"])
    assert recount.check(bundle) == []


async def test_the_script_is_there_for_everybody(client: Client) -> None:
    answer = await client.get("/api/v1/recount.py")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/x-python")
    assert answer.content == SCRIPT.read_bytes()
