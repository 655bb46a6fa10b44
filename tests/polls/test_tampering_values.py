"""Every single value of a bundle, altered and left out."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import reduce
from operator import getitem
from typing import Any

import pytest

from app.polls import recount
from tests.polls.bundling import Bundle, a_recorded_one, a_secret_one, an_assembly


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the single values of a bundle stand; not what is there for reading alone."""
    if path[:1] == ("links",) and path[2:3] in {("at",), ("payload",)}:
        return
    if isinstance(value, dict | list) and value:
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for name, part in parts:
            yield from places_in(part, (*path, name))
    else:
        yield path


def other_than(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return f"{value}x" if not value.endswith("0") else f"{value[:-1]}1"
    return 1


@pytest.mark.parametrize("made", [a_secret_one, a_recorded_one, an_assembly])
def test_no_single_value_of_a_bundle_can_be_altered_unseen(made: Callable[[], Bundle]) -> None:
    bundle = made()

    unseen = []
    for path in places_in(bundle):
        forged = deepcopy(bundle)
        holder = reduce(getitem, path[:-1], forged)
        holder[path[-1]] = other_than(holder[path[-1]])
        if not recount.check(forged):
            unseen.append(path)

    assert unseen == []


@pytest.mark.parametrize("made", [a_secret_one, a_recorded_one, an_assembly])
def test_no_single_value_of_a_bundle_can_be_left_out_unseen(made: Callable[[], Bundle]) -> None:
    bundle = made()

    unseen = []
    for path in places_in(bundle):
        forged = deepcopy(bundle)
        del reduce(getitem, path[:-1], forged)[path[-1]]
        if not recount.check(forged):
            unseen.append(path)

    assert unseen == []
