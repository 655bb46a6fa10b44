"""举手 in a group: a show of hands, an opinion of the group and no formal vote."""

import re
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import aloud
from app.chat.groups.spoken import SILENCE, Reply, Spoken
from app.chat.phrases import day, shown
from app.chat.words import Takes, folded, number_in
from app.core.i18n import N_, _
from app.groups import hands
from app.groups.chains import service as senders
from app.groups.models import Show
from app.groups.problems import NotAManager, ShowIsClosed, ShowIsOpen
from app.people.access import Actor, system

_LASTS = re.compile(r"[\[【(（]?\s?(\d{1,3})\s?个?(分钟|小时|天)\s?[\]】)）]?$")
_UNITS = {"分钟": "minutes", "小时": "hours", "天": "days"}
_SEPARATED = re.compile(r"\s*[/／|｜]\s*")


class Wish(NamedTuple):
    """What somebody wants hands to be raised for."""

    question: str
    options: list[str]
    lasts: timedelta


def wish_in(said: str) -> Wish | None:
    """A question, its options and how long: `周六还是周日团建？ 周六/周日 [24小时]`.

    None of what names no question or fewer than two different options. Without a time it is a day.
    """
    words = " ".join(said.split())
    lasts = hands.USUAL
    if found := _LASTS.search(words):
        lasts = timedelta(**{_UNITS[found[2]]: int(found[1])})
        words = words[: found.start()].rstrip()
    question, _blank, last = _SEPARATED.sub("/", words).rpartition(" ")
    options = [option for option in last.split("/") if option]
    few = len({folded(option) for option in options}) < hands.FEWEST_OPTIONS
    if few or not question or len(options) > hands.MOST_OPTIONS:
        return None
    return Wish(question[: hands.LONGEST_QUESTION], options, lasts)


def option_in(said: str, options: list[str]) -> int | None:
    """Which option is meant, from 1: by its number, or by its word."""
    spelled = folded(said)
    for number, option in enumerate(options, start=1):
        if spelled == folded(option):
            return number
    named, more = number_in(said)
    return named if named and named <= len(options) and not more else None


@aloud(
    "举手",
    takes=Takes.TEXT,
    unasked=True,
    says=N_("举手表决，如“举手 周六还是周日团建？ 周六/周日 24小时”"),
    order=50,
)
async def show_of_hands(session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
    """Raise a hand, tell how they stand, or ask for them where nothing is asked."""
    show = await hands.open_in(session, spoken.group)
    if show is None:
        return await _ask(session, spoken, rest)
    option = option_in(rest, show.options) if rest else None
    if option is not None:
        return await _raise(session, spoken, show, option)
    if wish_in(rest):
        return Reply(_("还有一个举手没有结束，先回复“举手结束”，再发起新的。"))
    return Reply(await _standing(session, show))


async def _ask(session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
    wish = wish_in(rest)
    if wish is None:
        said = _("群里没有进行中的举手。要发起，说“举手 周六还是周日团建？ 周六/周日 24小时”。")
        return Reply(said) if spoken.asked else SILENCE
    sender = await senders.sender_in(session, spoken.group, spoken.member, by=_by(spoken))
    try:
        show = await hands.ask(
            session,
            spoken.group,
            wish.question,
            wish.options,
            lasts=wish.lasts,
            sender=sender,
            by=_by(spoken),
        )
    except NotAManager:
        return Reply(_("举手由群主、楼栋长、居民代表、小组长或社区工作人员发起。"))
    except ShowIsOpen:
        return Reply(_("还有一个举手没有结束，先回复“举手结束”，再发起新的。"))
    return Reply(await _standing(session, show))


async def _raise(session: AsyncSession, spoken: Spoken, show: Show, option: int) -> Reply:
    try:
        await hands.raise_hand(session, show, option, sender_id=spoken.sender_id, by=_by(spoken))
    except ShowIsClosed:
        return Reply(_("举手的时间已经到了，结果马上公布。"))
    raised = await hands.counts(session, show)
    said = _("{name} 举手：{option}。现在 {counts}。")
    pairs = zip(show.options, raised, strict=True)
    counted = "，".join(f"{shown(text, 20)} {count}" for text, count in pairs)
    return Reply(said.format(name=spoken.called, option=show.options[option - 1], counts=counted))


async def _standing(session: AsyncSession, show: Show) -> str:
    lines = [
        _("举手：{question}").format(question=show.question),
        hands.standing(show, await hands.counts(session, show)),
        _("回复“举手 1”这样的数字举手，可以改，{time} 截止。").format(time=day(show.closes_at)),
        hands.no_formal_vote(),
    ]
    return "\n".join(lines)


@aloud("举手结束", "结束举手", unasked=True)
async def end(session: AsyncSession, spoken: Spoken, _rest: str) -> Reply:
    """Count the hands, for who asked and for who runs the group."""
    show = await hands.open_in(session, spoken.group)
    if show is None:
        return Reply(_("群里没有进行中的举手。")) if spoken.asked else SILENCE
    sender = await senders.sender_in(session, spoken.group, spoken.member, by=_by(spoken))
    try:
        await hands.close(session, show, sender=sender, by=_by(spoken))
    except NotAManager:
        return Reply(_("举手由发起人或群主、楼栋长等结束。"))
    except ShowIsClosed:
        return SILENCE
    return Reply(hands.result(show, await hands.counts(session, show)))


def _by(spoken: Spoken) -> Actor:
    return spoken.person or system(spoken.community_id)
