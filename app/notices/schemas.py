"""Notices as they cross the wire."""

import re
from datetime import datetime, time
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from app.core.pages import Cursor, Page
from app.core.wire import Article, Code, In, Line, Out
from app.notices.audiences import Audience
from app.notices.models import NoticeKind, NoticeState
from app.places.schemas import Change

_WEB = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?", re.IGNORECASE)


def _on_the_web(address: str) -> str:
    if not _WEB.fullmatch(address) or not address.isprintable():
        message = "must be an address on the web, https://…"
        raise ValueError(message)
    return address


def _once_each(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        message = "names one twice"
        raise ValueError(message)
    return names


WebAddress = Annotated[str, StringConstraints(max_length=500), AfterValidator(_on_the_web)]
Channels = Annotated[list[Code], Field(min_length=1, max_length=12), AfterValidator(_once_each)]
"""Names of channels: `wechat`, `groups`, `site`, `itv`, `weibo`, `webhook`, `email`."""


def _of_the_day(at: time) -> time:
    if at.tzinfo or at.microsecond:
        message = "must be a time of day, 21:30"
        raise ValueError(message)
    return at


TimeOfDay = Annotated[time, AfterValidator(_of_the_day)]
Hours = Annotated[int, Field(ge=1, le=720)]


class NoticeIn(In):
    """A notice to be written: what it says, whom it is for, and the ways it goes."""

    kind: NoticeKind
    title: Line
    body: Article
    media_url: WebAddress | None = None
    place_id: UUID
    audience: Audience = Audience()
    channels: Channels
    wants_receipt: bool = False
    knock: bool = False
    knock_after_hours: Hours | None = None


class NoticeChange(Change):
    """What to change about a draft."""

    emptied: ClassVar[frozenset[str]] = frozenset({"media_url", "knock_after_hours"})

    kind: NoticeKind | None = None
    title: Line | None = None
    body: Article | None = None
    media_url: WebAddress | None = None
    place_id: UUID | None = None
    audience: Audience | None = None
    channels: Channels | None = None
    wants_receipt: bool | None = None
    knock: bool | None = None
    knock_after_hours: Hours | None = None


class CorrectionIn(In):
    """What is right; where it goes is where the notice went."""

    title: Line | None = None
    body: Article


class ReasonIn(In):
    """Why a notice is sent back or withdrawn."""

    reason: Line


class ScheduleIn(In):
    """When a notice goes out."""

    at: AwareDatetime


class NoticeFilters(Cursor):
    """Which notices: of a kind, in a state, with these words in the title."""

    model_config = ConfigDict(extra="forbid")

    kind: NoticeKind | None = None
    state: NoticeState | None = None
    title: Line | None = None


class NoticePlaceOut(Out):
    """Where a notice is from."""

    id: UUID
    name: str
    path: str


class NoticeFileOut(Out):
    """A picture or a document of a notice."""

    id: UUID = Field(validation_alias="file_id")
    name: str
    media_type: str


class NoticeOut(Out):
    """A notice; whom it is for and how it came about are told to staff of its place."""

    id: UUID
    kind: NoticeKind
    title: str
    body: str
    html: str = ""
    media_url: str | None
    place: NoticePlaceOut
    state: NoticeState
    files: list[NoticeFileOut] = Field(default_factory=list)
    published_at: datetime | None
    corrects_id: UUID | None
    corrected_by_id: UUID | None = None
    wants_receipt: bool
    audience: Audience | None
    channels: list[str] | None
    author_id: UUID | None
    reviewed_by_id: UUID | None
    scheduled_at: datetime | None
    withdrawn_at: datetime | None
    reason: str | None
    knock: bool | None
    knock_after_hours: int | None
    created_at: datetime
    updated_at: datetime


STAFF_ONLY: dict[str, None] = dict.fromkeys(
    (
        *("audience", "channels", "author_id", "reviewed_by_id", "scheduled_at"),
        *("withdrawn_at", "reason", "knock", "knock_after_hours"),
    )
)
"""What readers are not told."""


class AudienceOut(Out):
    """How many would be told: addresses by channel, and people, homes and groups in all."""

    channels: dict[str, int]
    people: int
    homes: int
    groups: int


class NoticePolicyIn(In):
    """How the community publishes; the quiet hours are on the clock in China."""

    second_person: bool
    quiet_from: TimeOfDay
    quiet_to: TimeOfDay
    knock_after_hours: Hours


class NoticePolicyOut(Out):
    """How the community publishes."""

    second_person: bool
    quiet_from: time
    quiet_to: time
    knock_after_hours: int


class ReaderOut(Out):
    """Who has read."""

    id: UUID
    name: str | None


class ReadingOut(Out):
    """Somebody has read a notice, and how that is known; for a lesson, when it was studied."""

    person: ReaderOut
    way: str
    read_at: datetime
    studied_at: datetime | None


class ReadingsOut(Page[ReadingOut]):
    """Who has read, the latest first, and how many in all."""

    read: int
    studied: int


class StudyIn(In):
    """Who has gone through a lesson; oneself when nobody is named."""

    person_id: UUID | None = None


class UnreachedHomeOut(Out):
    """A home that a notice has not reached, and the request for somebody to knock there."""

    id: UUID
    name: str
    path: str
    residents: int
    asked_at: datetime | None
    request_id: UUID | None
