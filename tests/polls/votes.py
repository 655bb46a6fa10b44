"""Votes for tests, ready to be cast."""

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls.casting import Vote
from app.polls.links import VotingLink, token_of
from app.polls.models import Poll
from tests.polls.builders import OpenPoll


def says(answer: Any = "A") -> str:
    """The canonical text of a ballot with one answer."""
    return json.dumps({"q1": answer}, separators=(",", ":"))


def a_vote(opened: OpenPoll, number: int = 0, answer: str = "A", **more: Any) -> Vote:
    """The vote of one of the people a poll is open to."""
    usual: dict[str, Any] = {"person_id": opened.people[number].id, "choice": says(answer)}
    return Vote(community_id=opened.poll.community_id, poll_id=opened.poll.id, **usual | more)


def token(opened: OpenPoll, number: int = 0) -> str:
    """What stands in the voting link of one of the people."""
    poll = opened.poll
    return token_of(VotingLink(poll.community_id, poll.id, opened.people[number].id))


async def rows(session: AsyncSession, table: str, poll: Poll) -> list[dict[str, Any]]:
    """What a table holds of a poll, read past the session."""
    found = await session.execute(
        text(f"SELECT * FROM {table} WHERE poll_id = :poll_id"),  # noqa: S608 - a table of ours
        {"poll_id": poll.id},
    )
    return [dict(row) for row in found.mappings()]


async def shut(session: AsyncSession, poll: Poll) -> None:
    """Close a poll without counting it."""
    await session.execute(
        text(
            "UPDATE polls SET state = 'closed', closed_at = clock_timestamp()"
            " WHERE community_id = :community_id AND id = :id"
        ),
        {"community_id": poll.community_id, "id": poll.id},
    )
