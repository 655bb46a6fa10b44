"""A PostgreSQL under the data directory, and the proof that a server keeps what it took."""

from app.core.postgres.durability import NotDurable, TooOld, Unfit, check_durability
from app.core.postgres.home import NotStarted
from app.core.postgres.server import NotStopped, alive, running, start, stop

__all__ = [
    "NotDurable",
    "NotStarted",
    "NotStopped",
    "TooOld",
    "Unfit",
    "alive",
    "check_durability",
    "running",
    "start",
    "stop",
]
