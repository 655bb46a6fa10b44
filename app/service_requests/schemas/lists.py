"""What requests are listed by, and how many there are of each kind to see to."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from app.core.pages import Cursor
from app.core.wire import Code, Line
from app.service_requests import search
from app.service_requests.models import Channel, Origin, PetitionKind, State

_LARGEST = 2**31 - 1


def _long_enough(query: str) -> str:
    search.words(query)
    return query


class Filters(BaseModel):
    """Which requests are listed: each filter given narrows the list."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[Line, AfterValidator(_long_enough)] | None = Field(
        default=None,
        description="Words that all have to be said in the request, its answers or the remarks"
        " that everybody concerned may read; in traditional or simplified characters. One word has"
        " two characters at least. Digits alone find the request of that number, too.",
    )
    number: Annotated[int, Field(ge=1, le=_LARGEST)] | None = None
    state: list[State] = Field(default_factory=list, description="One of these.")
    undone: bool | None = Field(default=None, description="Whether something is left to do.")
    category: Code | None = None
    group: Line | None = Field(default=None, description="The group of the category.")
    place: UUID | None = Field(default=None, description="This place and everything inside it.")
    reporter: Literal["me"] | UUID | None = Field(
        default=None, description="What others reported anonymously is not found by this."
    )
    assignee: Literal["me", "none"] | UUID | None = None
    organization: Literal["mine"] | UUID | None = None
    co_handler: Literal["me"] | UUID | None = None
    escalated_to: Literal["me"] | UUID | None = None
    overdue: bool | None = None
    due_before: AwareDatetime | None = None
    filed_from: AwareDatetime | None = None
    filed_before: AwareDatetime | None = None
    suspended: bool | None = None
    supervised: bool | None = None
    offered: bool | None = Field(default=None, description="There for the first to take it.")
    to_visit: bool | None = Field(
        default=None, description="Done, and whoever reported it is to be called."
    )
    petition: Literal["any"] | PetitionKind | None = Field(
        default=None, description="What its worker asked for and nobody has decided."
    )
    origin: Origin | None = None
    channel: Channel | None = None
    listing: UUID | None = None
    order: Literal["newest", "due"] | None = Field(
        default=None, description="`due`: what is left to do, by when it is due."
    )


class Listed(Filters, Cursor):
    """A page of a list; with `view`, of what that view shows, narrowed by the other filters."""

    view: UUID | None = None


class Exported(Filters):
    """What to take out, as which kind of file."""

    form: Annotated[Literal["xlsx", "csv"], Field(alias="format")] = "xlsx"


class Counts(BaseModel):
    """How many there are of each kind to see to; more than 1,000 are told as 1,001."""

    mine: int
    offered: int
    undone: int
    overdue: int
    due_today: int
    to_visit: int
    to_decide: int
    suspended: int
