"""Surveys filled in half-way: what was answered so far, until it is handed in."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.problems import TooLarge
from app.polls.models import Poll, PollState, SavedAnswers, Secrecy
from app.polls.problems import PollNotOpen, SecretHere

MOST_BYTES = 256 * 1024
"""Of all that was answered so far, as JSON."""


def savable(poll: Poll) -> bool:
    """Whether answers to this poll may be kept before they are handed in: never secret ones."""
    return poll.secrecy is Secrecy.RECORDED


async def saved(session: AsyncSession, poll: Poll, entry_id: UUID) -> dict[str, Any] | None:
    """What was answered so far for this vote of the roll; None where nothing was kept."""
    kept = await session.get(SavedAnswers, (poll.community_id, poll.id, entry_id))
    return dict(kept.answers) if kept else None


async def save(
    session: AsyncSession, poll: Poll, entry_id: UUID, answers: Mapping[str, Any]
) -> None:
    """Keep what was answered so far; it takes the place of what was kept before.

    No fact tells of it, since it is nobody's business until it is handed in. Whoever calls has
    made sure that the vote is theirs to cast. Raises `SecretHere`, `PollNotOpen` or `TooLarge`.
    """
    if not savable(poll):
        raise SecretHere
    if poll.state is not PollState.OPEN:
        raise PollNotOpen
    if len(json.dumps(answers, ensure_ascii=False).encode()) > MOST_BYTES:
        raise TooLarge
    row = {
        "community_id": poll.community_id,
        "poll_id": poll.id,
        "entry_id": entry_id,
        "answers": dict(answers),
        "saved_at": now(),
    }
    made = insert(SavedAnswers).values(row)
    await session.execute(
        made.on_conflict_do_update(
            index_elements=["community_id", "poll_id", "entry_id"],
            set_={"answers": made.excluded.answers, "saved_at": made.excluded.saved_at},
        )
    )


async def forget(session: AsyncSession, poll: Poll, entry_id: UUID) -> None:
    """Keep it no longer: it was handed in."""
    await session.execute(
        delete(SavedAnswers).where(
            SavedAnswers.community_id == poll.community_id,
            SavedAnswers.poll_id == poll.id,
            SavedAnswers.entry_id == entry_id,
        )
    )


async def forget_all(session: AsyncSession) -> None:
    """Forget what was never handed in to polls that take no votes any more."""
    voting = select(Poll.id).where(
        Poll.community_id == SavedAnswers.community_id,
        Poll.id == SavedAnswers.poll_id,
        Poll.state == PollState.OPEN,
    )
    await session.execute(delete(SavedAnswers).where(~voting.exists()))
