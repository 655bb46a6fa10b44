"""How property companies answered in a month: the figures, and what is no question after all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from app.core.clock import CHINA, now
from app.core.facts import record
from app.core.i18n import N_, _
from app.core.problems import NotFound
from app.groups.events import QuestionDropped
from app.groups.models import Group, Question
from app.groups.oversight import WAITS
from app.groups.permissions import OVERSEE
from app.people.access import Actor

_FORMULAS = {
    "asked": N_("提问数＝当月居民在群里提出的问题和报告的故障（不含经核实不是提问的）"),
    "answered": N_("已答复数＝物业在当月内或月末后24小时内答复的提问数"),
    "answered_in_time": N_("按时答复数＝提问后{minutes}分钟内答复的提问数"),
    "unanswered": N_("未答复数＝提问数－已答复数"),
    "answered_rate": N_("答复率＝已答复数÷提问数"),
    "in_time_rate": N_("按时答复率＝按时答复数÷提问数"),
    "median_minutes": N_("答复用时中位数＝已答复的提问从提出到答复所用分钟数的中位数"),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Of what was asked in one group in one month."""

    asked: int = 0
    answered: int = 0
    answered_in_time: int = 0
    median_minutes: float | None = None

    @property
    def unanswered(self) -> int:
        """How much of it was never answered."""
        return self.asked - self.answered

    @property
    def answered_rate(self) -> float | None:
        """How much of it was answered, in per cent."""
        return _per_cent(self.answered, self.asked)

    @property
    def in_time_rate(self) -> float | None:
        """How much of it was answered in time, in per cent."""
        return _per_cent(self.answered_in_time, self.asked)


def _per_cent(part: int, whole: int) -> float | None:
    """To a tenth, the half upwards, as people round (四舍五入)."""
    return floor(Fraction(part * 1000, whole) + Fraction(1, 2)) / 10 if whole else None


def formulas(minutes: int) -> dict[str, str]:
    """How each figure is made, in the reader's language."""
    return {name: _(formula).format(minutes=minutes) for name, formula in _FORMULAS.items()}


def bounds(month: str) -> tuple[datetime, datetime]:
    """When a month begins in China, and when the next one does."""
    year, number = map(int, month.split("-"))
    years, following = divmod(number, 12)
    return (
        datetime(year, number, 1, tzinfo=CHINA),
        datetime(year + years, following + 1, 1, tzinfo=CHINA),
    )


def this_month() -> str:
    """The month that runs in China."""
    return f"{now().astimezone(CHINA):%Y-%m}"


def is_over(month: str) -> bool:
    """Whether nothing can change a month's figures any more but a correction."""
    return bounds(month)[1] + WAITS <= now()


def last_over() -> str:
    """The newest month that is over."""
    inside = (now() - WAITS).astimezone(CHINA).replace(day=1) - timedelta(days=1)
    return f"{inside:%Y-%m}"


def _asked_in(community_id: UUID, month: str) -> Select[Question]:
    begin, end = bounds(month)
    return select(Question).where(
        Question.community_id == community_id,
        Question.dropped_by_id.is_(None),
        Question.asked_at >= begin,
        Question.asked_at < end,
    )


async def figures(
    session: AsyncSession,
    community_id: UUID,
    month: str,
    *,
    minutes: int,
    group_id: UUID | None = None,
) -> dict[UUID, Figures]:
    """The figures of each group in which anything was asked in a month, or of one group.

    An answer is in time that came within so many minutes.
    """
    end = bounds(month)[1]
    took = Question.answered_at - Question.asked_at
    answered = Question.answered_at < end + WAITS
    middle = func.percentile_cont(0.5).within_group(func.extract("epoch", took))
    rows = _asked_in(community_id, month).with_only_columns(
        Question.group_id,
        func.count(),
        func.count().filter(answered),
        func.count().filter(answered, took <= timedelta(minutes=minutes)),
        middle.filter(answered),
    )
    if group_id:
        rows = rows.where(Question.group_id == group_id)
    return {
        group: Figures(asked, done, in_time, None if middle is None else round(middle / 60, 1))
        for group, asked, done, in_time, middle in await session.execute(
            rows.group_by(Question.group_id)
        )
    }


async def published(
    session: AsyncSession, community_id: UUID, month: str, *, minutes: int
) -> list[tuple[Group, Figures]]:
    """What everybody may read of a month: each group that was asked anything, by name.

    Raises `NotFound` for a month that is not over.
    """
    if not is_over(month):
        raise NotFound
    found = await figures(session, community_id, month, minutes=minutes)
    groups = (
        select(Group)
        .join(Group.place)
        .where(Group.community_id == community_id, Group.id.in_(found))
        .options(contains_eager(Group.place))
        .order_by(Group.name, Group.id)
    )
    return [(group, found[group.id]) for group in await session.scalars(groups)]


async def drop(session: AsyncSession, group: Group, question: Question, *, by: Actor) -> None:
    """Let something count no more that was taken for a question and was none."""
    OVERSEE.demand(by, at=group.place.path)
    question.dropped_by_id = by.id
    await session.flush()
    event = QuestionDropped(group_id=group.id, question_id=question.id)
    await record(session, event, by=by)
