"""Finding messages by what is said in them: words of two characters and more.

Texts are read in one spelling and without blanks. Every two and every three neighbouring
characters are a number of their own in an array under an inverted index. A word of two or three
characters is found exactly; a longer one by its threes, which hardly ever stand in one message
apart from each other.
"""

from sqlalchemy import ColumnElement

from app.core.problems import Invalid
from app.core.spelling import spelling
from app.groups.models import GroupMessage

SHORTEST = 2
_LONGEST = 4000
"""Characters of a message that are searched."""
_BITS = 21
"""Of a code point: three of them fill 63 bits, and two never look like three."""


def _folded(text: str) -> str:
    return "".join(text.translate(spelling).split())


def _numbers(text: str, length: int) -> set[int]:
    codes = [ord(char) for char in text]
    found = set()
    for at in range(len(codes) - length + 1):
        number = 0
        for code in codes[at : at + length]:
            number = number << _BITS | code
        found.add(number)
    return found


def grams(text: str) -> list[int]:
    """What a message is found by."""
    folded = _folded(text[:_LONGEST])[:_LONGEST]
    return sorted(_numbers(folded, 2) | _numbers(folded, 3))


def says(query: str) -> ColumnElement[bool]:
    """The condition that selects messages with all words of a query in them.

    Raises `Invalid` for words of fewer than two characters.
    """
    words = {word for part in query.split() if (word := _folded(part))}
    if not words or any(len(word) < SHORTEST for word in words):
        message = "each word needs at least two characters"
        raise Invalid(errors=[{"path": "query.q", "message": message}])
    wanted = set[int]().union(*(_numbers(word, min(len(word), 3)) for word in words))
    return GroupMessage.grams.contains(sorted(wanted))
