"""Every command obeys the same rules."""

import inspect

import pytest

from app.chat import dispatch
from app.chat.commands import Command, commands, vocabulary
from app.chat.words import folded

ALL = [each for _, each in commands]
assert dispatch


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_it_says_what_it_does(each: Command) -> None:
    assert inspect.getdoc(each.run)
    assert inspect.getdoc(inspect.getmodule(each.run))


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_it_can_be_reached(each: Command) -> None:
    words = vocabulary(staff=True).names

    assert each.hears or any(words[word] == each.name for word, _ in each.words)


@pytest.mark.parametrize("each", [each for each in ALL if each.says], ids=lambda each: each.name)
def test_its_line_of_help_is_understood_when_tapped(each: Command) -> None:
    words = vocabulary(staff=True).names

    assert words[folded(each.name)] == each.name
    assert any(word.isascii() for word, _ in each.words), "no word in English"


@pytest.mark.parametrize("each", [each for each in ALL if each.flow], ids=lambda each: each.name)
def test_its_conversation_bears_its_name_and_can_be_answered(each: Command) -> None:
    assert each.flow is not None
    assert each.flow.name == each.name
    assert len({ask.name for ask in each.flow.asks}) == len(each.flow.asks)
    for ask in each.flow.asks:
        assert ask.offers or ask.hears


def test_no_two_commands_claim_one_word() -> None:
    claimed: dict[str, str] = {}
    for each in ALL:
        for word, _ in each.words:
            owner = claimed.setdefault(word, each.name)
            assert owner == each.name, word
