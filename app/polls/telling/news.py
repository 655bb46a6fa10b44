"""What is told to everybody of public polls: openings, extensions, heads of chains, results."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.core.i18n import N_, _
from app.polls.events import PollCancelled, PollExtended
from app.polls.models import Link, Poll, PollResult, PollState
from app.polls.telling import wording

_TITLES = {
    "announced": N_("预告：{name}"),
    "opened": N_("开始投票：{name}"),
    "extended": N_("延长：{name}"),
    "cancelled": N_("取消：{name}"),
    "result": N_("投票结果：{name}"),
    "head": N_("校验码：{name} 第{batch}批"),
}


class News(NamedTuple):
    """One thing that happened to a public poll."""

    number: int
    """Of the poll."""
    kind: str
    """`announced`, `opened`, `extended`, `cancelled`, `result`, `head`."""
    key: str
    """What tells it from the others of the poll."""
    at: datetime
    title: str
    text: str


def _public(community_id: UUID) -> Select[Poll]:
    return select(Poll).where(
        Poll.community_id == community_id, Poll.public, Poll.state != PollState.REFUSED
    )


async def latest(session: AsyncSession, community_id: UUID, *, most: int) -> list[News]:
    """The newest of them, the latest first; in the reader's language."""
    found = [
        *await _steps(session, community_id, most),
        *await _acts(session, community_id, most),
        *await _heads(session, community_id, most),
    ]
    found.sort(key=lambda news: (news.at, news.number, news.key), reverse=True)
    return found[:most]


async def _steps(session: AsyncSession, community_id: UUID, most: int) -> list[News]:
    """What has a time of its own in the poll."""
    found = []
    for column, kind in (
        (Poll.announced_at, "announced"),
        (Poll.opened_at, "opened"),
        (Poll.published_at, "result"),
    ):
        newest = _public(community_id).where(column.is_not(None)).order_by(column.desc())
        polls = (await session.scalars(newest.limit(most))).all()
        results = await _results(session, community_id, polls) if kind == "result" else {}
        for poll in polls:
            at: datetime = getattr(poll, column.key)
            found.append(_news(poll, kind, kind, at, _said(poll, kind, results)))
    return found


async def _results(
    session: AsyncSession, community_id: UUID, polls: Sequence[Poll]
) -> dict[UUID, dict[str, Any]]:
    counted = select(PollResult.poll_id, PollResult.result).where(
        PollResult.community_id == community_id,
        PollResult.poll_id.in_([poll.id for poll in polls]),
    )
    return {row[0]: row[1] for row in await session.execute(counted)}


async def _acts(session: AsyncSession, community_id: UUID, most: int) -> list[News]:
    """What only the record has the time of."""
    kinds = {PollExtended.kind: "extended", PollCancelled.kind: "cancelled"}
    acts = (
        _public(community_id)
        .add_columns(Fact.id, Fact.kind, Fact.at)
        .join(Fact, (Fact.community_id == Poll.community_id) & (Fact.subject_id == Poll.id))
        .where(Fact.kind.in_(kinds), Poll.announced_at.is_not(None) | Poll.opened_at.is_not(None))
        .order_by(Fact.id.desc())
        .limit(most)
    )
    return [
        _news(poll, kinds[kind], f"{kinds[kind]}-{id_}", at, _said(poll, kinds[kind], {}))
        for poll, id_, kind, at in await session.execute(acts)
    ]


async def _heads(session: AsyncSession, community_id: UUID, most: int) -> list[News]:
    heads = (
        _public(community_id)
        .add_columns(Link.number, Link.head, Link.at)
        .join(Link, (Link.community_id == Poll.community_id) & (Link.poll_id == Poll.id))
        .order_by(Link.at.desc(), Link.number.desc())
        .limit(most)
    )
    return [
        _news(poll, "head", f"link-{number:06}", at, head.hex(), batch=number)
        for poll, number, head, at in await session.execute(heads)
    ]


def _news(poll: Poll, kind: str, key: str, at: datetime, text: str, *, batch: int = 0) -> News:
    title = _(_TITLES[kind]).format(name=wording.named(poll), batch=batch)
    return News(poll.number, kind, key, at, title, text)


def _said(poll: Poll, kind: str, results: Mapping[UUID, Mapping[str, Any]]) -> str:
    if kind == "result":
        result = results.get(poll.id)
        return "\n".join(wording.result_in_short(poll, result)) if result else ""
    if kind == "cancelled":
        return poll.reason or ""
    return "\n".join(_terms(poll))


def _terms(poll: Poll) -> Iterator[str]:
    if poll.opens_at and not poll.opened_at:
        yield _("开始：{time}").format(time=wording.moment(poll.opens_at))
    if poll.closes_at:
        yield _("截止：{time}").format(time=wording.moment(poll.closes_at))
    yield _("方式：{secrecy}").format(secrecy=wording.secrecy(poll))
