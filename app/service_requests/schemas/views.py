"""Saved views as they cross the wire."""

from typing import Self
from uuid import UUID

from pydantic import model_validator

from app.core.wire import In, Line, Out
from app.service_requests.schemas.lists import Filters


class ViewIn(In):
    """A list as somebody likes to look at it; a shared one is for all staff."""

    name: Line
    filters: Filters
    shared: bool = False


class ViewChange(In):
    """What is to be different about a view."""

    name: Line | None = None
    filters: Filters | None = None
    shared: bool | None = None

    @model_validator(mode="after")
    def _nothing_is_taken_away(self) -> Self:
        if any(getattr(self, name) is None for name in self.model_fields_set):
            message = "a view has a name and filters"
            raise ValueError(message)
        return self


class ViewOut(Out):
    """A view; its filters are those of the list of requests."""

    id: UUID
    name: str
    shared: bool
    filters: dict[str, object]
