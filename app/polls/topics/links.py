"""The links by which somebody follows a topic, seconds it and speaks on it."""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from app.core.crypto import blind_index
from app.core.settings import settings

_ID = 16
_MAC = 16


@dataclass(frozen=True, slots=True)
class TopicLink:
    """Which topic a link leads to, and whose it is."""

    community_id: UUID
    topic_id: UUID
    person_id: UUID


def _signature(ids: bytes) -> bytes:
    return blind_index(ids.hex(), "topics.link")[:_MAC]


def token_of(link: TopicLink) -> str:
    """The link's token, 86 characters: the ids, and our signature under them."""
    ids = link.community_id.bytes + link.topic_id.bytes + link.person_id.bytes
    return urlsafe_b64encode(ids + _signature(ids)).decode().rstrip("=")


def opened(token: str) -> TopicLink | None:
    """What a token leads to; None when it is not one of ours."""
    try:
        data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    ids, signature = data[: 3 * _ID], data[3 * _ID :]
    if len(data) != 3 * _ID + _MAC or not hmac.compare_digest(signature, _signature(ids)):
        return None
    return TopicLink(*(UUID(bytes=ids[i : i + _ID]) for i in range(0, 3 * _ID, _ID)))


def topic_link(community_id: UUID, topic_id: UUID, person_id: UUID) -> str:
    """The address at which this person reads a topic, and takes part under their own name."""
    return f"{settings().base_url}/t/{token_of(TopicLink(community_id, topic_id, person_id))}"
