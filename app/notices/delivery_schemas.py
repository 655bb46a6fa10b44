"""Deliveries as they cross the wire: how far they have come, not what they say."""

from datetime import datetime
from uuid import UUID

from app.core.pages import Cursor, Page
from app.core.wire import Code, Out
from app.notices.models import State


class DeliveryOut(Out):
    """One message to one address."""

    id: UUID
    notice_id: UUID | None
    person_id: UUID | None
    """Null for a group, and for what everybody reads."""
    channel: str
    purpose: str
    state: State
    attempts: int
    due_at: datetime
    """When it is tried next; while an attempt is under way, when that counts as lost."""
    answer: str | None
    """The last word of the channel: its error code, or what became of the message."""
    created_at: datetime
    sent_at: datetime | None
    read_at: datetime | None


class DeliveriesOut(Page[DeliveryOut]):
    """Deliveries of a notice, newest first, and how many there are by channel and state."""

    counts: dict[str, dict[str, int]]


class DeliveryFilters(Cursor):
    """Which deliveries are asked for."""

    state: State | None = None
    channel: Code | None = None


class ReplayOut(Out):
    """How many deliveries are tried again."""

    deliveries: int
