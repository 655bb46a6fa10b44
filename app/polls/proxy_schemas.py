"""Proxies and attendance as they cross the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.core.wire import Code, In, Line, Out
from app.polls.models import Basis

IdOrCode = Annotated[UUID | Code, Field(union_mode="left_to_right")]


class ProxyIn(In):
    """Who may cast whose votes, and the paper that says so."""

    giver_id: UUID
    holder_id: UUID
    basis: Literal[Basis.PROXY, Basis.GUARDIAN] = Basis.PROXY
    """A guardian votes in place of the giver; who gave a proxy may still come."""
    paper: Line
    """Where the paper lies, or its date and number."""
    file_id: UUID | None = None
    """The paper, scanned: a photo that was uploaded before."""


class ProxyOut(Out):
    """An authority to cast another's votes, or one that was taken back."""

    id: UUID
    giver_id: UUID
    holder_id: UUID
    basis: Basis
    paper: str
    file_id: UUID | None
    revoked_at: datetime | None
    created_at: datetime


class AttendanceIn(In):
    """Which votes of the roll came, by id or by code; once checked in, again changes nothing."""

    entries: Annotated[list[IdOrCode], Field(min_length=1, max_length=1000)]


class AttendanceOut(Out):
    """How many votes the roll has, and how many of them came."""

    entries: int
    attended: int
