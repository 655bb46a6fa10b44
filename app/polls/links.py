"""Voting links: each is one person's in one poll, and is checked without asking the database."""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from app.core.crypto import blind_index
from app.core.settings import settings

_ID = 16
_IDS = 3 * _ID
_MAC = 16
_LENGTH = 86


@dataclass(frozen=True, slots=True)
class VotingLink:
    """The poll that a link leads to, and who votes by it."""

    community_id: UUID
    poll_id: UUID
    person_id: UUID


def _signature(ids: bytes) -> bytes:
    return blind_index(ids.hex(), "polls.link")[:_MAC]


def token_of(link: VotingLink) -> str:
    """The link's token, 86 characters: the ids, and our signature under them."""
    ids = link.community_id.bytes + link.poll_id.bytes + link.person_id.bytes
    return urlsafe_b64encode(ids + _signature(ids)).decode().rstrip("=")


def opened(token: str) -> VotingLink | None:
    """Whose vote in which poll a token is for; None when it is not one of ours.

    Whether they have a vote is not asked here; the roll says that when it is cast.
    """
    if len(token) != _LENGTH:
        return None
    try:
        data = urlsafe_b64decode(token + "==")
    except (binascii.Error, ValueError):
        return None
    ids, signature = data[:_IDS], data[_IDS:]
    if len(data) != _IDS + _MAC or not hmac.compare_digest(signature, _signature(ids)):
        return None
    return VotingLink(*(UUID(bytes=ids[i : i + _ID]) for i in range(0, _IDS, _ID)))


def voting_link(community_id: UUID, poll_id: UUID, person_id: UUID) -> str:
    """The address at which this person votes in this poll; whoever has it can."""
    return f"{settings().base_url}/v/{token_of(VotingLink(community_id, poll_id, person_id))}"
