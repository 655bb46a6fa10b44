"""What an operator may read."""

from sqlalchemy import Select, select

from app.core.jobs import DeadLetter
from app.people.access import Actor


def dead_letters_of(me: Actor) -> Select[DeadLetter]:
    """Failed work of the caller's community."""
    return select(DeadLetter).where(DeadLetter.community_id == me.community_id)
