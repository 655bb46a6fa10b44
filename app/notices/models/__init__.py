"""Notices, whom they are for, and every message that goes out."""

from app.notices.models.deliveries import SAYING, Attempt, Delivery, Lane, Outlet, State
from app.notices.models.notices import (
    PUBLISHED,
    Knock,
    Notice,
    NoticeFile,
    NoticeKind,
    NoticePolicy,
    NoticeState,
    Reading,
)

__all__ = [
    "PUBLISHED",
    "SAYING",
    "Attempt",
    "Delivery",
    "Knock",
    "Lane",
    "Notice",
    "NoticeFile",
    "NoticeKind",
    "NoticePolicy",
    "NoticeState",
    "Outlet",
    "Reading",
    "State",
]
