"""Counting: what a ballot may hold, and what all of them together say, in exact integers."""

from app.polls.counting.charts import charts_of
from app.polls.counting.checking import checked, is_asked
from app.polls.counting.drafts import checked_form
from app.polls.counting.results import result_of
from app.polls.counting.showing import is_shown, look, shown
from app.polls.counting.tallying import tally

__all__ = [
    "charts_of",
    "checked",
    "checked_form",
    "is_asked",
    "is_shown",
    "look",
    "result_of",
    "shown",
    "tally",
]
