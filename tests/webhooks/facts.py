"""Facts of the tests' own, so that what else happens in a town is not told."""

from uuid import UUID

from app.core.facts import Event


class BellRung(Event, kind="test_hook.bell.rung", subject="bell_id"):
    """Somebody rang."""

    bell_id: UUID


class LampLit(Event, kind="test_hook.lamp.lit", subject="lamp_id"):
    """Somebody made light, and said why."""

    lamp_id: UUID
    bright: bool
    reason: str
    was: dict[str, str]
    changed: list[str]
