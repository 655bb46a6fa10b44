"""What is said of a poll in a few words: its name, its term, its result, where it stands."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA
from app.core.i18n import N_, _
from app.core.settings import settings
from app.places.models import Community
from app.polls.forms import ABSTAIN, NO, YES, Form, Method, Question
from app.polls.models import Poll, PollKind, Secrecy

MOST_QUESTIONS = 3
MOST_OPTIONS = 6
_OF_SEVERAL = 3
"""Options of each question, where there are several."""
_LONGEST = 60
_STANCES = {YES: N_("同意"), NO: N_("反对"), ABSTAIN: N_("弃权")}


def moment(at: datetime) -> str:
    """A moment as people here write one: `11月23日 14:05`."""
    local = at.astimezone(CHINA)
    return _("{month}月{day}日 {time}").format(
        month=local.month, day=local.day, time=local.strftime("%H:%M")
    )


def line(text: str, at_most: int = _LONGEST) -> str:
    """What somebody wrote, on one line and no longer than this."""
    words = " ".join(text.replace("<", "＜").replace(">", "＞").split())
    return words if len(words) <= at_most else f"{words[: at_most - 1]}…"


def named(poll: Poll) -> str:
    """What it is called: `投票3《装不装充电桩》`."""
    return _("投票{number}《{title}》").format(number=poll.number, title=line(poll.title))


def secrecy(poll: Poll) -> str:
    """Whether it is known who voted what, as people say it."""
    if poll.secrecy is Secrecy.SECRET:
        return _("无记名，投出后不能更改")
    return _("记名，截止前可以更改")


async def page_of(session: AsyncSession, poll: Poll) -> str:
    """Where everybody reads it; for public polls alone."""
    community = await session.get_one(Community, poll.community_id)
    return f"{settings().base_url}/c/{community.slug}/polls/{poll.number}"


def result_in_short(poll: Poll, result: Mapping[str, Any]) -> list[str]:
    """What came of it, a line for each of the first questions, and how many took part."""
    ballots, entries = result["ballots"], result["electorate"]["entries"]
    lines = [_("{ballots} 票（名册上共 {entries} 票）").format(ballots=ballots, entries=entries)]
    if poll.kind is PollKind.SURVEY:
        return lines
    form = Form.model_validate(poll.form)
    alone = len(form.questions) == 1
    for question in form.questions[:MOST_QUESTIONS]:
        found = result["questions"][question.key]
        said = question_in_short(question, found, most=MOST_OPTIONS if alone else _OF_SEVERAL)
        lines.append(said if alone else f"{line(question.text, 30)}：{said}")
    if left := len(form.questions) - MOST_QUESTIONS:
        lines += [_("还有 {n} 题，请看网页。").format(n=left)] if left > 0 else []
    return lines


def question_in_short(
    question: Question, found: Mapping[str, Any], *, most: int = MOST_OPTIONS
) -> str:
    """What was answered to one question, and what was decided by it."""
    parts = [part for part in (_counted(question, found, most), _decided(question, found)) if part]
    return "；".join(parts)


def _counted(question: Question, found: Mapping[str, Any], most: int) -> str:
    texts = {option.key: line(option.text, 20) for option in question.options}
    match question.method:
        case Method.YES_NO:
            pairs = found["counts"].items()
            return "，".join(f"{_(_STANCES[key])} {count}" for key, count in pairs)
        case Method.SINGLE | Method.MULTIPLE | Method.APPROVAL:
            return _listed(texts, found["counts"], most)
        case Method.SCORE | Method.DOTS:
            return _listed(texts, found["sums"], most)
        case Method.DATES:
            return _listed(texts, {key: each["yes"] for key, each in found["counts"].items()}, most)
        case Method.RANKED:
            return _ranked(texts, found)
        case _:
            return _("{n} 人作答").format(n=found["answered"])


def _listed(texts: Mapping[str, str], counts: Mapping[str, int], most: int) -> str:
    order = sorted(counts, key=lambda key: -counts[key])
    parts = [f"{texts.get(key, key)} {counts[key]}" for key in order[:most]]
    return "，".join(parts) + ("…" if len(order) > most else "")


def _ranked(texts: Mapping[str, str], found: Mapping[str, Any]) -> str:
    if winner := found["winner"]:
        return _("胜出：{option}").format(option=texts.get(winner, winner))
    if found["tied"]:
        tied = "、".join(texts.get(key, key) for key in found["tied"][:MOST_OPTIONS])
        return _("平票：{options}").format(options=tied)
    return _("没有胜出的选项")


def _decided(question: Question, found: Mapping[str, Any]) -> str:
    decision = found.get("decision")
    if decision is None:
        return ""
    if not decision["quorum"]:
        return _("参加的人数或面积不够，没有形成决定")
    if "passed" in decision:
        return _("表决通过") if decision["passed"] else _("表决未通过")
    carried = decision["carried"]
    if carried is None:
        return _("都没有超过到会的半数")
    return _("超过到会半数：{option}").format(option=dict(_options(question)).get(carried, carried))


def _options(question: Question) -> Iterator[tuple[str, str]]:
    if question.method is Method.YES_NO:
        yield from ((key, _(word)) for key, word in _STANCES.items())
    yield from ((option.key, line(option.text, 20)) for option in question.options)
