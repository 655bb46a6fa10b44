"""Figures as a table that people read."""

from dataclasses import astuple

from app.core.i18n import N_, _
from app.core.sheets import Cell
from app.service_requests.figures.measures import Rate
from app.service_requests.figures.tallies import Tally

_COUNTS = (
    N_("受理件数"),
    N_("未办结"),
    N_("应当答复"),
    N_("按时答复"),
    N_("应当办结"),
    N_("按时办结"),
    N_("已回访"),
    N_("已解决"),
    N_("满意"),
    N_("已评价"),
)
"""In the order of `Measures`, but the sum of the scores, of which the mean is shown."""
_RATES = {
    Rate.RESPONSE: N_("响应率（%）"),
    Rate.ON_TIME: N_("按时办结率（%）"),
    Rate.RESOLUTION: N_("解决率（%）"),
    Rate.SATISFACTION: N_("满意率（%）"),
}


def head() -> list[str]:
    """What the columns are called in the reader's language."""
    names = (N_("名称"), *_COUNTS, N_("平均评分"), *_RATES.values())
    return [_(name) for name in names]


def row(tally: Tally) -> list[Cell]:
    """One line of the table."""
    counts = astuple(tally.measures)[: len(_COUNTS)]
    rates = [tally.measures.rate(rate) for rate in _RATES]
    return [tally.name or _("其他"), *counts, tally.measures.score, *rates]
