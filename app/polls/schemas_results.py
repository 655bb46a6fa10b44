"""Results, charts, ballots of recorded polls and ready forms, as they cross the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict

from app.core.wire import Out
from app.polls.electorates import Electorate
from app.polls.forms import Form
from app.polls.models import Channel, PollKind, Purpose, ResultsShown, Secrecy
from app.polls.rules import Rules

_POLL_ID = "0192f0c1-0000-7000-8000-000000000002"


class ElectorateOut(Out):
    """How many votes the roll has, their area in 0.01 m², and how many came to the meeting."""

    entries: int
    area: int
    attended: int | None


class ResultOut(Out):
    """What was counted.

    By question, what its method gives: `answered` always; `counts` by option and `leading`
    (single, multiple, approval, yes_no), `rounds`, `winner` and `tied` (ranked), `counts` by
    score, `sums` and `leading` (score), `sums` and `leading` (dots), `counts` of yes, maybe and no
    and `leading` (dates), `sum`, `least` and `greatest` (number). Meetings and assemblies add
    `decision`.
    """

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "poll_id": _POLL_ID,
                    "live": False,
                    "counted_at": "2027-01-31T10:00:00Z",
                    "ballots": 3,
                    "electorate": {"entries": 4, "area": 36_001, "attended": None},
                    "questions": {
                        "q1": {
                            "answered": 3,
                            "counts": {"yes": 2, "no": 1, "abstain": 0},
                            "leading": ["yes"],
                            "decision": {
                                "matter": 4,
                                "special": False,
                                "total": {"heads": 4, "area": 36_001},
                                "participating": {"heads": 3, "area": 29_001},
                                "agree": {"heads": 2, "area": 17_001},
                                "against": {"heads": 1, "area": 12_000},
                                "abstain": {"heads": 0, "area": 0},
                                "quorum": True,
                                "passed": True,
                            },
                        }
                    },
                }
            ]
        },
    )

    poll_id: UUID
    live: bool
    """Whether the poll is open, and the next vote may change it."""
    counted_at: datetime | None
    """When it was counted for good; null while it is live."""
    ballots: int
    electorate: ElectorateOut
    questions: dict[str, dict[str, Any]]


class SeriesOut(Out):
    """A value for every label of its chart; null where there is none."""

    name: str
    values: list[int | float | None]


class ChartOut(Out):
    """One question as a chart.

    `bar`: for each label a bar of every series; `stacked`: for each label one bar of all series;
    `rounds`: a series for each round of a run-off.
    """

    question: str
    """Its key."""
    text: str
    type: Literal["bar", "stacked", "rounds"]
    labels: list[str]
    series: list[SeriesOut]
    total: int
    """How many answered."""


class ChartsOut(Out):
    """The questions of a poll that can be drawn, in their order."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "poll_id": _POLL_ID,
                    "live": True,
                    "charts": [
                        {
                            "question": "q1",
                            "text": "装在哪里？",
                            "type": "bar",
                            "labels": ["东门", "西门", "不装"],
                            "series": [{"name": "票数", "values": [41, 17, 9]}],
                            "total": 67,
                        }
                    ],
                }
            ]
        },
    )

    poll_id: UUID
    live: bool
    charts: list[ChartOut]


class VotedOut(Out):
    """Who voted what, on a recorded ballot."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "entry_id": "0192f0c1-0000-7000-8000-000000000003",
                    "label": "王建国",
                    "choice": {"q1": "A"},
                    "channel": "page",
                    "cast_at": "2027-01-20T08:12:00Z",
                    "counted": True,
                }
            ]
        },
    )

    entry_id: UUID
    label: str
    """As the roll shows it: a name, or the homes."""
    choice: dict[str, Any]
    channel: Channel
    cast_at: datetime
    """By the database's clock, the last time it was cast or changed."""
    counted: bool
    """False where the vote was struck from the roll."""


class TemplateOut(Out):
    """A ready form, to be changed and sent as a poll."""

    code: str
    name: str
    kind: PollKind
    purpose: Purpose
    title: str
    body: str
    form: Form
    electorate: Electorate
    rules: Rules
    secrecy: Secrecy
    results_shown: ResultsShown


class TemplatesOut(Out):
    """Every ready form, in the caller's language."""

    items: list[TemplateOut]
