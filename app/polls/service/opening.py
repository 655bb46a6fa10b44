"""Opening a poll: its roll is made and frozen, and its chain begins."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.problems import Invalid
from app.people.access import Actor
from app.polls import chain, recount, signing
from app.polls.events import PollOpened
from app.polls.models import LinkKind, Poll, PollKind, PollState
from app.polls.permissions import RUN
from app.polls.problems import NoticeTooShort, PollStep, RollEmpty
from app.polls.service import rolls
from app.polls.service.soundness import demand_sound


async def open_now(session: AsyncSession, poll: Poll, *, by: Actor) -> Poll:
    """Let a poll take votes of everybody whom its rule names at this moment.

    An assembly opens when it was announced for, and no sooner. Raises `PollStep`, `Invalid` for a
    term that is missing or past, `NoticeTooShort` and `RollEmpty`.
    """
    RUN.demand(by, at=poll.place.path)
    at = (await session.scalars(select(func.clock_timestamp()))).one()
    _demand_time(poll, at)
    if poll.state is PollState.DRAFT:
        await demand_sound(session, poll)
        await session.flush()
    entries = await rolls.make(session, poll)
    if not entries:
        raise RollEmpty
    await freeze(session, poll, entries, at=at)
    await record(session, PollOpened(poll_id=poll.id, entries=entries), by=by)
    return poll


def _demand_time(poll: Poll, at: datetime) -> None:
    announced = poll.state is PollState.ANNOUNCED
    assembly = poll.kind is PollKind.ASSEMBLY
    if not announced and (assembly or poll.state is not PollState.DRAFT):
        raise PollStep
    if assembly and (poll.opens_at is None or at < poll.opens_at):
        raise NoticeTooShort
    if poll.closes_at is None or poll.closes_at <= at:
        message = "must be ahead of us"
        raise Invalid(errors=[{"path": "body.closes_at", "message": message}])


async def freeze(session: AsyncSession, poll: Poll, entries: int, *, at: datetime) -> None:
    """Freeze what is asked and the roll of so many votes, and publish the head of both."""
    definition = definition_of(poll, opened_at=at)
    roll, key = await rolls.digest_of(session, poll), signing.public_key()
    poll.head = recount.opening_head(definition, roll, key)
    poll.state, poll.opened_at = PollState.OPEN, at
    await session.flush()
    payload = {"definition": definition, "roll": roll.hex(), "public_key": key.hex()}
    await chain.append(session, poll, LinkKind.OPENING, entries, payload, poll.head)


def definition_of(poll: Poll, *, opened_at: datetime) -> dict[str, Any]:
    """What was asked, of whom and how, as the head of the opening covers it."""
    return {
        "poll": str(poll.id),
        "number": poll.number,
        "kind": poll.kind.value,
        "title": poll.title,
        "form": poll.form,
        "electorate": poll.electorate,
        "rules": poll.rules,
        "secrecy": poll.secrecy.value,
        "opened_at": moment(opened_at),
    }


def moment(at: datetime) -> str:
    """A time as the chain writes it: in UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
