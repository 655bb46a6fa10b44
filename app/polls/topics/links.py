"""The links by which somebody follows a topic, seconds it and speaks on it."""

from dataclasses import dataclass
from uuid import UUID

from app.core import links
from app.core.settings import settings

_PURPOSE = "topics.link"


@dataclass(frozen=True, slots=True)
class TopicLink:
    """Which topic a link leads to, and whose it is."""

    community_id: UUID
    topic_id: UUID
    person_id: UUID


def opened(token: str) -> TopicLink | None:
    """What a token leads to; None when it is not one of ours."""
    ids = links.opened(_PURPOSE, token, count=3)
    return TopicLink(*ids) if ids else None


def topic_link(community_id: UUID, topic_id: UUID, person_id: UUID) -> str:
    """The address at which this person reads a topic, and takes part under their own name."""
    return f"{settings().base_url}/t/{links.sealed(_PURPOSE, community_id, topic_id, person_id)}"
