"""Near requests, requests one follows, and merging, as they cross the wire."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from app.core.wire import Code, In, Out, Prose
from app.service_requests.models import State
from app.service_requests.schemas.requests import RequestCategory, RequestOut

_LARGEST = 2**31 - 1

Number = Annotated[int, Field(ge=1, le=_LARGEST)]
"""The number people know a request by."""


class SimilarTo(In):
    """What is about to be reported. Without a category, the words of the summary choose one."""

    category: Code | None = None
    place_id: UUID
    summary: Annotated[Prose, StringConstraints(max_length=500)]


class KnownOut(Out):
    """A request as far as a neighbour may know of it; `reports` counts the people."""

    number: int
    category: RequestCategory
    building: str
    state: State
    filed_on: date
    reports: int
    mine: bool
    followed: bool
    may_follow: bool


class SimilarOut(Out):
    """What may be known already, the most probable first."""

    items: list[KnownOut]


class LikeOut(Out):
    """A request that may be about the same matter; `score` goes from 0 to 1."""

    score: float
    request: RequestOut


class LikesOut(Out):
    """What may be about the same matter, the most probable first."""

    items: list[LikeOut]


class FollowIn(In):
    """Which request one has the same matter as."""

    number: Number


class UpdateOut(Out):
    """What staff said about a request, and when."""

    at: datetime
    text: str


class FollowedOut(Out):
    """A request as those who follow it see it."""

    number: int
    state: State
    category: RequestCategory
    building: str
    filed_on: date
    due_at: datetime
    suspended_reason: str | None
    outcome: str | None
    reason: str | None
    right_channel: str | None
    reports: int
    merged_from: int | None
    followed_at: datetime
    updates: list[UpdateOut]


class MergeIn(In):
    """Which request goes on, by number or by id."""

    into_number: Number | None = None
    into_id: UUID | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.into_number is None) == (self.into_id is None):
            message = "give into_number or into_id"
            raise ValueError(message)
        return self
