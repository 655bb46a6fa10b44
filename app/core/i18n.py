"""Words in the reader's language: Chinese is the source, English the first translation.

Message ids of the interface are Chinese and need no Chinese catalogue; titles of problems are
English sentences in the code and have one. A missing translation shows the source.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALES = ("zh", "en")
FOLDER = Path(__file__).parent.parent / "locale"

_locale: ContextVar[str] = ContextVar("locale", default="zh")


@cache
def catalogue(locale: str) -> dict[str, str]:
    """Every translated message of a locale, by its source."""
    with (FOLDER / f"{locale}.po").open("rb") as file:
        messages = read_po(file)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string}


def _(message: str) -> str:
    """The message in the language of whoever will read it."""
    return catalogue(_locale.get()).get(message, message)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name, which extraction looks for
    """Mark a message for translation where it is defined; `_` translates it where it is shown."""
    return message


def locale() -> str:
    """The language in force, `zh` or `en`."""
    return _locale.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Use this language inside the block; an unknown one is Chinese."""
    token = _locale.set(language if language in LOCALES else "zh")
    try:
        yield
    finally:
        _locale.reset(token)


def preferred(accept_language: str) -> str:
    """The language to answer an `Accept-Language` header in; Chinese when it does not say."""
    for part in accept_language[:200].split(","):
        tag = part.partition(";")[0].strip().lower()
        for known in LOCALES:
            if tag == known or tag.startswith(f"{known}-"):
                return known
    return "zh"
