"""Requests, categories and photos as they cross the wire."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from app.core.pages import Cursor
from app.core.wire import Code, In, Line, Out, Prose
from app.people.models import Speciality
from app.people.phones import Phone
from app.places.models import Kind
from app.places.schemas import Change
from app.service_requests.models import Channel, Datum, Stage, State
from app.service_requests.photos import MOST
from app.service_requests.questions import Question

_YEAR = 366 * 24 * 60
_LARGEST = 2**31 - 1

Minutes = Annotated[int, Field(ge=1, le=_YEAR)]
Keywords = Annotated[list[Line], Field(max_length=100)]


def _distinct(questions: list[Question]) -> None:
    codes = [question.code for question in questions]
    if len(set(codes)) != len(codes):
        message = "two questions have the same code"
        raise ValueError(message)


class CategoryIn(In):
    """A kind of matter; limits in minutes of the calendar, with the rule they are taken from."""

    code: Code
    name: Line
    group: Line
    speciality: Speciality
    accept_minutes: Minutes
    resolve_minutes: Minutes
    source: Prose | None = None
    keywords: Keywords = Field(default_factory=list)
    questions: list[Question] = Field(default_factory=list, max_length=30)
    guide: Prose | None = None
    anonymous_allowed: bool = False
    active: bool = True
    position: Annotated[int, Field(ge=0, le=_LARGEST)] = 0

    @model_validator(mode="after")
    def _distinct_questions(self) -> Self:
        _distinct(self.questions)
        return self


class CategoryChange(Change):
    """What to change about a kind of matter; a guide and a source may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"guide", "source"})

    name: Line | None = None
    group: Line | None = None
    speciality: Speciality | None = None
    accept_minutes: Minutes | None = None
    resolve_minutes: Minutes | None = None
    source: Prose | None = None
    keywords: Keywords | None = None
    questions: Annotated[list[Question], Field(max_length=30)] | None = None
    guide: Prose | None = None
    anonymous_allowed: bool | None = None
    active: bool | None = None
    position: Annotated[int, Field(ge=0, le=_LARGEST)] | None = None

    @model_validator(mode="after")
    def _distinct_questions(self) -> Self:
        _distinct(self.questions or [])
        return self


class CategoryOut(Out):
    """A kind of matter: what is asked, who handles it, and in what time."""

    id: UUID
    code: str
    name: str
    group: str
    speciality: Speciality
    accept_minutes: int
    resolve_minutes: int
    source: str | None
    keywords: list[str]
    questions: list[Question]
    guide: str | None
    anonymous_allowed: bool
    active: bool
    position: int


class LocationIn(In):
    """A point on the map in degrees."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    datum: Datum = Datum.GCJ02
    label: Line | None = None


class ReporterIn(In):
    """A resident who asks by telephone or at the desk."""

    name: Line
    phone: Phone


class RequestIn(In):
    """What somebody asks for. Without a category, the words of the summary choose one."""

    category: Code | None = None
    place_id: UUID
    summary: Prose
    answers: Annotated[dict[Code, Any], Field(max_length=50)] | None = None
    anonymous: bool = False
    photos: list[UUID] = Field(default_factory=list, max_length=MOST)
    location: LocationIn | None = None
    reporter_id: UUID | None = None
    reporter: ReporterIn | None = None

    @model_validator(mode="after")
    def _one_reporter(self) -> Self:
        if self.reporter_id and self.reporter:
            message = "give reporter_id or reporter, not both"
            raise ValueError(message)
        return self


class RemarkIn(In):
    """What to add to a request; an internal remark is words for staff alone."""

    text: Prose | None = None
    photos: list[UUID] = Field(default_factory=list, max_length=MOST)
    internal: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text and (self.internal or not self.photos):
            message = "says nothing"
            raise ValueError(message)
        if self.internal and self.photos:
            message = "an internal remark has no photos"
            raise ValueError(message)
        return self


class Filters(Cursor):
    """Which requests are listed: each filter given narrows the list."""

    model_config = ConfigDict(extra="forbid")

    state: list[State] = Field(default_factory=list)
    category: Code | None = None
    assignee: Literal["me"] | UUID | None = None
    place: UUID | None = None
    """This place and everything inside it."""
    number: Annotated[int, Field(ge=1, le=_LARGEST)] | None = None


class RequestCategory(Out):
    """The kind of matter a request is about."""

    code: str
    name: str
    group: str


class RequestPlace(Out):
    """The place a request is about."""

    id: UUID
    kind: Kind
    name: str
    path: str


class ReporterOut(Out):
    """Who reported it."""

    id: UUID
    name: str | None
    phone: Annotated[str | None, Field(validation_alias="masked_phone")]


class WorkerOut(Out):
    """Who does it."""

    id: UUID
    name: str | None


class RequestOut(Out):
    """A request as a list shows it; `reporter` is null for everybody when it is anonymous."""

    id: UUID
    number: int
    state: State
    category: RequestCategory
    place: RequestPlace
    summary: str
    anonymous: bool
    reporter: Annotated[ReporterOut | None, Field(validation_alias="shown_reporter")]
    assignee: WorkerOut | None
    channel: Channel
    filed_at: datetime
    accept_due_at: datetime
    due_at: datetime
    fell_due_at: datetime | None
    accepted_at: datetime | None
    completed_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    reason: str | None
    right_channel: str | None
    score: int | None
    rating_comment: str | None
    updated_at: datetime


class LocationOut(Out):
    """A point on the map in degrees."""

    latitude: float
    longitude: float
    datum: Datum
    label: str | None


class PhotoOut(Out):
    """A photo of a request; `id` is the file's."""

    id: Annotated[UUID, Field(validation_alias="file_id")]
    stage: Stage


class StepOut(Out):
    """A step that the caller could take now."""

    name: str
    label: str


class RequestWhole(RequestOut):
    """A request with everything that belongs to it."""

    answers: dict[str, Any]
    location: LocationOut | None
    photos: list[PhotoOut]
    steps: list[StepOut] = Field(default_factory=list)


class WhoOut(Out):
    """Somebody as a timeline names them."""

    name: str | None
    role: str


class EntryOut(Out):
    """One line of a timeline; `photos` are ids of files."""

    at: datetime
    kind: str
    text: str
    by: WhoOut
    photos: list[UUID]


class TimelineOut(Out):
    """What happened to a request, oldest first."""

    items: list[EntryOut]


class FileOut(Out):
    """A photo we keep."""

    id: UUID
    media_type: str
    size: int
    width: int
    height: int
