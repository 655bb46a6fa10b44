"""Kinds of matter as they cross the wire."""

from datetime import datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from app.core.wire import Code, In, Line, Out, Prose
from app.people.models import Speciality
from app.places.schemas import Change
from app.service_requests.limits import LimitText
from app.service_requests.models import Dispatch, PlaceRule, VisitPolicy
from app.service_requests.questions import Question

_LARGEST = 2**31 - 1
_TAKEN = frozenset({"suggestions", "imports"})

Percent = Annotated[int, Field(ge=1, le=99)]
Position = Annotated[int, Field(ge=0, le=_LARGEST)]
Keywords = Annotated[list[Line], Field(max_length=100)]


def _distinct(questions: list[Question]) -> None:
    codes = [question.code for question in questions]
    if len(set(codes)) != len(codes):
        message = "two questions have the same code"
        raise ValueError(message)


def _free(code: str) -> str:
    if code in _TAKEN:
        message = "is the address of something else"
        raise ValueError(message)
    return code


class Guide(In):
    """What is published about a kind of matter, each part if there is something to say."""

    text: Prose | None = None
    who: Line | None = None
    time: Line | None = None
    bring: list[Line] = Field(default_factory=list, max_length=50)
    rule: Line | None = None


class CategoryIn(In):
    """A kind of matter; limits as `2h` or `5wd`, with the rule they are taken from."""

    code: Annotated[Code, AfterValidator(_free)]
    name: Line
    group: Line
    speciality: Speciality
    organization_id: UUID | None = None
    dispatch: Dispatch = Dispatch.RULE
    place_rule: PlaceRule = PlaceRule.ASKED
    visit_policy: VisitPolicy = VisitPolicy.ASKED
    answer_limit: LimitText
    update_limit: LimitText | None = None
    resolve_limit: LimitText
    warn_percent: Percent = 75
    source: Prose | None = None
    keywords: Keywords = Field(default_factory=list)
    questions: list[Question] = Field(default_factory=list, max_length=30)
    guide: Guide = Field(default_factory=Guide)
    anonymous_allowed: bool = False
    confidential: bool = False
    public: bool = False
    internal: bool = False
    active: bool = True
    position: Position = 0

    @model_validator(mode="after")
    def _distinct_questions(self) -> Self:
        _distinct(self.questions)
        return self


class CategoryChange(Change):
    """What to change about a kind of matter; what may be empty may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"source", "organization_id", "update_limit"})

    name: Line | None = None
    group: Line | None = None
    speciality: Speciality | None = None
    organization_id: UUID | None = None
    dispatch: Dispatch | None = None
    place_rule: PlaceRule | None = None
    visit_policy: VisitPolicy | None = None
    answer_limit: LimitText | None = None
    update_limit: LimitText | None = None
    resolve_limit: LimitText | None = None
    warn_percent: Percent | None = None
    source: Prose | None = None
    keywords: Keywords | None = None
    questions: Annotated[list[Question], Field(max_length=30)] | None = None
    guide: Guide | None = None
    anonymous_allowed: bool | None = None
    confidential: bool | None = None
    public: bool | None = None
    internal: bool | None = None
    active: bool | None = None
    position: Position | None = None

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
    organization_id: UUID | None
    dispatch: Dispatch
    place_rule: PlaceRule
    visit_policy: VisitPolicy
    answer_limit: LimitText
    update_limit: LimitText | None
    resolve_limit: LimitText
    warn_percent: int
    source: str | None
    keywords: list[str]
    questions: list[Question]
    guide: Guide
    anonymous_allowed: bool
    confidential: bool
    public: bool
    internal: bool
    version: int
    active: bool
    position: int


class PartnersIn(In):
    """The organisations that work along on a kind of matter, all of them."""

    organization_ids: Annotated[list[UUID], Field(max_length=50)]


class PartnerOut(Out):
    """An organisation that works along."""

    id: UUID
    code: str
    name: str
    active: bool


class PartnersOut(Out):
    """The organisations that work along on a kind of matter, by name."""

    items: list[PartnerOut]


class FormOut(Out):
    """What a kind of matter showed and promised at one time."""

    name: str
    group: str
    questions: list[Question]
    guide: Guide
    answer_limit: LimitText
    update_limit: LimitText | None
    resolve_limit: LimitText
    source: str | None
    anonymous_allowed: bool
    confidential: bool
    public: bool
    organization_id: UUID | None
    partner_ids: list[UUID]


class VersionOut(Out):
    """A version of a kind of matter, the newest as it is now."""

    version: int
    created_at: datetime
    form: FormOut


class ImportOut(Out):
    """What a spreadsheet added to the catalogue and changed in it, or with `dry_run` would."""

    rows: int
    added: list[str]
    """Codes, in the order of the rows."""
    changed: dict[str, list[str]]
    """The columns that became another, by the code of the category."""
    ignored: list[str]
    """Headings that mean nothing here."""
    dry_run: bool
