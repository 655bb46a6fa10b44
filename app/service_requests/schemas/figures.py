"""Figures, load and reports as they cross the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.wire import In, Out, Prose
from app.service_requests.figures.tallies import By
from app.service_requests.models import Origin

_LONGEST = 1100

Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class Asked(BaseModel):
    """Which figures: of requests filed on these days, both included; by default this month."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[date | None, Field(alias="from")] = None
    until: Annotated[date | None, Field(alias="to")] = None
    place: UUID | None = None
    """Within this place; by default wherever the caller may look."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and not 0 <= (self.until - self.since).days <= _LONGEST:
            message = f"from must not lie after to, nor more than {_LONGEST} days before it"
            raise ValueError(message)
        return self


class FiguresAsked(Asked):
    """The same, for each of what."""

    by: By = By.COMMUNITY


class ExportAsked(FiguresAsked):
    """The same, as which kind of file."""

    form: Annotated[Literal["xlsx", "csv"], Field(alias="format")] = "xlsx"


class MeasuresOut(Out):
    """Counts of requests, and rates in per cent, null where there is nothing to divide by."""

    filed: int
    undone: int
    answer_owed: int
    answered_in_time: int
    done_owed: int
    done_in_time: int
    visited: int
    resolved: int
    satisfied: int
    rated: int
    score: float | None
    response_rate: float | None
    on_time_rate: float | None
    resolution_rate: float | None
    satisfaction_rate: float | None


class TallyOut(MeasuresOut):
    """The measures of one; `id` and `name` are null for what belongs to none."""

    id: UUID | str | None
    name: str | None


class FiguresOut(Out):
    """The measures of a period, in total and for each."""

    since: Annotated[date, Field(serialization_alias="from")]
    until: Annotated[date, Field(serialization_alias="to")]
    by: By
    formulas: dict[str, str]
    total: MeasuresOut
    items: list[TallyOut]


class LoadOut(Out):
    """What a worker has to do; `ages` counts it by days since filing: 1, 3, 7, 15, more."""

    worker_id: UUID | None
    worker: str | None
    undone: int
    overdue: int
    suspended: int
    ages: list[int]


class CostOut(Out):
    """Minutes spent on requests, by where the wish for them came from."""

    origin: Origin
    organization_id: UUID | None
    organization: str | None
    requests: int
    minutes: int


class LoadsOut(Out):
    """What there is to do now, and what was spent in a period."""

    since: Annotated[date, Field(serialization_alias="from")]
    until: Annotated[date, Field(serialization_alias="to")]
    loads: list[LoadOut]
    costs: list[CostOut]


class ReportIn(In):
    """The month to publish, and what to say about it."""

    month: Month
    note: Prose | None = None


class ReportOut(Out):
    """The report of a month as it was published."""

    month: str
    edition: int
    figures: dict[str, Any]
    note: str | None
    published_at: datetime


class ReportsOut(Out):
    """The months that were published, the last first."""

    items: list[ReportOut]
