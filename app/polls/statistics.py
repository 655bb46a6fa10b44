"""What the answers to one question look like by grid or by kind of residence, and nobody's own."""

import json
import secrets
from asyncio import to_thread
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import quantiles
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import N_, _
from app.core.problems import Invalid
from app.people.access import Actor
from app.people.models import Relation
from app.places.models import Place
from app.polls import counting
from app.polls.forms import ABSTAIN, MAYBE, NO, WRITING, YES, Form, Method, Question
from app.polls.models import Ballot, Entry, Poll, PollKind, PollState, Secrecy
from app.polls.permissions import RUN
from app.polls.problems import NoStatistics, ResultsNotYet, SecretHere
from app.polls.service import policies
from app.polls.suppression import merged, suppressed

MOST_TEXTS = 2000
Groups: TypeAlias = Mapping[str | None, Counter[str]]
"""For every group, how many votes said each thing: choices in canonical JSON."""
Bins: TypeAlias = Mapping[Any, Sequence[int]]

WORDS = {
    Relation.OWNER: N_("业主"),
    Relation.TENANT: N_("租户"),
    Relation.FAMILY: N_("家属"),
    YES: N_("同意"),
    NO: N_("反对"),
    ABSTAIN: N_("弃权"),
}
FITS = {YES: N_("可以"), MAYBE: N_("勉强可以"), NO: N_("不行")}


class By(StrEnum):
    """What the votes are told apart by; as it was when the poll opened."""

    GRID = "grid"
    RELATION = "relation"


@dataclass(frozen=True, slots=True)
class Row:
    """One group, or several that are too small to be shown alone."""

    name: str
    answered: int
    counts: list[int | None]


@dataclass(frozen=True, slots=True)
class Cross:
    """A cross-table; of one option where votes may choose several."""

    option: str | None
    columns: list[str]
    total: list[int]
    groups: list[Row]


@dataclass(frozen=True, slots=True)
class Summary:
    """How numbers lie; quartiles and mean are null below the smallest cell."""

    least: int | None
    quartiles: list[float] | None
    greatest: int | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """All of it about one question."""

    question: str
    method: Method
    by: By
    smallest_cell: int
    answered: int
    tables: list[Cross]
    numbers: Summary | None
    texts: list[str] | None
    """In no order; None for who does not run polls there."""


async def statistics(
    session: AsyncSession, poll: Poll, *, question: str, by: By, me: Actor
) -> Statistics:
    """The answers to a question, told apart, as this caller may see them who may see the poll.

    Counts of fewer votes than the policy's smallest cell are left out, and others with them, so
    that none follows from the totals. Raises `SecretHere`, `NoStatistics` for a meeting or an
    assembly, `ResultsNotYet`, and `Invalid` for a question there is none of.
    """
    demand_recorded(poll)
    await _demand_shown(session, poll, me)
    asked = Form.model_validate(poll.form).question(question)
    if asked is None:
        raise Invalid(errors=[{"path": "query.question", "message": "there is no such question"}])
    smallest = (await policies.of(session, poll.community_id)).smallest_cell
    groups = await _groups(session, poll, by)
    names = await _names(session, poll, groups, by)
    runs = RUN.allows(me, at=poll.place.path)
    texts = await to_thread(_texts, asked, groups) if runs else None
    return await to_thread(_made, asked, groups, names, by=by, smallest=smallest, texts=texts)


def demand_recorded(poll: Poll) -> None:
    """Refuse what is secret, and what is counted by rules of law."""
    if poll.secrecy is Secrecy.SECRET:
        raise SecretHere(_("无记名投票不做分组统计，也不能导出"))
    if poll.kind not in {PollKind.POLL, PollKind.SURVEY}:
        raise NoStatistics


async def _demand_shown(session: AsyncSession, poll: Poll, me: Actor) -> None:
    """As the counts are; while votes come in, for who runs the poll alone.

    Whoever looks before and after a neighbour votes would see in which group the count grew.
    """
    live = poll.state is PollState.OPEN and not RUN.allows(me, at=poll.place.path)
    if live or not await counting.is_shown(session, poll, by=me):
        raise ResultsNotYet


async def _groups(session: AsyncSession, poll: Poll, by: By) -> Groups:
    column = Entry.grid_id if by is By.GRID else Entry.relation
    rows = (
        select(column, Ballot.choice, func.count())
        .join(Ballot, (Ballot.community_id == Entry.community_id) & (Ballot.entry_id == Entry.id))
        .where(
            Ballot.community_id == poll.community_id,
            Ballot.poll_id == poll.id,
            Entry.struck_by_id.is_(None),
        )
        .group_by(column, Ballot.choice)
    )
    found: dict[str | None, Counter[str]] = defaultdict(Counter)
    for group, choice, count in await session.execute(rows):
        found[str(group) if group else None][choice] += count
    return found


async def _names(
    session: AsyncSession, poll: Poll, groups: Iterable[str | None], by: By
) -> dict[str | None, str]:
    names: dict[str | None, str] = {None: _("未知")}
    if by is By.RELATION:
        return names | {each.value: _(WORDS[each]) for each in Relation}
    ids = [UUID(each) for each in groups if each]
    grids = select(Place.id, Place.name).where(
        Place.community_id == poll.community_id, Place.id.in_(ids)
    )
    return names | {str(id_): name for id_, name in await session.execute(grids)}


