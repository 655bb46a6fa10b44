"""Orders as they cross the wire."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.core.wire import Code, In, Prose
from app.service_requests.photos import MOST


class OrderIn(In):
    """What to order, where it is to be done, and what whoever comes should know."""

    listing_id: UUID
    place_id: UUID
    summary: Prose
    answers: Annotated[dict[Code, Any], Field(max_length=50)] = Field(default_factory=dict)
    photos: list[UUID] = Field(default_factory=list, max_length=MOST)
