"""Every word a person may read is there in both languages."""

from collections.abc import Iterator
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir

from app import worker
from app.core.i18n import catalogue
from app.core.migrations import ROOT
from app.core.problems import Problem

METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]


@pytest.fixture(scope="module")
def messages() -> list[tuple[str, str]]:
    """Every message of the interface, and the file it is in."""
    found = extract_from_dir(
        ROOT / "app", METHODS, keywords={"_": None, "N_": None, "gettext": None}
    )
    return [(str(message), file) for file, _line, message, _comments, _context in found]


def kinds_of(problem: type[Problem]) -> Iterator[type[Problem]]:
    for kind in problem.__subclasses__():
        yield kind
        yield from kinds_of(kind)


def names_in(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name is not None}


def test_every_message_is_in_english_too(messages: list[tuple[str, str]]) -> None:
    english = catalogue("en")

    assert len(messages) > 100
    assert sorted({(file, text) for text, file in messages if text not in english}) == []


def test_a_translation_keeps_the_places_to_fill_in(messages: list[tuple[str, str]]) -> None:
    english = catalogue("en")
    wrong = [text for text, _ in messages if names_in(english.get(text, text)) != names_in(text)]

    assert wrong == []


def test_every_problem_has_a_title_in_both_languages() -> None:
    worker.load()
    import app.main  # noqa: F401, PLC0415 - the edges declare problems too

    chinese = catalogue("zh")
    missing = {
        kind.title()
        for kind in kinds_of(Problem)
        if kind.__module__.startswith("app.") and kind.title() not in chinese
    }

    assert sorted(missing) == []


def test_no_translation_is_left_over(messages: list[tuple[str, str]]) -> None:
    known = {text for text, _ in messages}

    assert sorted(set(catalogue("en")) - known) == []