def _made(
    question: Question,
    groups: Groups,
    names: Mapping[str | None, str],
    *,
    by: By,
    smallest: int,
    texts: list[str] | None,
) -> Statistics:
    answers = {group: _answers(question.key, choices) for group, choices in groups.items()}
    everything = [each for found in answers.values() for each in found]
    crosses = [_cross(*asked, names, smallest) for asked in _questions(question, answers)]
    return Statistics(
        question=question.key,
        method=question.method,
        by=by,
        smallest_cell=smallest,
        answered=sum(heads for _answer, heads in everything),
        tables=_alike(crosses),
        numbers=_summary(everything, smallest) if question.method is Method.NUMBER else None,
        texts=texts,
    )


def _alike(crosses: list[Cross]) -> list[Cross]:
    """Groups left out of the table of one option are left out of those of all others, too.

    Otherwise how many options a vote may choose could tell what is hidden. So whatever is hidden,
    two ballots of two of these groups could stand in each other's place.
    """
    hidden = {
        place
        for cross in crosses
        for place, row in enumerate(cross.groups)
        if len(crosses) > 1 and None in row.counts
    }
    return [
        replace(
            cross,
            groups=[
                replace(row, counts=[None] * len(row.counts)) if place in hidden else row
                for place, row in enumerate(cross.groups)
            ],
        )
        for cross in crosses
    ]


def _answers(key: str, choices: Counter[str]) -> list[tuple[Any, int]]:
    read = ((json.loads(choice), heads) for choice, heads in choices.items())
    return [(choice[key], heads) for choice, heads in read if key in choice]


Answers: TypeAlias = Mapping[Any, Sequence[tuple[Any, int]]]
Binning: TypeAlias = Callable[[Any], int]


def _questions(
    question: Question, answers: Answers
) -> Iterable[tuple[str | None, list[str], Bins]]:
    """What is to be told apart: once, or for each option; its columns, and the counts."""
    method, keys = question.method, [option.key for option in question.options]
    texts = {option.key: option.text for option in question.options}
    if method in WRITING:
        return
    if method is Method.YES_NO:
        words = [YES, NO, ABSTAIN]
        yield None, [_(WORDS[each]) for each in words], _binned(answers, words.index, 3)
    elif method is Method.SINGLE:
        yield None, list(texts.values()), _binned(answers, keys.index, len(keys))
    elif method is Method.RANKED:
        columns = [*texts.values(), _("未排序")]
        first = [*keys, None]
        bins = _binned(answers, lambda ranking: first.index(next(iter(ranking), None)), len(first))
        yield None, columns, bins
    else:
        for key in keys:
            columns, binning = _of_option(question, key)
            yield texts[key], columns, _binned(answers, binning, len(columns))


def _of_option(question: Question, key: str) -> tuple[list[str], Binning]:
    if question.method is Method.SCORE:
        return [str(score) for score in range(question.top + 1)], lambda answer: int(answer[key])
    if question.method is Method.DATES:
        fits = list(FITS)
        return [_(FITS[each]) for each in fits], lambda answer: fits.index(answer[key])
    return [_("选了"), _("没选")], lambda answer: 0 if key in answer else 1


def _binned(answers: Answers, binning: Binning, many: int) -> Bins:
    found = {group: [0] * many for group in answers}
    for group, each in answers.items():
        for answer, heads in each:
            found[group][binning(answer)] += heads
    return found


def _cross(
    option: str | None,
    columns: list[str],
    bins: Bins,
    names: Mapping[str | None, str],
    smallest: int,
) -> Cross:
    """Groups that are too small go together; where one group remains, nothing is told apart."""
    total = [sum(column) for column in zip(*bins.values(), strict=True)] or [0] * len(columns)
    answered = {group: sum(counts) for group, counts in bins.items()}
    alone, others = merged(answered, max(smallest, 1), order=lambda each: names.get(each, ""))
    rows = [(names.get(each, _("未知")), bins[each]) for each in alone]
    if others:
        together = [sum(column) for column in zip(*(bins[each] for each in others), strict=True)]
        rows.append((_("其他"), together))
    if len(rows) <= 1:
        return Cross(option, columns, total, [])
    shown = suppressed([counts for _name, counts in rows], smallest)
    groups = [
        Row(name, sum(counts), cells) for (name, counts), cells in zip(rows, shown, strict=True)
    ]
    return Cross(option, columns, total, groups)


def _summary(answers: Sequence[tuple[int, int]], smallest: int) -> Summary:
    given = sorted(answer for answer, heads in answers for _each in range(heads))
    if not given:
        return Summary(None, None, None, None)
    if len(given) < max(smallest, 2):
        return Summary(given[0], None, given[-1], None)
    quartiles = quantiles(given, n=4, method="inclusive")
    return Summary(given[0], quartiles, given[-1], round(sum(given) / len(given), 2))


def _texts(question: Question, groups: Groups) -> list[str]:
    """What was written, by nobody, in no order: answers, what else was meant, and reasons."""
    keys = [f"{question.key}.other", f"{question.key}.reason"]
    if question.method in {Method.TEXT, Method.DATE}:
        keys.append(question.key)
    found: list[str] = []
    for choices in groups.values():
        for choice, heads in choices.items():
            read = json.loads(choice)
            found += [str(read[key]) for key in keys if key in read for _each in range(heads)]
    secrets.SystemRandom().shuffle(found)
    return found[:MOST_TEXTS]
