"""From the announcement to the published result, and what is refused on the way."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.people.access import system
from app.people.models import Role
from app.polls import casting, queries, recount
from app.polls.electorates import Electorate, Unit
from app.polls.forms import Matter, Method
from app.polls.models import (
    Channel,
    Link,
    LinkKind,
    Poll,
    PollKind,
    PollResult,
    PollState,
    ResultsShown,
    Secrecy,
)
from app.polls.rules import Rules, Sits
from app.polls.service import lifecycle
from tests.people.builders import Caller, a_worker, facts
from tests.people.builders import acting as as_actor
from tests.people.conftest import As, Town
from tests.polls.builders import OpenPoll, a_form, a_poll, a_question, a_voter, an_open_poll

YES_NO = a_form(a_question(method=Method.YES_NO))
FUND = a_form(a_question(method=Method.YES_NO, matter=Matter.FUND_USE))


@pytest.fixture
async def manager(acting: As, session: AsyncSession, town: Town) -> Caller:
    return await acting(await a_worker(session, town.root, Role.MANAGER))


async def _post(caller: Caller, poll: Poll, act: str, **body: Any) -> tuple[int, dict[str, Any]]:
    asked = {"json": body} if body else {}
    answer = await caller.post(f"/polls/{poll.id}/{act}", **asked)
    return answer.status_code, answer.json()


async def _an_assembly(session: AsyncSession, town: Town, opens_at: datetime, **more: Any) -> Poll:
    poll = await a_poll(
        session,
        town.grid,
        kind=PollKind.ASSEMBLY,
        form=FUND,
        electorate=Electorate(unit=Unit.OWNER),
        opens_at=opens_at,
        closes_at=opens_at + timedelta(days=20),
        public=False,
        **more,
    )
    await session.commit()
    return poll


async def test_an_assembly_is_announced_fifteen_days_before_it_opens(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    hasty = await _an_assembly(session, town, now() + timedelta(days=14, hours=23))
    timely = await _an_assembly(session, town, now() + timedelta(days=15, minutes=1))

    assert (await _post(manager, hasty, "announcement"))[1]["type"] == "/problems/notice-too-short"
    assert (await _post(manager, timely, "opening"))[1]["type"] == "/problems/poll-step"
    status, told = await _post(manager, timely, "announcement")

    assert (status, told["state"], told["public"], told["consultation"]) == (
        *(200, "announced", True),
        True,
    )
    assert (await _post(manager, timely, "opening"))[1]["type"] == "/problems/notice-too-short"
    changed = await manager.patch(f"/polls/{timely.id}", json={"title": "另一件事"})
    assert (changed.status_code, changed.json()["type"]) == (409, "/problems/poll-locked")
    assert len(await facts(session, "polls.announced")) == 1


async def test_an_announcement_needs_its_times(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    for times in (
        {"opens_at": None},
        {"opens_at": now() - timedelta(hours=1)},
        {"opens_at": now() + timedelta(hours=1), "closes_at": None},
    ):
        poll = await a_poll(session, town.grid, **times)
        await session.commit()
        assert (await _post(manager, poll, "announcement"))[0] == 422
    unended = await a_poll(session, town.grid, closes_at=None)
    await session.commit()
    assert (await _post(manager, unended, "opening"))[0] == 422


async def test_nobody_there_nothing_is_opened(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    poll = await a_poll(session, town.grid)
    await session.commit()
    assert (await _post(manager, poll, "opening"))[1]["type"] == "/problems/roll-empty"
    assert (await manager.get(f"/polls/{poll.id}")).json()["state"] == "draft"


async def test_an_open_poll_is_locked_and_cannot_be_opened_again(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    await a_voter(session, town.grid)
    poll = await a_poll(session, town.grid)
    await session.commit()

    status, opened = await _post(manager, poll, "opening")

    assert (status, opened["state"], len(opened["head"])) == (200, "open", 64)
    assert (await _post(manager, poll, "opening"))[0] == 409
    assert (await manager.patch(f"/polls/{poll.id}", json={"title": "另"})).status_code == 409
    file = await manager.post(f"/polls/{poll.id}/files", files={"file": ("a.txt", b"x")})
    assert file.json()["type"] == "/problems/poll-locked"


async def test_a_term_only_grows_and_only_as_long_as_it_lasts(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    opened = await an_open_poll(session, town.grid)
    over = await an_open_poll(session, town.grid, lasts=timedelta(seconds=-1))
    await session.commit()
    later = (now() + timedelta(days=9)).isoformat()
    sooner = (now() + timedelta(days=6)).isoformat()

    assert (await _post(manager, opened.poll, "extension", closes_at=sooner))[0] == 422
    status, told = await _post(manager, opened.poll, "extension", closes_at=later)
    assert (status, told["closes_at"][:16]) == (200, later[:16])
    assert (await _post(manager, over.poll, "extension", closes_at=later))[0] == 409


async def test_what_is_shown_is_only_tightened(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    shown = await an_open_poll(
        session, town.grid, names_shown=True, results_shown=ResultsShown.AFTER_VOTING
    )
    await session.commit()

    async def tighten(**asked: Any) -> tuple[int, dict[str, Any]]:
        return await _post(manager, shown.poll, "tightening", **asked)

    assert (await tighten(results_shown="always"))[1]["type"] == "/problems/poll-locked"
    status, told = await tighten(names_shown=False, results_shown="at_close")
    assert (status, told["names_shown"], told["results_shown"]) == (200, False, "at_close")
    assert (await tighten(names_shown=True))[0] == 409
    assert (await tighten(names_shown=False))[0] == 200
    assert len(await facts(session, "polls.tightened")) == 1


async def _cast(session: AsyncSession, opened: OpenPoll, *answers: str) -> None:
    for person, answer in zip(opened.people, answers, strict=False):
        await casting.cast(
            session,
            opened.poll,
            person_id=person.id,
            choice={"q1": answer},
            channel=Channel.REST,
            by=as_actor(person),
        )
    await session.commit()


@pytest.mark.parametrize("secrecy", Secrecy)
async def test_a_close_counts_what_was_cast_and_links_it(
    session: AsyncSession, town: Town, manager: Caller, secrecy: Secrecy
) -> None:
    opened = await an_open_poll(session, town.grid, voters=13, secrecy=secrecy)
    await _cast(session, opened, *"AABABAABAAC")

    status, closed = await _post(manager, opened.poll, "closing")

    assert (status, closed["state"]) == (200, "published")
    assert closed["published_at"] == closed["closed_at"]
    counted = await session.get_one(PollResult, (opened.poll.community_id, opened.poll.id))
    assert counted.ballots == 11
    assert counted.result["questions"]["q1"]["counts"] == {"A": 7, "B": 3, "C": 1}
    links = (await session.scalars(select(Link).order_by(Link.number))).all()
    assert links[-1].kind is LinkKind.CLOSE
    assert links[-1].size == 11
    assert links[-1].head == recount.close_head(
        links[-2].head,
        links[-1].number,
        links[-1].payload["closed_at"],
        [entry.code for entry in opened.entries[:11]],
        bytes.fromhex(links[-1].payload["ballots"]),
        counted.result,
    )
    assert (await facts(session, "polls.closed"))[0]["ballots"] == 11
    assert len(await facts(session, "polls.published")) == 1
    assert (await _post(manager, opened.poll, "closing"))[1]["type"] == "/problems/poll-step"
    assert (await _post(manager, opened.poll, "publication"))[0] == 409
    assert (await _post(manager, opened.poll, "cancellation", reason="晚了"))[0] == 409


async def _its_time_is_over(session: AsyncSession, poll: Poll) -> None:
    """Close it as the job does when its time has come."""
    held = await queries.alone(session, poll.community_id, poll.id)
    assert held
    await lifecycle.close(session, held, by=system(poll.community_id))
    await session.commit()


async def test_the_result_of_a_meeting_is_published_by_an_act(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    opened = await an_open_poll(
        session, town.grid, kind=PollKind.MEETING, form=YES_NO, rules=Rules(sits=Sits.ADULTS)
    )
    await _cast(session, opened, "yes", "no")

    early = await _post(manager, opened.poll, "closing")
    assert (early[0], early[1]["type"]) == (409, "/problems/poll-step")
    await _its_time_is_over(session, opened.poll)
    closed = (await manager.get(f"/polls/{opened.poll.id}")).json()
    assert (closed["state"], closed["published_at"]) == ("closed", None)
    term = datetime.fromisoformat(closed["publish_by"]) - datetime.fromisoformat(
        closed["closed_at"]
    )
    assert term == timedelta(days=3)

    status, published = await _post(manager, opened.poll, "publication")
    assert (status, published["state"]) == (200, "published")
    assert len(await facts(session, "polls.published")) == 1


async def test_a_poll_is_cancelled_with_a_reason_and_stays_so(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    opened = await an_open_poll(session, town.grid)
    await session.commit()

    status, told = await _post(manager, opened.poll, "cancellation", reason="议题有误")

    assert (status, told["state"], told["reason"]) == (200, "cancelled", "议题有误")
    for act in ("opening", "closing", "announcement", "publication"):
        assert (await _post(manager, opened.poll, act))[0] == 409, act


async def test_who_has_no_right_there_moves_nothing(
    acting: As, session: AsyncSession, town: Town
) -> None:
    opened = await an_open_poll(session, town.grid)
    far = await acting(await a_worker(session, town.far_area, Role.LEADER))
    voter = await acting(opened.people[0])
    bodies: dict[str, dict[str, Any]] = {
        "extension": {"closes_at": "2099-01-01T00:00:00Z"},
        "tightening": {"names_shown": False},
        "cancellation": {"reason": "不想"},
        "refusal": {"reason": "不想"},
    }
    acts = ["announcement", "opening", "closing", "publication", "acceptance", *bodies]
    for caller in (far, voter):
        for act in acts:
            got = await _post(caller, opened.poll, act, **bodies.get(act, {}))
            assert got[0] == 403, act
    await session.refresh(opened.poll)
    assert opened.poll.state is PollState.OPEN


async def test_the_databases_clock_says_when_it_was_opened_and_closed(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    opened = await an_open_poll(session, town.grid)
    await session.commit()
    await _post(manager, opened.poll, "closing")
    after = await session.scalar(text("SELECT clock_timestamp()"))
    await session.refresh(opened.poll)
    assert opened.poll.opened_at is not None
    assert opened.poll.closed_at is not None
    assert opened.poll.opened_at < opened.poll.closed_at < after
