"""Voting links: each is one person's in one poll, and is checked without asking the database."""

from dataclasses import dataclass
from uuid import UUID

from app.core import links
from app.core.settings import settings

_PURPOSE = "polls.link"


@dataclass(frozen=True, slots=True)
class VotingLink:
    """The poll that a link leads to, and who votes by it."""

    community_id: UUID
    poll_id: UUID
    person_id: UUID


def token_of(link: VotingLink) -> str:
    """The link's token, 86 characters: the ids, and our signature under them."""
    return links.sealed(_PURPOSE, link.community_id, link.poll_id, link.person_id)


def opened(token: str) -> VotingLink | None:
    """Whose vote in which poll a token is for; None when it is not one of ours.

    Whether they have a vote is not asked here; the roll says that when it is cast.
    """
    ids = links.opened(_PURPOSE, token, count=3)
    return VotingLink(*ids) if ids else None


def voting_link(community_id: UUID, poll_id: UUID, person_id: UUID) -> str:
    """The address at which this person votes in this poll; whoever has it can."""
    return f"{settings().base_url}/v/{token_of(VotingLink(community_id, poll_id, person_id))}"
