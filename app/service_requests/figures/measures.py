"""What is measured, and the formula beside each rate."""

from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from math import floor

from sqlalchemy import BigInteger, ColumnElement, cast, func

from app.core.i18n import N_, _
from app.service_requests.models import UNDONE, ServiceRequest

Request = ServiceRequest


class Rate(StrEnum):
    """A share of requests, in per cent."""

    RESPONSE = "response_rate"
    ON_TIME = "on_time_rate"
    RESOLUTION = "resolution_rate"
    SATISFACTION = "satisfaction_rate"


_FORMULAS = {
    Rate.RESPONSE: N_("响应率＝首次答复按时的件数÷应当答复的件数（未到期和无需答复的不计）"),
    Rate.ON_TIME: N_("按时办结率＝按时办结的件数÷应当办结的件数（未到期和撤回、并案的不计）"),
    Rate.RESOLUTION: N_("解决率＝最近一次回访为“已解决”的件数÷已回访的件数"),
    Rate.SATISFACTION: N_("满意率＝最近一次回访为“满意”的件数÷已回访的件数"),
}
_OF = {
    Rate.RESPONSE: ("answered_in_time", "answer_owed"),
    Rate.ON_TIME: ("done_in_time", "done_owed"),
    Rate.RESOLUTION: ("resolved", "visited"),
    Rate.SATISFACTION: ("satisfied", "visited"),
}


def formulas() -> dict[str, str]:
    """How each rate is computed, in the reader's language."""
    return {rate.value: _(formula) for rate, formula in _FORMULAS.items()}


def _rounded(exact: Fraction, parts: int) -> float:
    """To a tenth or a hundredth, the half upwards, as people round (四舍五入)."""
    return floor(exact * parts + Fraction(1, 2)) / parts


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts of the requests filed in a period."""

    filed: int = 0
    undone: int = 0
    answer_owed: int = 0
    answered_in_time: int = 0
    done_owed: int = 0
    done_in_time: int = 0
    visited: int = 0
    resolved: int = 0
    satisfied: int = 0
    rated: int = 0
    score_sum: int = 0

    def __add__(self, other: "Measures") -> "Measures":
        """The counts of both together."""
        names = [each.name for each in fields(Measures)]
        return Measures(*(getattr(self, name) + getattr(other, name) for name in names))

    def rate(self, rate: Rate) -> float | None:
        """Per cent, rounded to a tenth; None where there is nothing to divide by."""
        part, whole = (getattr(self, name) for name in _OF[rate])
        return _rounded(Fraction(100 * part, whole), 10) if whole else None

    @property
    def score(self) -> float | None:
        """The mean rating from 1 to 5, rounded to a hundredth."""
        return _rounded(Fraction(self.score_sum, self.rated), 100) if self.rated else None


def columns() -> list[ColumnElement[int]]:
    """The counts as columns of a grouped statement, in the order of `Measures`."""
    every = func.count()
    return [
        every,
        every.filter(Request.state.in_(UNDONE)),
        func.count(Request.answered_in_time),
        every.filter(Request.answered_in_time.is_(True)),
        func.count(Request.done_in_time),
        every.filter(Request.done_in_time.is_(True)),
        func.count(Request.visit_resolved),
        every.filter(Request.visit_resolved.is_(True)),
        every.filter(Request.visit_satisfied.is_(True)),
        func.count(Request.score),
        func.coalesce(cast(func.sum(Request.score), BigInteger), 0),
    ]
