"""Telling the groups of a poll's place, which keep what they were told: the outside copies."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.i18n import _, speaking
from app.core.jobs import defer, defer_all, errand, job
from app.core.limits import take
from app.core.log import log
from app.core.problems import TooManyRequests
from app.core.sending import Failed, Refused
from app.groups import speaking as groups
from app.groups.models import Group, GroupState
from app.groups.platforms import Words, platforms
from app.places.models import Place
from app.polls import queries
from app.polls.chain import links_of
from app.polls.models import Link, LinkKind, Poll, PollResult, PollState
from app.polls.telling import wording

HEADS_EVERY = 3600.0
"""Seconds between two heads of one poll that are said in groups; feed and page show all."""
_PACE = "head of {}"
_WITH_OTHER_WORDS = frozenset({LinkKind.OPENING, LinkKind.CLOSE})
"""Links whose head is said with the opening and with the result."""


async def tell(session: AsyncSession, poll: Poll, text: str, *, once: str) -> None:
    """Promise to say this in every open group within the poll's place; none hears of a closed one.

    `once` names the saying: where the platform knows a second copy by it, it is shown once.
    """
    if not poll.public:
        return
    here = (
        select(Group.id)
        .join(Group.place)
        .where(
            Group.community_id == poll.community_id,
            Group.state == GroupState.OPEN,
            func.starts_with(Place.path, poll.place.path),
        )
        .order_by(Group.id)
    )
    promises = [
        {
            "community_id": str(poll.community_id),
            "group_id": str(group_id),
            "text": text,
            "dedupe": f"{once}:{group_id}",
        }
        for group_id in await session.scalars(here)
    ]
    await defer_all(session, [(say, each) for each in promises])


@errand("polls.say")
async def say(
    sessions: Sessions, *, community_id: str, group_id: str, text: str, dedupe: str
) -> None:
    """Say it in one group.

    Where a second attempt could say it twice, none is made once the platform may have it.
    """
    try:
        await groups.say(sessions, UUID(group_id), Words(text=text, dedupe=dedupe))
    except Refused as refused:
        log.warning("poll_not_said", group_id=group_id, code=refused.code)
    except Failed as failed:
        async with sessions() as session:
            group = await session.get_one(Group, (UUID(community_id), UUID(group_id)))
        platform = platforms.get(group.platform)
        if not failed.sent or (platform and platform.dedupes):
            raise
        log.warning("poll_perhaps_said", group_id=group_id, code=failed.code)


async def _last(session: AsyncSession, poll: Poll) -> Link | None:
    newest = links_of(poll.community_id, poll.id).order_by(None).order_by(Link.number.desc())
    return await session.scalar(newest.limit(1))


async def _with_head(session: AsyncSession, poll: Poll, lines: list[str]) -> str:
    """The lines, the newest head to keep, and where to read it all."""
    link = await _last(session, poll)
    if link:
        lines.append(_("校验码：{head}").format(head=link.head.hex()))
    return "\n".join([*lines, await wording.page_of(session, poll)])


async def tell_announced(session: AsyncSession, poll: Poll) -> None:
    """Say that a poll will be held."""
    with speaking("zh"):
        lines = [_("预告：{name}").format(name=wording.named(poll))]
        if poll.opens_at:
            lines.append(_("开始：{time}").format(time=wording.moment(poll.opens_at)))
        text = "\n".join([*lines, await wording.page_of(session, poll)])
    await tell(session, poll, text, once=f"polls.announced:{poll.id}")


async def tell_opened(session: AsyncSession, poll: Poll) -> None:
    """Say that a poll takes votes, and the head of its chain."""
    with speaking("zh"):
        lines = [_("开始投票：{name}").format(name=wording.named(poll))]
        if poll.closes_at:
            lines.append(_("截止：{time}").format(time=wording.moment(poll.closes_at)))
        lines.append(_("方式：{secrecy}").format(secrecy=wording.secrecy(poll)))
        lines.append(_("在名册上的，请到服务号里发送“投票{number}”。").format(number=poll.number))
        text = await _with_head(session, poll, lines)
    await tell(session, poll, text, once=f"polls.opened:{poll.id}")


async def tell_extended(session: AsyncSession, poll: Poll) -> None:
    """Say until when it takes votes now."""
    if poll.closes_at is None:
        return
    with speaking("zh"):
        said = _("{name} 延长到 {time} 截止。")
        text = said.format(name=wording.named(poll), time=wording.moment(poll.closes_at))
        text = f"{text}\n{await wording.page_of(session, poll)}"
    once = f"polls.extended:{poll.id}:{poll.closes_at.timestamp():.0f}"
    await tell(session, poll, text, once=once)


async def tell_cancelled(session: AsyncSession, poll: Poll) -> None:
    """Say that it is not held, and why."""
    with speaking("zh"):
        lines = [_("{name} 取消了。").format(name=wording.named(poll))]
        if poll.reason:
            lines.append(_("原因：{reason}").format(reason=wording.line(poll.reason, 200)))
        text = "\n".join(lines)
    await tell(session, poll, text, once=f"polls.cancelled:{poll.id}")


async def tell_closed(session: AsyncSession, poll: Poll, *, ballots: int) -> None:
    """Say that it takes no more votes, where the result is published later."""
    with speaking("zh"):
        lines = [
            _("{name} 已截止，共 {n} 票。").format(name=wording.named(poll), n=ballots),
        ]
        if poll.publish_by:
            until = wording.moment(poll.publish_by)
            lines.append(_("结果最迟 {time} 公布。").format(time=until))
        text = await _with_head(session, poll, lines)
    await tell(session, poll, text, once=f"polls.closed:{poll.id}")


async def tell_result(session: AsyncSession, poll: Poll) -> None:
    """Say what came of it."""
    found = await session.get(PollResult, (poll.community_id, poll.id))
    with speaking("zh"):
        lines = [_("投票结果：{name}").format(name=wording.named(poll))]
        lines += wording.result_in_short(poll, found.result) if found else []
        text = await _with_head(session, poll, lines)
    await tell(session, poll, text, once=f"polls.result:{poll.id}")


async def tell_head(session: AsyncSession, community_id: UUID, poll_id: UUID, number: int) -> None:
    """Say the newest head, once an hour at most; one that is not the newest any more is not said.

    Too early, it is promised for the time when it may be said.
    """
    newest = await _newest(session, community_id, poll_id, number)
    if newest is None:
        return
    try:
        await take(session, _PACE.format(poll_id), burst=1, per_seconds=HEADS_EVERY)
    except TooManyRequests as refusal:
        at = now() + timedelta(seconds=float(refusal.headers["Retry-After"]))
        ids = {"community_id": str(community_id), "poll_id": str(poll_id)}
        await defer(session, tell_head_later, at=at, **ids, number=number)
        return
    await _say_head(session, *newest)


@job("polls.tell_head")
async def tell_head_later(
    session: AsyncSession, *, community_id: str, poll_id: str, number: int
) -> None:
    """Say a head that came too early to be said, unless a newer one has come since."""
    newest = await _newest(session, UUID(community_id), UUID(poll_id), number)
    if newest is None:
        return
    with suppress(TooManyRequests):
        await take(session, _PACE.format(poll_id), burst=1, per_seconds=HEADS_EVERY)
    await _say_head(session, *newest)


async def _newest(
    session: AsyncSession, community_id: UUID, poll_id: UUID, number: int
) -> tuple[Poll, Link] | None:
    """The poll and its link of this number, while that is the last and to be said by itself."""
    poll = await queries.whole(session, community_id, poll_id)
    if poll is None or not poll.public or poll.state is not PollState.OPEN:
        return None
    link = await _last(session, poll)
    if link is None or link.number != number or link.kind in _WITH_OTHER_WORDS:
        return None
    return poll, link


async def _say_head(session: AsyncSession, poll: Poll, link: Link) -> None:
    with speaking("zh"):
        said = _("投票{poll} 第{number}批 校验码 {head}")
        text = said.format(poll=poll.number, number=link.number, head=link.head.hex())
    await tell(session, poll, text, once=f"polls.head:{poll.id}:{link.number}")
