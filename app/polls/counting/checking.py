"""Whether a ballot fits its questions, and the one text that it is kept and counted by."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.polls.counting.answers import line, prose, read
from app.polls.forms import OTHER, Form, Question
from app.polls.problems import BallotInvalid
from app.polls.recount import canonical

Reading = Callable[[object], str]

_NAMEABLE = re.compile(r"[A-Za-z0-9_.]{1,40}")


def is_asked(question: Question, answers: Mapping[str, Any]) -> bool:
    """Whether who gave these answers to the questions before it, where asked, is asked this one."""
    if question.only_if is None:
        return True
    answer = answers.get(question.only_if.question)
    chosen = answer if isinstance(answer, list) else [answer]
    return any(key in chosen for key in question.only_if.any_of)


def _beside(question: Question, answer: object) -> Iterator[tuple[str, bool, Reading]]:
    """What may be written beside an answer: its key, whether it may, and how it is read."""
    has_other = any(option.key == OTHER for option in question.options)
    is_other = answer == OTHER or (isinstance(answer, list) and OTHER in answer)
    yield f"{question.key}.other", has_other and is_other, line
    yield f"{question.key}.reason", question.reason and answer is not None, prose


class _Ballot:
    """A ballot as it is read, question by question."""

    def __init__(self, given: Mapping[Any, Any]) -> None:
        self.left = {key: answer for key, answer in given.items() if answer is not None}
        self.kept: dict[str, Any] = {}
        self.wrong: dict[str, str] = {}
        self.unknown: set[str] = set()
        """Questions of which nobody can say what was answered."""

    def take(self, question: Question) -> None:
        """Read the answer to a question, if it was asked and is there."""
        key = question.key
        if question.only_if is not None and question.only_if.question in self.unknown:
            self.unknown.add(key)
            for name in (key, f"{key}.other", f"{key}.reason"):
                self.left.pop(name, None)
        elif not is_asked(question, self.kept):
            if self.left.pop(key, None) is not None:
                self.wrong[key] = "was not asked"
            self._take_words(question)
        else:
            self._take_answer(question)
            self._take_words(question)

    def _take_answer(self, question: Question) -> None:
        answer = self.left.pop(question.key, None)
        if answer is None:
            if question.required:
                self._refuse(question.key, "is required")
            return
        try:
            self.kept[question.key] = read(question, answer)
        except ValueError as error:
            self._refuse(question.key, str(error))

    def _take_words(self, question: Question) -> None:
        if question.key in self.unknown:
            answer: Any = [OTHER]
        else:
            answer = self.kept.get(question.key)
        for key, allowed, reading in _beside(question, answer):
            if (said := self.left.pop(key, None)) is None:
                continue
            if not allowed:
                self.wrong[key] = "was not asked"
                continue
            try:
                self.kept[key] = reading(said)
            except ValueError as error:
                self.wrong[key] = str(error)

    def _refuse(self, key: str, message: str) -> None:
        self.wrong[key] = message
        self.unknown.add(key)


def _path(key: object) -> str:
    """Where it stands; what could not be printed is not repeated."""
    return f"choice.{key}" if isinstance(key, str) and _NAMEABLE.fullmatch(key) else "choice"


def checked(form: Form, choice: Mapping[str, Any]) -> str:
    """The canonical text of a ballot that fits the form; the same text again for what it holds.

    `choice` is `{question key: answer}`, with `<key>.other` and `<key>.reason` where they go; null
    is as good as nothing. Raises `BallotInvalid`, whose errors name every question at fault.
    """
    if not isinstance(choice, Mapping):
        raise BallotInvalid(errors=[{"path": "choice", "message": "is not an object"}])
    ballot = _Ballot(choice)
    for question in form.questions:
        ballot.take(question)
    errors = [{"path": _path(key), "message": said} for key, said in ballot.wrong.items()]
    errors += [{"path": _path(key), "message": "is no question"} for key in ballot.left]
    if errors:
        raise BallotInvalid(errors=errors)
    return canonical(ballot.kept).decode()
