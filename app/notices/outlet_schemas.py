"""Outlets as they cross the wire; their secrets go in and never out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, SecretStr

from app.core.wire import Code, In, Line, Out
from app.places.schemas import Change

Keys = Annotated[
    dict[Code, Annotated[SecretStr, Field(min_length=1, max_length=1000)]], Field(max_length=10)
]
"""The secrets that the channel needs: `{"access_token": "…"}` for Weibo."""


class OutletIn(In):
    """A place to publish at, by the name of its channel."""

    channel: Code
    name: Line
    keys: Keys = Field(default_factory=dict)


class OutletChange(Change):
    """Another name, other secrets, or whether anything is published there."""

    name: Line | None = None
    keys: Keys | None = None
    active: bool | None = None


class OutletOut(Out):
    """A place where the community publishes for everybody."""

    id: UUID
    channel: str
    name: str
    active: bool
    created_at: datetime
