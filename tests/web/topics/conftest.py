"""The town of the topics, as its pages show it."""

from tests.polls.councils.conftest import council, sitting
from tests.polls.topics.conftest import (
    acting,
    discussed,
    far,
    homes,
    letters,
    neighbours,
    people,
    resolved,
    topic,
    town,
)

__all__ = [
    "acting",
    "council",
    "discussed",
    "far",
    "homes",
    "letters",
    "neighbours",
    "people",
    "resolved",
    "sitting",
    "topic",
    "town",
]
