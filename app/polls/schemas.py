"""Polls and how a community decides, as they cross the wire."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field
from pydantic.config import JsonDict

from app.core.pages import Cursor
from app.core.wire import Article, In, Line, Out, Prose
from app.places.schemas import Change
from app.polls.electorates import Electorate
from app.polls.forms import Form
from app.polls.models import PollKind, PollState, Purpose, ResultsShown, Secrecy
from app.polls.rules import Rules

_ASKED: JsonDict = {
    "kind": "poll",
    "place_id": "0192f0c1-0000-7000-8000-000000000001",
    "title": "小区门口装不装充电桩",
    "form": {
        "questions": [
            {
                "key": "q1",
                "method": "single",
                "text": "装在哪里？",
                "options": [
                    {"key": "A", "text": "东门"},
                    {"key": "B", "text": "西门"},
                    {"key": "C", "text": "不装"},
                ],
            }
        ]
    },
    "electorate": {"unit": "household"},
    "closes_at": "2027-01-31T18:00:00+08:00",
}


class PollIn(In):
    """A poll to be written: what it asks, of whom, and by what rules."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASKED]})

    kind: PollKind
    purpose: Purpose = Purpose.GENERAL
    place_id: UUID
    title: Line
    body: Article | None = None
    form: Form
    electorate: Electorate = Field(default_factory=Electorate)
    rules: Rules = Field(default_factory=Rules)
    secrecy: Secrecy = Secrecy.RECORDED
    names_shown: bool = False
    results_shown: ResultsShown = ResultsShown.AT_CLOSE
    public: bool = True
    opens_at: AwareDatetime | None = None
    """When it is to open by itself, once announced; by hand where there is none."""
    closes_at: AwareDatetime | None = None


class PollChange(Change):
    """What to change about a poll that is not announced or open."""

    emptied: ClassVar[frozenset[str]] = frozenset({"body", "opens_at", "closes_at"})

    purpose: Purpose | None = None
    place_id: UUID | None = None
    title: Line | None = None
    body: Article | None = None
    form: Form | None = None
    electorate: Electorate | None = None
    rules: Rules | None = None
    secrecy: Secrecy | None = None
    names_shown: bool | None = None
    results_shown: ResultsShown | None = None
    public: bool | None = None
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None


class PollFilters(Cursor):
    """Which polls: of a kind, in a state, on a topic, with these words in the title."""

    model_config = ConfigDict(extra="forbid")

    kind: PollKind | None = None
    state: PollState | None = None
    topic_id: UUID | None = None
    title: Line | None = None


class ReasonIn(In):
    """Why a poll is refused or cancelled."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "与上月的表决重复"}]})

    reason: Prose


class ExtensionIn(In):
    """Until when votes are taken."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"closes_at": "2027-02-07T18:00:00+08:00"}]}
    )

    closes_at: AwareDatetime


class TighteningIn(In):
    """What is to be shown less, or later, than was said."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"results_shown": "at_close"}]})

    names_shown: bool | None = None
    results_shown: ResultsShown | None = None


class PollPlaceOut(Out):
    """Where a poll is held."""

    id: UUID
    name: str
    path: str


class PollFileOut(Out):
    """A picture of an option, or a document to read before one votes."""

    id: UUID = Field(validation_alias="file_id")
    name: str


class PollOut(Out):
    """A poll: what it asks, of whom, by what rules, and how far it has come."""

    id: UUID
    number: int
    kind: PollKind
    purpose: Purpose
    state: PollState
    place: PollPlaceOut
    topic_id: UUID | None
    title: str
    body: str | None
    form: Form
    electorate: Electorate
    rules: Rules
    secrecy: Secrecy
    names_shown: bool
    results_shown: ResultsShown
    public: bool
    consultation: bool = False
    """Whether it decides nothing by itself: an owners' assembly, unless the authority accepts
    electronic votes."""
    files: list[PollFileOut] = Field(default_factory=list)
    opens_at: datetime | None
    closes_at: datetime | None
    announced_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    published_at: datetime | None
    publish_by: datetime | None
    reason: str | None
    head: str | None = None
    """The head of its chain at the opening, 64 hexadecimal digits."""
    supports: int | None = None
    """How many want a proposed poll to be held; null for others."""
    proposed_by_id: UUID | None
    """Told to staff of its place and to who proposed it."""
    created_at: datetime


class SupportOut(Out):
    """How many want a proposed poll to be held, and how many it takes."""

    supports: int
    supports_needed: int
    state: PollState


Days = Annotated[int, Field(ge=0, le=366)]


class PollPolicyIn(In):
    """How the community is to decide."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "supports_needed": 20,
                    "seconds_needed": 5,
                    "moderated": True,
                    "notice_days": 15,
                    "publish_days": 3,
                    "seal_minutes": 10,
                    "remind_hours": 24,
                    "smallest_cell": 5,
                    "accepted_by": None,
                }
            ]
        }
    )

    supports_needed: Annotated[int, Field(ge=1, le=100_000)]
    """How many must want a resident's poll before staff look at it."""
    seconds_needed: Annotated[int, Field(ge=1, le=100_000)]
    """How many must second a topic before it is discussed."""
    moderated: bool
    """Whether a post on a topic is read by staff before it is shown."""
    notice_days: Days
    """Between the announcement of an assembly and its opening."""
    publish_days: Days
    """Between the close of a meeting or an assembly and its published result."""
    seal_minutes: Annotated[int, Field(ge=1, le=1440)]
    """At most so often a batch of secret ballots is sealed and its head said."""
    remind_hours: Annotated[int, Field(ge=0, le=720)]
    """Before the close, who has not voted is reminded once; 0 for never."""
    smallest_cell: Annotated[int, Field(ge=1, le=1000)]
    """Counts of fewer people than this are not shown in a cross-table."""
    accepted_by: Line | None
    """The authority and the document by which electronic votes of owners count."""


class PollPolicyOut(Out):
    """How the community decides."""

    supports_needed: int
    seconds_needed: int
    moderated: bool
    notice_days: int
    publish_days: int
    seal_minutes: int
    remind_hours: int
    smallest_cell: int
    accepted_by: str | None
