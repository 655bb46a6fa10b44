"""The links by which a notice is read, and by which we know who has read it."""

from dataclasses import dataclass
from uuid import UUID

from app.core import links
from app.core.settings import settings

_PURPOSE = "notices.link"
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Link:
    """What a link leads to, and whose it is; nobody's when many were given the same."""

    community_id: UUID
    notice_id: UUID
    person_id: UUID | None


def token_of(link: Link) -> str:
    """The link's token, 86 characters: the ids, and our signature under them."""
    return links.sealed(_PURPOSE, link.community_id, link.notice_id, link.person_id or _NOBODY)


def opened(token: str) -> Link | None:
    """What a token leads to; None when it is not one of ours."""
    ids = links.opened(_PURPOSE, token, count=3)
    if ids is None:
        return None
    community_id, notice_id, person_id = ids
    return Link(community_id, notice_id, None if person_id == _NOBODY else person_id)


def link_to(community_id: UUID, notice_id: UUID, person_id: UUID | None) -> str:
    """The address at which this person reads a notice, which tells us that they did.

    Without a person it is for many, and tells nothing.
    """
    return f"{settings().base_url}/n/{token_of(Link(community_id, notice_id, person_id))}"
