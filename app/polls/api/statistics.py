"""Recorded polls and surveys told apart by grid and by kind of residence, and as a file."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field

from app.core import sheets
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.core.wire import In, Out
from app.people.access import Me
from app.polls import exports
from app.polls.api.held import Held
from app.polls.forms import Key, Method
from app.polls.problems import NoStatistics, ResultsNotYet, SecretHere
from app.polls.statistics import By, Statistics, statistics

router = APIRouter(prefix="/api/v1/polls/{poll_id}", tags=["polls"], route_class=Route)


class StatisticsAsked(In):
    """Which question, and what its answers are told apart by."""

    question: Key
    by: By = By.GRID


class ExportAsked(In):
    """As which kind of file."""

    form: Annotated[Literal["xlsx", "csv"], Field(alias="format")] = "xlsx"


class RowOut(Out):
    """One group, or several that are too small to be shown alone; null is a count left out."""

    name: str
    answered: int
    counts: list[int | None]


class CrossOut(Out):
    """A cross-table; `option` where votes say something about each option."""

    option: str | None
    columns: list[str]
    total: list[int]
    groups: list[RowOut]
    """Empty where there are not two groups that are large enough."""


class SummaryOut(Out):
    """How numbers lie; quartiles (lower, median, upper) and mean are null for a few answers."""

    least: int | None
    quartiles: list[float] | None
    greatest: int | None
    mean: float | None


class StatisticsOut(Out):
    """The answers to one question, with every count below `smallest_cell` left out."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "question": "q1",
                    "method": "single",
                    "by": "grid",
                    "smallest_cell": 5,
                    "answered": 74,
                    "tables": [
                        {
                            "option": None,
                            "columns": ["东门", "西门", "不装"],
                            "total": [41, 24, 9],
                            "groups": [
                                {"name": "第一网格", "answered": 40, "counts": [28, None, None]},
                                {"name": "第二网格", "answered": 34, "counts": [13, None, None]},
                            ],
                        }
                    ],
                    "numbers": None,
                    "texts": None,
                }
            ]
        },
    )

    question: str
    method: Method
    by: By
    smallest_cell: int
    answered: int
    tables: list[CrossOut]
    numbers: SummaryOut | None
    texts: list[str] | None
    """What was written, in no order and without names: for who runs polls there, else null."""


@router.get(
    "/statistics",
    response_model=StatisticsOut,
    responses=problems(NotFound, SecretHere, NoStatistics, ResultsNotYet, Invalid),
)
async def read_statistics(
    session: Session, me: Me, poll: Held, asked: Annotated[StatisticsAsked, Query()]
) -> Statistics:
    """The answers to one question of a recorded poll or survey, by grid or kind of residence.

    From the close on as the result is; before, for who runs the poll and where counts are shown.
    """
    return await statistics(session, poll, question=asked.question, by=asked.by, me=me)


@router.get(
    "/export",
    response_class=Response,
    responses=problems(Forbidden, NotFound, SecretHere, NoStatistics, ResultsNotYet),
)
async def export_ballots(
    session: Session, me: Me, poll: Held, asked: Annotated[ExportAsked, Query()]
) -> Response:
    """Every ballot of a closed recorded poll or survey on a line, without who cast it."""
    head, rows = await exports.table(session, poll, by=me)
    return await sheets.respond(asked.form, f"{poll.number}", head, rows)
