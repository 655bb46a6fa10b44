"""From the announcement of a poll to its published result; the database's clock decides."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.problems import Invalid
from app.people.access import Actor
from app.polls.events import (
    PollAnnounced,
    PollCancelled,
    PollExtended,
    PollPublished,
    PollTightened,
)
from app.polls.models import Poll, PollKind, PollState, ResultsShown
from app.polls.permissions import RUN
from app.polls.problems import NoticeTooShort, PollLocked, PollStep
from app.polls.service import policies
from app.polls.service.closing import close
from app.polls.service.opening import open_now
from app.polls.service.soundness import demand_sound

__all__ = ["announce", "cancel", "close", "extend", "open_now", "publish", "tighten"]

_TIGHT = (ResultsShown.ALWAYS, ResultsShown.AFTER_VOTING, ResultsShown.AT_CLOSE)
_RUNNING = frozenset({PollState.ANNOUNCED, PollState.OPEN})
_UNFINISHED = _RUNNING | {PollState.DRAFT, PollState.GATHERING, PollState.PROPOSED}
_STANDS_OUT = frozenset({PollKind.MEETING, PollKind.ASSEMBLY})


def _at(field: str, message: str) -> list[dict[str, str]]:
    return [{"path": f"body.{field}", "message": message}]


async def announce(session: AsyncSession, poll: Poll, *, by: Actor) -> Poll:
    """Publish what will be asked and when, and lock it; the poll opens by itself at its time.

    A meeting and an assembly stand on the site from here on, whatever was said of them. Raises
    `PollStep`, `Invalid` for times that are missing or past, and `NoticeTooShort` for an assembly
    that opens sooner than the policy's days from now (北京市物业管理条例 §35).
    """
    RUN.demand(by, at=poll.place.path)
    if poll.state is not PollState.DRAFT:
        raise PollStep
    at = now()
    if poll.opens_at is None or poll.opens_at <= at:
        raise Invalid(errors=_at("opens_at", "must be ahead of us"))
    if poll.closes_at is None:
        raise Invalid(errors=_at("closes_at", "must be said"))
    policy = await policies.of(session, poll.community_id)
    if poll.kind is PollKind.ASSEMBLY and poll.opens_at - at < timedelta(days=policy.notice_days):
        raise NoticeTooShort
    await demand_sound(session, poll)
    poll.state, poll.announced_at = PollState.ANNOUNCED, at
    poll.public = poll.public or poll.kind in _STANDS_OUT
    await session.flush()
    await record(session, PollAnnounced(poll_id=poll.id), by=by)
    return poll


async def extend(session: AsyncSession, poll: Poll, *, closes_at: datetime, by: Actor) -> Poll:
    """Take votes for longer; never for less, and not once the time is over (`PollStep`)."""
    RUN.demand(by, at=poll.place.path)
    at = (await session.scalars(select(func.clock_timestamp()))).one()
    if poll.state is not PollState.OPEN or poll.closes_at is None or poll.closes_at <= at:
        raise PollStep
    if closes_at <= poll.closes_at:
        raise Invalid(errors=_at("closes_at", "must be later than it is now"))
    poll.closes_at = closes_at
    await session.flush()
    await record(session, PollExtended(poll_id=poll.id), by=by)
    return poll


async def tighten(
    session: AsyncSession,
    poll: Poll,
    *,
    names_shown: bool | None = None,
    results_shown: ResultsShown | None = None,
    by: Actor,
) -> Poll:
    """Show names or counts less, or later, than was said; `PollLocked` for more, or sooner."""
    RUN.demand(by, at=poll.place.path)
    if poll.state not in _RUNNING:
        raise PollStep
    names = poll.names_shown if names_shown is None else names_shown
    counts = results_shown or poll.results_shown
    if names > poll.names_shown or _TIGHT.index(counts) < _TIGHT.index(poll.results_shown):
        raise PollLocked
    if (names, counts) == (poll.names_shown, poll.results_shown):
        return poll
    poll.names_shown, poll.results_shown = names, counts
    await session.flush()
    await record(session, PollTightened(poll_id=poll.id), by=by)
    return poll


async def publish(session: AsyncSession, poll: Poll, *, by: Actor) -> Poll:
    """Publish the result of a meeting or an assembly that has been counted; else `PollStep`."""
    RUN.demand(by, at=poll.place.path)
    if poll.state is not PollState.CLOSED:
        raise PollStep
    poll.state, poll.published_at = PollState.PUBLISHED, now()
    await session.flush()
    await record(session, PollPublished(poll_id=poll.id), by=by)
    return poll


async def cancel(session: AsyncSession, poll: Poll, *, reason: str, by: Actor) -> Poll:
    """Do not hold a poll, or not to its end, and say why; a resident may take back a proposal.

    Raises `PollStep` once it is counted.
    """
    if not (poll.state is PollState.GATHERING and by.id == poll.proposed_by_id):
        RUN.demand(by, at=poll.place.path)
    if poll.state not in _UNFINISHED:
        raise PollStep
    poll.state, poll.reason = PollState.CANCELLED, reason
    await session.flush()
    await record(session, PollCancelled(poll_id=poll.id), by=by)
    return poll
