"""A PostgreSQL under the data directory, and the proof that a server keeps what it took."""

from app.core.postgres.durability import check_durability
from app.core.postgres.errors import (
    NotDurable,
    NotStarted,
    NotStopped,
    PostgresError,
    TooOld,
    Unfit,
)
from app.core.postgres.server import alive, running, start, stop

__all__ = [
    "NotDurable",
    "NotStarted",
    "NotStopped",
    "PostgresError",
    "TooOld",
    "Unfit",
    "alive",
    "check_durability",
    "running",
    "start",
    "stop",
]
