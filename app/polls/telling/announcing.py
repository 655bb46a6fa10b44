"""Telling everybody who may cast a vote, by pages of the roll, so that a big one costs no more."""

from collections.abc import Callable, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import N_, _, speaking
from app.core.jobs import defer, job
from app.notices import service as notices
from app.people import queries as people
from app.people.models import Person
from app.polls import queries
from app.polls.links import voting_link
from app.polls.models import (
    OVER,
    Entry,
    Poll,
    PollResult,
    PollState,
    Voter,
)
from app.polls.telling import wording

PAGE = 300
"""People who are told in one transaction."""
_NOBODY = UUID(int=0)

OPENED, REMINDER, EXTENDED = "poll.opened", "poll.reminder", "poll.extended"
CANCELLED, RESULT = "poll.cancelled", "poll.result"


class _Telling(NamedTuple):
    """What is told of a poll, as long as it is so."""

    title: str
    """A message id, with the title of the poll in it."""
    holds: Callable[[Poll], bool]


_TELLINGS = {
    OPENED: _Telling(N_("请您投票：{title}"), lambda poll: poll.state is PollState.OPEN),
    REMINDER: _Telling(N_("您还没有投票：{title}"), lambda poll: poll.state is PollState.OPEN),
    EXTENDED: _Telling(N_("投票延长了：{title}"), lambda poll: poll.state is PollState.OPEN),
    CANCELLED: _Telling(N_("投票取消了：{title}"), lambda poll: poll.state is PollState.CANCELLED),
    RESULT: _Telling(N_("投票有结果了：{title}"), lambda poll: poll.state in OVER),
}


def waiting(poll: Poll) -> ColumnElement[bool]:
    """The condition on `Entry` that selects the votes nobody has cast."""
    kept = queries.cast_in(poll)
    cast = select(kept.entry_id).where(
        kept.community_id == Entry.community_id,
        kept.poll_id == Entry.poll_id,
        kept.entry_id == Entry.id,
    )
    return ~cast.exists()


def voters(poll: Poll, *narrowed: ColumnElement[bool]) -> Select[UUID, UUID, int]:
    """Who may cast votes of a poll: as the roll has them, as they are now, and how many votes."""
    kept = func.coalesce(Person.merged_into_id, Person.id)
    return (
        select(Voter.person_id, kept, func.count())
        .join(Entry, (Entry.community_id == Voter.community_id) & (Entry.id == Voter.entry_id))
        .join(Person, (Person.community_id == Voter.community_id) & (Person.id == Voter.person_id))
        .where(
            Voter.community_id == poll.community_id,
            Voter.poll_id == poll.id,
            Voter.struck_by_id.is_(None),
            Entry.struck_by_id.is_(None),
            *narrowed,
        )
        .group_by(Voter.person_id, kept)
    )


async def begin(session: AsyncSession, poll: Poll, purpose: str, *, once: str) -> None:
    """Promise that everybody concerned is told; under the same `once` nobody is told twice."""
    await _go_on(session, poll.community_id, poll.id, purpose, once, None)


async def _go_on(  # noqa: PLR0917 - the arguments of the job
    session: AsyncSession,
    community_id: UUID,
    poll_id: UUID,
    purpose: str,
    once: str,
    after: UUID | None,
) -> None:
    await defer(
        session,
        tell_some,
        community_id=str(community_id),
        poll_id=str(poll_id),
        purpose=purpose,
        once=once,
        after=after and str(after),
    )


@job("polls.tell_some")
async def tell_some(
    session: AsyncSession,
    *,
    community_id: str,
    poll_id: str,
    purpose: str,
    once: str,
    after: str | None,
) -> None:
    """Tell the next of them, and promise to tell those after; what holds no more is not told."""
    poll = await queries.whole(session, UUID(community_id), UUID(poll_id))
    if poll is None or not _TELLINGS[purpose].holds(poll):
        return
    narrowed = [waiting(poll)] if purpose == REMINDER else []
    page = voters(poll, *narrowed, Voter.person_id > (UUID(after) if after else _NOBODY))
    found = (await session.execute(page.order_by(Voter.person_id).limit(PAGE))).all()
    lines = await _known(session, poll, purpose)
    for on_roll, person_id, votes in found:
        await _tell(session, poll, purpose, (on_roll, person_id, votes), lines, once=once)
    if len(found) == PAGE:
        last = found[-1][0]
        await _go_on(session, poll.community_id, poll.id, purpose, once, last)


async def _known(session: AsyncSession, poll: Poll, purpose: str) -> Mapping[str, object]:
    """What all of them are told, read once for a page."""
    if purpose != RESULT:
        return {}
    found = await session.get(PollResult, (poll.community_id, poll.id))
    page = await wording.page_of(session, poll) if poll.public else None
    return {"result": found and found.result, "page": page}


async def _tell(
    session: AsyncSession,
    poll: Poll,
    purpose: str,
    voter: tuple[UUID, UUID, int],
    known: Mapping[str, object],
    *,
    once: str,
) -> None:
    on_roll, person_id, votes = voter
    with speaking(await people.language_of(session, poll.community_id, person_id)):
        await notices.tell(
            session,
            community_id=poll.community_id,
            person_id=person_id,
            purpose=purpose,
            title=_(_TELLINGS[purpose].title).format(title=wording.line(poll.title)),
            lines=_lines(poll, purpose, votes, known),
            link=str(known.get("page") or voting_link(poll.community_id, poll.id, on_roll)),
            about=poll.id,
            once=f"{once}:{person_id}",
        )


def _lines(
    poll: Poll, purpose: str, votes: int, known: Mapping[str, object]
) -> list[tuple[str, str]]:
    """The lines of every message about a poll, so that one template serves them all."""
    lines = [(_("投票"), _("{number}号").format(number=poll.number))]
    if poll.closes_at:
        lines.append((_("截止"), wording.moment(poll.closes_at)))
    lines.append((_("说明"), _note(poll, purpose, votes, known)))
    return lines


def _note(poll: Poll, purpose: str, votes: int, known: Mapping[str, object]) -> str:
    if purpose == RESULT:
        result = known["result"]
        return "\n".join(wording.result_in_short(poll, result)) if isinstance(result, dict) else ""
    if purpose == CANCELLED:
        return wording.line(poll.reason or _("详情请问社区工作人员"), 100)
    said = _("点开就能投（链接只给您本人，请不要转发）；也可以回复“投票{number}”")
    parts = [said.format(number=poll.number), wording.secrecy(poll)]
    if votes > 1:
        parts.append(_("您有 {n} 票可以投").format(n=votes))
    return "；".join(parts)
