"""Who came to a residents' meeting."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.people.models import Role
from app.polls.models import Attendance, PollKind, PollState
from tests.people.builders import Caller, a_worker, facts
from tests.people.conftest import As, Town
from tests.polls.builders import OpenPoll, an_open_poll


@pytest.fixture
async def staff(session: AsyncSession, town: Town, acting: As) -> Caller:
    return await acting(await a_worker(session, town.root, Role.STAFF))


@pytest.fixture
async def meeting(session: AsyncSession, town: Town) -> OpenPoll:
    made = await an_open_poll(session, town.grid, kind=PollKind.MEETING)
    await session.commit()
    return made


async def test_who_came_is_checked_in_once_by_id_or_code(
    session: AsyncSession, staff: Caller, meeting: OpenPoll
) -> None:
    path = f"/polls/{meeting.poll.id}/attendances"
    first, second, _ = meeting.entries

    one = await staff.post(path, json={"entries": [str(first.id), first.code]})
    both = await staff.post(path, json={"entries": [first.code, second.code.lower()]})
    again = await staff.post(path, json={"entries": [first.code, str(second.id)]})

    assert (one.status_code, one.json()) == (200, {"entries": 3, "attended": 1})
    assert both.json() == again.json() == {"entries": 3, "attended": 2}
    assert (await staff.get(path)).json() == {"entries": 3, "attended": 2}
    told = [fact["entry_ids"] for fact in await facts(session, "polls.attended")]
    assert told == [[str(first.id)], [str(second.id)]]


async def test_who_is_not_on_the_roll_is_named_and_nobody_is_checked_in(
    session: AsyncSession, staff: Caller, meeting: OpenPoll
) -> None:
    asked = [meeting.entries[0].code, str(new_id()), "NOBODY"]

    answer = await staff.post(f"/polls/{meeting.poll.id}/attendances", json={"entries": asked})

    assert answer.status_code == 422
    paths = [error["path"] for error in answer.json()["errors"]]
    assert paths == ["body.entries.1", "body.entries.2"]
    assert (await session.scalars(select(Attendance))).all() == []


async def test_only_meetings_are_attended_and_only_until_the_close(
    session: AsyncSession, town: Town, staff: Caller, meeting: OpenPoll
) -> None:
    poll = await an_open_poll(session, town.grid)
    meeting.poll.state, meeting.poll.closed_at = PollState.CLOSED, meeting.poll.closes_at
    await session.commit()

    answers = [
        await staff.post(
            f"/polls/{each.poll.id}/attendances", json={"entries": [each.entries[0].code]}
        )
        for each in (poll, meeting)
    ]

    assert [each.json()["type"] for each in answers] == ["/problems/poll-step"] * 2


async def test_who_enters_no_rolls_checks_nobody_in(
    session: AsyncSession, town: Town, acting: As, meeting: OpenPoll
) -> None:
    worker = await acting(await a_worker(session, town.grid, Role.GRID_WORKER))

    answer = await worker.post(
        f"/polls/{meeting.poll.id}/attendances", json={"entries": [meeting.entries[0].code]}
    )

    assert answer.status_code == 403
