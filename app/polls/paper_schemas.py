"""Papers and boxes as they cross the wire; what they say never goes out again."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.wire import Code, In, Line, Out
from app.polls.models import Channel, PaperState

Choice = Annotated[dict[str, Any], Field(max_length=200, examples=[{"q1": "yes"}])]
MOST_IN_A_BOX = 2000


class PaperIn(In):
    """A paper as the first of two reads it; its vote by `code` or by the home."""

    code: Code | None = None
    home_id: UUID | None = None
    choice: Choice
    channel: Literal[Channel.PAPER, Channel.DOOR] = Channel.PAPER
    witness: Line | None = None
    """Who was there when it was given at the door; needed there."""
    file_id: UUID | None = None
    """A photo of it, uploaded before."""

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if (self.code is None) == (self.home_id is None):
            message = "name the vote by its code or by the home"
            raise ValueError(message)
        return self


class ReadingIn(In):
    """A paper as the second of two reads it."""

    choice: Choice


class PaperOut(Out):
    """How far a paper has come; what it says is for who reads it to see on the paper."""

    id: UUID
    entry_id: UUID
    channel: Channel
    state: PaperState
    witness: str | None
    file_id: UUID | None
    entered_by_id: UUID
    read_by_id: UUID | None
    created_at: datetime
    read_at: datetime | None


class CountedIn(In):
    """How many papers of a box say the same."""

    choice: Choice
    count: Annotated[int, Field(ge=1, le=MOST_IN_A_BOX)]


class BoxIn(In):
    """A box of secret votes: who took part, by their codes, and what the papers say.

    There are as many papers as votes that took part, and at least ten. A paper without an answer
    counts where no answer is required.
    """

    entries: Annotated[list[Code], Field(min_length=1, max_length=MOST_IN_A_BOX)]
    choices: Annotated[list[CountedIn], Field(min_length=1, max_length=MOST_IN_A_BOX)]


class BoxOut(Out):
    """How far a box has come."""

    id: UUID
    size: int
    state: PaperState
    entered_by_id: UUID
    read_by_id: UUID | None
    created_at: datetime
