"""How far a request has come, by which door it came, and where on the map it is."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a request has come."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    VERIFIED = "verified"
    CLOSED = "closed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """Whoever reported it does not want it any more."""
    MERGED = "merged"
    """It is the same matter as another request, and goes on there."""


UNDONE = frozenset({State.SUBMITTED, State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS})
"""Somebody still has to do something, and the clock runs."""
DONE = frozenset({State.COMPLETED, State.VERIFIED, State.CLOSED, State.REJECTED})
"""What was asked for has its answer."""
ENDED = frozenset({State.CLOSED, State.REJECTED, State.WITHDRAWN, State.MERGED})
"""Nothing can be added any more."""


class Channel(StrEnum):
    """The door a request came in by."""

    WECHAT = "wechat"
    API = "api"
    DESK = "desk"
    CHAT = "chat"
    OPEN311 = "open311"
    PLAN = "plan"


class Origin(StrEnum):
    """Where the wish for it comes from."""

    RESIDENT = "resident"
    ABOVE = "above"
    """A task of a department (上级任务)."""
    PLAN = "plan"
    """Work that comes round again."""


class Datum(StrEnum):
    """What coordinates are measured on; Chinese map services shift theirs."""

    GCJ02 = "gcj02"
    WGS84 = "wgs84"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Location:
    """A point on the map, in degrees on the given datum, and what is written there."""

    latitude: float
    longitude: float
    datum: Datum = Datum.GCJ02
    label: str | None = None


class Stage(StrEnum):
    """What a photo shows: the matter as it was reported, or the work done."""

    REPORT = "report"
    OUTCOME = "outcome"
