"""Casting votes: one statement for each kind of ballot, however many votes arrive together."""

from app.polls.casting.receipts import Receipt, cast, problem_of, receipt_for, selves
from app.polls.casting.votes import (
    Cast,
    Outcome,
    Vote,
    keep_at_once,
    keep_secret,
    record_at_once,
    record_votes,
)

__all__ = [
    "Cast",
    "Outcome",
    "Receipt",
    "Vote",
    "cast",
    "keep_at_once",
    "keep_secret",
    "problem_of",
    "receipt_for",
    "record_at_once",
    "record_votes",
    "selves",
]
