"""Watches and alerts as they cross the wire."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from app.core.wire import Code, In, Line, Out, Prose
from app.opinion.models import AlertState, Gravity, WatchKind
from app.places.schemas import Change

Least = Annotated[int, Field(ge=2, le=10_000)]
Times = Annotated[int, Field(ge=1, le=100)]


class WatchIn(In):
    """A word, or a pattern with `…` between its parts, and when it makes an alert.

    A serious word makes one whenever it is said; any other when `least` messages of an hour say
    it, and `times` as many as usual.
    """

    place_id: UUID
    kind: WatchKind = WatchKind.WORD
    gravity: Gravity = Gravity.SPIKE
    written: Line
    topic: Line | None = None
    least: Least = 5
    times: Times = 3


class WatchChange(Change):
    """What to change; a topic may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"topic"})

    gravity: Gravity | None = None
    written: Line | None = None
    topic: Line | None = None
    least: Least | None = None
    times: Times | None = None


class WatchOut(Out):
    """What is listened for."""

    id: UUID
    place_id: UUID
    kind: WatchKind
    gravity: Gravity
    written: str
    topic: str | None
    least: int
    times: int
    version: int
    created_at: datetime


class AlertOut(Out):
    """Something to look at: how many messages hit, and how many do in an hour as a rule."""

    id: UUID
    watch_id: UUID
    group_id: UUID
    place_id: UUID
    messages: int
    usual: float | None
    first_at: datetime
    last_at: datetime
    state: AlertState
    note: str | None
    request_id: UUID | None
    notice_id: UUID | None
    handled_by_id: UUID | None
    handled_at: datetime | None
    version: int
    created_at: datetime


class SaidOut(Out):
    """A message around an alert; `hit` when it is what was listened for."""

    id: UUID
    sender_name: str
    text: str
    sent_at: datetime
    hit: bool


class AlertWhole(AlertOut):
    """An alert with what it was raised for, and what was said around it."""

    watch: WatchOut
    said: list[SaidOut]


class RequestFromAlert(In):
    """The request to be made of an alert."""

    category: Code
    summary: Prose


class LeadIn(In):
    """What is to be mediated."""

    summary: Prose


class RebuttalIn(In):
    """What is to be put right, in Markdown."""

    title: Line
    body: Prose


class DismissalIn(In):
    """Why there is nothing in it."""

    note: Prose
