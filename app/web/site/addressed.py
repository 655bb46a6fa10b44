"""What an address on the site says: whose site it is, and the number of what is read there."""

from typing import Annotated

from fastapi import Depends

from app.core.web import Session
from app.places.models import Community
from app.web.site.reading import community_of

_LARGEST_NUMBER = 2**31 - 1


async def community(session: Session, slug: str) -> Community:
    """The community of this name in the address."""
    return await community_of(session, slug)


There = Annotated[Community, Depends(community)]


def numbered(text: str) -> int | None:
    """A number in an address; None for what is none."""
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(_LARGEST_NUMBER))
    number = int(text) if digits else 0
    return number if 0 < number <= _LARGEST_NUMBER else None
