"""What is sent with the question whether somebody may."""

from collections.abc import Callable
from typing import Any

from tests.permissions.world import World

Asks = Callable[[World], dict[str, Any]]


def json(**fields: Any) -> dict[str, Any]:
    """A body of these fields."""
    return {"json": fields}
