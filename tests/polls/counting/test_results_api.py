"""Who sees what was counted, and who voted what."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import Fact
from app.people.models import Client as Program
from app.people.models import Person, Role
from app.polls.counting import is_shown, result_of
from app.polls.forms import Method
from app.polls.models import (
    Poll,
    PollKind,
    PollResult,
    PollState,
    ResultsShown,
    Secrecy,
)
from tests.conftest import Client
from tests.people.builders import a_worker, acting, token_of
from tests.polls.builders import OpenPoll, a_form, a_question, a_voter, an_open_poll
from tests.polls.counting.test_results import strike, vote

YES_NO = a_form(a_question(method=Method.YES_NO))
Get = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def get(client: Client, session: AsyncSession) -> Get:
    """Commit what was made, and read a poll as somebody."""

    async def asked(who: Person | Program, poll: Poll, what: str, **more: Any) -> httpx.Response:
        token = token_of(session, who)
        await session.commit()
        return await client.with_token(token).get(f"/api/v1/polls/{poll.id}/{what}", **more)

    return asked


async def close(session: AsyncSession, poll: Poll, *, published: bool, **said: Any) -> None:
    """Count a poll and say so, with nothing of what else belongs to a close."""
    result = await result_of(session, poll) | said
    poll.state, poll.closed_at = PollState.CLOSED, now()
    await session.flush()
    if published:
        poll.state, poll.published_at = PollState.PUBLISHED, now()
    kept = {"community_id": poll.community_id, "poll_id": poll.id, "result": result}
    session.add(PollResult(**kept, ballots=result["ballots"]))
    await session.flush()


async def looks(session: AsyncSession, poll: Poll) -> int:
    facts = select(Fact).where(Fact.subject_id == poll.id, Fact.kind == "polls.ballots_read")
    return len((await session.scalars(facts)).all())


async def open_poll(session: AsyncSession, **more: Any) -> OpenPoll:
    """A poll of yes and no, with a first vote for yes."""
    held = await an_open_poll(session, form=YES_NO, **more)
    await vote(session, held.poll, held.entries[0], "yes")
    return held


async def test_live_counts_are_for_everybody_where_that_was_said(
    session: AsyncSession, get: Get
) -> None:
    held = await open_poll(session, results_shown=ResultsShown.ALWAYS)

    answer = await get(held.people[1], held.poll, "results")

    assert answer.status_code == 200
    assert answer.json() == {
        "poll_id": str(held.poll.id),
        "live": True,
        "counted_at": None,
        "ballots": 1,
        "electorate": {"entries": 3, "area": 0, "attended": None},
        "questions": {
            "q1": {
                "answered": 1,
                "counts": {"yes": 1, "no": 0, "abstain": 0},
                "leading": ["yes"],
            }
        },
    }
    charts = (await get(held.people[1], held.poll, "results/charts")).json()
    assert charts["live"]
    assert charts["charts"][0]["series"] == [{"name": "票数", "values": [1, 0, 0]}]


async def test_counts_after_voting_are_for_who_has_voted_and_not_for_staff(
    session: AsyncSession, get: Get
) -> None:
    held = await open_poll(session, results_shown=ResultsShown.AFTER_VOTING)
    manager = await a_worker(session, held.poll.place, Role.MANAGER)

    assert (await get(held.people[0], held.poll, "results")).status_code == 200
    for early in (held.people[1], manager):
        refused = await get(early, held.poll, "results")
        assert refused.status_code == 409
        assert refused.json()["type"] == "/problems/results-not-yet"
        assert (await get(early, held.poll, "results/charts")).status_code == 409

    await vote(session, held.poll, held.entries[1], "no")
    assert (await get(held.people[1], held.poll, "results")).json()["ballots"] == 2


async def test_counts_at_the_close_are_for_nobody_before(session: AsyncSession, get: Get) -> None:
    held = await open_poll(session, results_shown=ResultsShown.AT_CLOSE)
    manager = await a_worker(session, held.poll.place, Role.MANAGER)

    for early in (held.people[0], manager):
        assert (await get(early, held.poll, "results")).status_code == 409

    await close(session, held.poll, published=True)
    answer = (await get(held.people[1], held.poll, "results")).json()
    assert answer["live"] is False
    assert answer["counted_at"]
    assert answer["ballots"] == 1


async def test_the_result_is_what_was_counted_at_the_close(session: AsyncSession, get: Get) -> None:
    held = await open_poll(session)
    await close(session, held.poll, published=True, ballots=7)

    assert (await get(held.people[1], held.poll, "results")).json()["ballots"] == 7


async def test_of_a_secret_poll_no_counts_are_shown_early_even_if_a_row_said_so(
    session: AsyncSession,
) -> None:
    held = await an_open_poll(session, form=YES_NO, secrecy=Secrecy.SECRET)
    manager = await a_worker(session, held.poll.place, Role.MANAGER)
    by = acting(manager, (Role.MANAGER, held.poll.place))

    with session.no_autoflush:
        held.poll.results_shown = ResultsShown.ALWAYS
        assert not await is_shown(session, held.poll, by=by)
    await session.rollback()


@pytest.mark.parametrize("kind", [PollKind.MEETING, PollKind.ASSEMBLY])
async def test_meetings_and_assemblies_are_for_staff_from_the_close_and_then_for_all(
    session: AsyncSession, get: Get, kind: PollKind
) -> None:
    matter = 1 if kind is PollKind.ASSEMBLY else None
    form = a_form(a_question(method=Method.YES_NO, matter=matter))
    held = await an_open_poll(
        session, kind=kind, form=form, areas=[1, 1], results_shown=ResultsShown.ALWAYS
    )
    await vote(session, held.poll, held.entries[0], "yes")
    staff = await a_worker(session, held.poll.place, Role.STAFF)
    voter = held.people[0]

    assert (await get(staff, held.poll, "results")).status_code == 409
    assert (await get(voter, held.poll, "results")).status_code == 409

    await close(session, held.poll, published=False)
    shown = await get(staff, held.poll, "results")
    assert shown.status_code == 200
    assert "decision" in shown.json()["questions"]["q1"]
    assert (await get(voter, held.poll, "results")).status_code == 409

    held.poll.state = PollState.PUBLISHED
    assert (await get(voter, held.poll, "results")).status_code == 200
    assert (await get(voter, held.poll, "results/charts")).status_code == 200


@pytest.mark.parametrize("what", ["results", "results/charts", "ballots"])
async def test_what_one_may_not_see_is_not_there(
    session: AsyncSession, get: Get, what: str
) -> None:
    held = await open_poll(session, public=False, results_shown=ResultsShown.ALWAYS)
    other = await open_poll(session)

    assert (await get(other.people[0], held.poll, what)).status_code == 404


async def test_a_plain_poll_needs_no_act_of_publishing(session: AsyncSession, get: Get) -> None:
    held = await open_poll(session)
    await close(session, held.poll, published=False)

    assert (await get(held.people[1], held.poll, "results")).status_code == 200


async def test_a_cancelled_poll_has_no_result(session: AsyncSession, get: Get) -> None:
    held = await open_poll(session, results_shown=ResultsShown.ALWAYS)
    manager = await a_worker(session, held.poll.place, Role.MANAGER)
    held.poll.state, held.poll.reason = PollState.CANCELLED, "重复"

    assert (await get(manager, held.poll, "results")).status_code == 409


async def test_where_names_are_shown_the_roll_reads_who_voted_what(
    session: AsyncSession, get: Get
) -> None:
    held = await open_poll(session, names_shown=True, results_shown=ResultsShown.ALWAYS)
    await vote(session, held.poll, held.entries[1], "no")
    outsider = await a_voter(session, held.poll.place)

    answer = await get(held.people[2], held.poll, "ballots")

    assert answer.status_code == 200
    assert {(each["label"], each["choice"]["q1"]) for each in answer.json()["items"]} == {
        (held.entries[0].label, "yes"),
        (held.entries[1].label, "no"),
    }
    assert all(each["counted"] for each in answer.json()["items"])
    assert await looks(session, held.poll) == 0
    assert (await get(outsider, held.poll, "ballots")).status_code == 403


async def test_names_are_shown_no_earlier_than_counts(session: AsyncSession, get: Get) -> None:
    held = await open_poll(session, names_shown=True, results_shown=ResultsShown.AT_CLOSE)
    manager = await a_worker(session, held.poll.place, Role.MANAGER)

    assert (await get(held.people[0], held.poll, "ballots")).status_code == 409
    assert (await get(manager, held.poll, "ballots")).status_code == 409
    assert await looks(session, held.poll) == 0


async def test_elsewhere_auditors_read_it_after_the_close_and_each_look_is_kept(
    session: AsyncSession, get: Get
) -> None:
    held = await open_poll(session, results_shown=ResultsShown.ALWAYS)
    manager = await a_worker(session, held.poll.place, Role.MANAGER)
    staff = await a_worker(session, held.poll.place, Role.STAFF)

    assert (await get(manager, held.poll, "ballots")).status_code == 409
    await close(session, held.poll, published=True)

    assert (await get(manager, held.poll, "ballots")).json()["items"][0]["choice"] == {"q1": "yes"}
    assert await looks(session, held.poll) == 1
    for other in (staff, held.people[0]):
        assert (await get(other, held.poll, "ballots")).status_code == 403
    assert await looks(session, held.poll) == 1


async def test_a_struck_vote_is_listed_as_not_counted(session: AsyncSession, get: Get) -> None:
    held = await open_poll(session)
    manager = await a_worker(session, held.poll.place, Role.MANAGER)
    await strike(session, held.poll, held.entries[0])
    await close(session, held.poll, published=True)

    (item,) = (await get(manager, held.poll, "ballots")).json()["items"]

    assert item["counted"] is False


async def test_a_secret_poll_has_no_such_list(session: AsyncSession, get: Get) -> None:
    held = await an_open_poll(session, form=YES_NO, secrecy=Secrecy.SECRET)
    await close(session, held.poll, published=True)

    for who in (held.people[0], await a_worker(session, held.poll.place, Role.MANAGER)):
        assert (await get(who, held.poll, "ballots")).status_code == 404
    assert await looks(session, held.poll) == 0


async def test_the_list_comes_by_pages(session: AsyncSession, get: Get) -> None:
    held = await open_poll(session, names_shown=True, results_shown=ResultsShown.ALWAYS)
    for entry in held.entries[1:]:
        await vote(session, held.poll, entry, "no")

    first = (await get(held.people[0], held.poll, "ballots", params={"limit": 2})).json()
    after = {"limit": 2, "after": first["next"]}
    second = (await get(held.people[0], held.poll, "ballots", params=after)).json()

    listed = [each["entry_id"] for each in first["items"] + second["items"]]
    assert sorted(listed) == listed
    assert set(listed) == {str(entry.id) for entry in held.entries}
    assert second["next"] is None
