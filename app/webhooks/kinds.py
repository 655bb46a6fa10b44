"""Which kinds of messages there are, and what of a fact leaves the house.

Whoever subscribes is outside our doors, so that only ids, numbers, moments and words of our own
leave: no name, no reason that somebody wrote, no old and new value. Nor does it leave who did it,
only whether it was a person, a program, or the service itself: of an anonymous matter that would
be its author, if not by this fact, then by the one beside it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, NamedTuple, get_args
from uuid import UUID

from app.core.facts import Event

TEST = "webhook.test"
_ALL = ".*"
_OURS = (UUID, int, float, bool, datetime, date, StrEnum, NoneType)
_FIELD_NAMES = frozenset({"changed", "fields"})
"""Lists of names of columns; other text may be what somebody wrote."""


class Kind(NamedTuple):
    """A kind of message, and the sentence that says when it is sent."""

    kind: str
    says: str


_declared: dict[str, str] = {
    TEST: "Somebody wants to know whether messages arrive; it is sent to whom it is asked for."
}


def declare(kind: str, says: str) -> None:
    """Announce a kind of message that is no fact; it is subscribed to by its whole name alone."""
    _declared[kind] = says


def catalogue() -> list[Kind]:
    """Every kind of message there is, by name."""
    facts = {kind: (event.__doc__ or "").partition("\n")[0] for kind, event in Event.kinds.items()}
    return [Kind(*each) for each in sorted((facts | _declared).items())]


def patterns(kind: str) -> list[str]:
    """How a subscription may name this kind: in full, or as one of all that begin so."""
    parts = kind.split(".")
    return [kind, *(".".join(parts[:length]) + _ALL for length in range(1, len(parts)))]


def unknown(kinds: list[str]) -> list[str]:
    """Those of these names by which nothing is ever sent."""
    known = {pattern for kind in Event.kinds for pattern in patterns(kind)} | _declared.keys()
    return [kind for kind in kinds if kind not in known]


def _is_ours(annotation: Any) -> bool:
    if arguments := get_args(annotation):
        return all(_is_ours(each) for each in arguments)
    return isinstance(annotation, type) and issubclass(annotation, _OURS)


@cache
def _leaving(event: type[Event]) -> list[str]:
    fields = event.model_fields.items()
    return [name for name, field in fields if name in _FIELD_NAMES or _is_ours(field.annotation)]


def outward(fact: Mapping[str, Any], event: Event) -> dict[str, Any]:
    """The payload of the message that tells of this fact."""
    return {
        "type": fact["kind"],
        "timestamp": fact["at"].isoformat(),
        "data": {
            "community_id": str(fact["community_id"]),
            "actor": fact["actor_kind"],
            **{name: fact["payload"][name] for name in _leaving(type(event))},
        },
    }
