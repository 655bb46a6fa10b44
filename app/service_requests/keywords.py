"""Which category somebody probably means, judged by the words of their report."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from app.service_requests.models import Category

_READ = 1000


def _plain(text: str) -> str:
    """The letters and digits alone, in one width and case."""
    folded = unicodedata.normalize("NFKC", text[:_READ]).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


@lru_cache(maxsize=4096)
def _parts(keyword: str) -> tuple[str, ...]:
    return tuple(_plain(part) for part in keyword.split())


def _weight(keyword: str, text: str) -> int:
    """How much a keyword says about a text: its length if all its parts are there, else nothing."""
    parts = _parts(keyword)
    return sum(map(len, parts)) if parts and all(part in text for part in parts) else 0


def suggest(categories: Sequence[Category], text: str) -> list[Category]:
    """The categories whose keywords speak for the text, best first; none when nothing does.

    The sum of the lengths of the matching keywords counts, then the longest one of them, then the
    order in which the categories came.
    """
    plain = _plain(text)
    found = []
    for index, category in enumerate(categories):
        weights = [_weight(keyword, plain) for keyword in category.keywords]
        if total := sum(weights):
            found.append((-total, -max(weights), index, category))
    return [category for *_, category in sorted(found, key=lambda each: each[:3])]
