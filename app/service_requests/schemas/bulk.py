"""The same thing done to many requests, as it crosses the wire."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.wire import Code, In, Out, Prose
from app.service_requests.models import State

MOST = 200
_LARGEST = 2**31 - 1
_Number = Annotated[int, Field(ge=1, le=_LARGEST)]


class BulkRemark(In):
    """What to add to each; an internal remark is words for staff alone."""

    text: Prose
    internal: bool = False


class BulkIn(In):
    """Which requests, by id or by number; and a step with its form, or a remark, for each."""

    ids: list[UUID] = Field(default_factory=list, max_length=MOST)
    numbers: list[_Number] = Field(default_factory=list, max_length=MOST)
    step: Code | None = None
    form: dict[str, Any] = Field(default_factory=dict)
    remark: BulkRemark | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if bool(self.ids) == bool(self.numbers):
            message = "give ids or numbers"
            raise ValueError(message)
        if (self.step is None) == (self.remark is None):
            message = "give step or remark"
            raise ValueError(message)
        if self.form and self.step is None:
            message = "a form belongs to a step"
            raise ValueError(message)
        return self


class BulkItem(Out):
    """What became of one: its `state` now, or the `problem` that it would have had alone."""

    id: UUID | None
    number: int | None
    ok: bool
    state: State | None
    problem: dict[str, Any] | None


class BulkOut(Out):
    """What became of each, in the order they were named; the refused ones are as they were."""

    done: int
    refused: int
    items: list[BulkItem]
