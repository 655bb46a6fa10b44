"""The ballots of a recorded poll or survey as a table, a line each, without who cast them."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.i18n import _
from app.core.sheets import Cell
from app.people.access import Actor
from app.polls.events import BallotsRead
from app.polls.forms import ABSTAIN, NO, OTHER, YES, Form, Method, Question
from app.polls.models import OVER, Entry, Poll
from app.polls.permissions import RUN
from app.polls.problems import ResultsNotYet
from app.polls.queries import ballots_of
from app.polls.statistics import FITS, WORDS, demand_recorded

Column: TypeAlias = tuple[str, Callable[[Mapping[str, Any]], Cell]]
_BY_OPTION = frozenset({Method.SCORE, Method.DOTS, Method.DATES})


async def table(
    session: AsyncSession, poll: Poll, *, by: Actor
) -> tuple[list[str], list[list[Cell]]]:
    """The head and a line for every ballot that counted, in no order; that it was taken is a fact.

    With the code of the vote where names are shown, and else with nothing that tells whose it was.
    Raises `Forbidden` for who does not run polls there, `SecretHere`, `NoStatistics`, and
    `ResultsNotYet` before the close: two exports would show who came in between.
    """
    RUN.demand(by, at=poll.place.path)
    demand_recorded(poll)
    if poll.state not in OVER:
        raise ResultsNotYet
    columns = list(_columns(Form.model_validate(poll.form)))
    ballots = ballots_of(poll).where(Entry.struck_by_id.is_(None))
    rows: list[list[Cell]] = []
    for code, choice in await session.execute(ballots):
        said = json.loads(choice)
        rows.append(
            [*([code] if poll.names_shown else []), *(cell(said) for _name, cell in columns)]
        )
    secrets.SystemRandom().shuffle(rows)
    await record(session, BallotsRead(poll_id=poll.id), by=by)
    return [*([_("票号")] if poll.names_shown else []), *(name for name, _cell in columns)], rows


def _columns(form: Form) -> Iterator[Column]:
    for question in form.questions:
        if question.method in _BY_OPTION:
            for option in question.options:
                yield f"{question.text}：{option.text}", _of_option(question.key, option.key)
        else:
            yield question.text, _answer(question)
        if any(option.key == OTHER for option in question.options):
            yield f"{question.text}（{_('其他')}）", _beside(f"{question.key}.other")
        if question.reason:
            yield f"{question.text}（{_('理由')}）", _beside(f"{question.key}.reason")


def _of_option(key: str, option: str) -> Callable[[Mapping[str, Any]], Cell]:
    def cell(said: Mapping[str, Any]) -> Cell:
        found: Cell = said.get(key, {}).get(option)
        return _(FITS[found]) if isinstance(found, str) else found

    return cell


def _answer(question: Question) -> Callable[[Mapping[str, Any]], Cell]:
    texts = {option.key: option.text for option in question.options}
    if question.method is Method.YES_NO:
        texts = {each: _(WORDS[each]) for each in (YES, NO, ABSTAIN)}
    between = " > " if question.method is Method.RANKED else "；"

    def cell(said: Mapping[str, Any]) -> Cell:
        found = said.get(question.key)
        if isinstance(found, list):
            return between.join(texts[each] for each in found)
        shown: Cell = texts.get(found, found) if isinstance(found, str) else found
        return shown

    return cell


def _beside(key: str) -> Callable[[Mapping[str, Any]], Cell]:
    return lambda said: said.get(key)
