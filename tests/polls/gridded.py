"""Recorded polls over several grids, for what is told apart by them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import system
from app.people.models import Person
from app.places.models import Kind
from app.polls.forms import Question
from app.polls.models import Poll, PollKind
from app.polls.service import opening
from tests.places.builders import a_community, a_place
from tests.polls.builders import a_form, a_poll, some_voters
from tests.polls.closed import cast_each, close


async def an_open_survey(
    session: AsyncSession,
    answers: Mapping[str, Sequence[Any]],
    *questions: Question,
    **columns: Any,
) -> tuple[Poll, list[Person]]:
    """A survey whose answers come from grids of these names, one voter each."""
    area = await a_place(session, await a_community(session), Kind.AREA, "A1", "东片区")
    crowds = []
    for number, name in enumerate(answers, start=1):
        grid = await a_place(session, area, Kind.GRID, f"G{number}", name)
        crowds.append(await some_voters(session, grid, len(answers[name])))
    usual: dict[str, Any] = {"kind": PollKind.SURVEY, "form": a_form(*questions)}
    poll = await a_poll(session, area, **usual | columns)
    await opening.open_now(session, poll, by=system(poll.community_id))
    for people, given in zip(crowds, answers.values(), strict=True):
        await cast_each(session, poll, people, given)
    await session.commit()
    return poll, [person for people in crowds for person in people]


async def a_survey(
    session: AsyncSession, answers: Mapping[str, Sequence[Any]], *questions: Question, **more: Any
) -> Poll:
    """The same, closed."""
    poll, _people = await an_open_survey(session, answers, *questions, **more)
    return await close(session, poll)
