"""Requests and photos as they cross the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.wire import Code, In, Line, Out, Prose
from app.people.phones import Phone
from app.places.models import Kind
from app.service_requests.limits import LimitText
from app.service_requests.models import (
    Channel,
    ClockKind,
    ClockState,
    Datum,
    Origin,
    PetitionKind,
    Stage,
    State,
)
from app.service_requests.photos import MOST
from app.service_requests.schemas.categories import FormOut

_LARGEST = 2**31 - 1


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
    """What somebody asks for. Without a category, the words of the summary choose one.

    Without a place, the rule of the category finds it from where the reporter lives.
    """

    category: Code | None = None
    place_id: UUID | None = None
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


class OrganizationBrief(Out):
    """The organisation that leads the work."""

    id: UUID
    name: str
    phone: str | None


class ClockOut(Out):
    """One of the clocks of a request; the last round of each kind is the one that counts now."""

    kind: ClockKind
    round: int
    state: ClockState
    limit: LimitText
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    breached_at: datetime | None


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
    origin: Origin
    organization: OrganizationBrief | None
    filed_at: datetime
    due_at: datetime
    suspended_at: datetime | None
    suspended_reason: str | None
    suspended_until: datetime | None
    supervised_at: datetime | None
    escalation: int
    round: int
    merged_into_id: UUID | None
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


class MergedInto(Out):
    """Where a merged request goes on, as whoever reported it may know of that."""

    number: int
    state: State
    outcome: Annotated[str | None, Field(validation_alias="told_outcome")]
    due_at: datetime


class CoHandlerOut(Out):
    """Somebody who works along, or an organisation that does, and what they reported."""

    id: UUID
    person: WorkerOut | None
    organization: OrganizationBrief | None
    asked: str | None
    report: str | None
    reported_at: datetime | None
    created_at: datetime
    ended_at: datetime | None


class PetitionOut(Out):
    """What its worker asked for; `granted` is null until it is decided."""

    id: UUID
    kind: PetitionKind
    extra: LimitText | None
    reason: str
    asked_by: WorkerOut | None
    asked_at: datetime
    granted: bool | None
    decided_by: WorkerOut | None
    decided_at: datetime | None
    answer: str | None


class VisitOut(Out):
    """What was found when somebody asked whether it is resolved, or its reporter said so."""

    round: int
    resolved: bool
    satisfied: bool
    comment: str | None
    by_reporter: bool
    by: WorkerOut | None
    at: datetime


UNWATCHED: Mapping[str, Any] = {"escalation": 0, "supervised_at": None}
UNSEEN: Mapping[str, Any] = {
    **UNWATCHED,
    "first_handler": None,
    "escalated_to": None,
    "co_handlers": [],
    "petitions": [],
}
"""How what staff settle among themselves looks to everybody else, in a list and in whole."""


class RequestWhole(RequestOut):
    """A request with everything that belongs to it; `form` is what it was filed under."""

    answers: dict[str, Any]
    form: FormOut
    location: LocationOut | None
    photos: list[PhotoOut]
    clocks: list[ClockOut]
    merged_into: MergedInto | None
    first_handler: WorkerOut | None
    escalated_to: WorkerOut | None
    co_handlers: list[CoHandlerOut]
    petitions: list[PetitionOut]
    visits: list[VisitOut]
    urges: int
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
