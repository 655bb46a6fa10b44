"""Whether a form makes sense for its kind of poll, before anybody is asked by it."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from app.core.problems import Invalid
from app.polls.forms import (
    ABSTAIN,
    CHOOSING,
    FEWEST_OPTIONS,
    MOST_OPTIONS,
    NO,
    OTHER,
    WRITING,
    YES,
    Condition,
    Form,
    Method,
    Question,
)
from app.polls.models import PollKind, Secrecy

Fault: TypeAlias = tuple[str, str]
"""The path of a field below `body.form`, and what is wrong with it."""

_COUNTED = frozenset({Method.MULTIPLE, Method.RANKED})
_WITH_OTHER = frozenset({Method.SINGLE, Method.MULTIPLE, Method.APPROVAL})
_BRANCHING = _WITH_OTHER | {Method.YES_NO}
_MET = frozenset({Method.SINGLE, Method.YES_NO})


def _twice(keys: Iterable[str], path: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield path.format(index), "is there twice"
        seen.add(key)


def _options(question: Question) -> Iterator[Fault]:
    """Questions that choose have 2 to 50 options, each with its key; only dates have times."""
    if question.method not in CHOOSING:
        if question.options:
            yield "options", "are not for this method"
        return
    if not FEWEST_OPTIONS <= len(question.options) <= MOST_OPTIONS:
        yield "options", f"must be {FEWEST_OPTIONS} to {MOST_OPTIONS}"
    yield from _twice((option.key for option in question.options), "options.{}.key")
    dates = question.method is Method.DATES
    for index, option in enumerate(question.options):
        if dates and (option.starts_at is None or option.starts_at.tzinfo is None):
            yield f"options.{index}.starts_at", "must be a time with its offset"
        if not dates and option.starts_at is not None:
            yield f"options.{index}.starts_at", "is for dates alone"
        if option.key == OTHER and question.method not in _WITH_OTHER:
            yield f"options.{index}.key", "is for single, multiple and approval alone"


def _bounds(question: Question) -> Iterator[Fault]:
    """How many must and may be named fits the options, and nothing is said that has no effect."""
    usual = {name: field.default for name, field in Question.model_fields.items()}
    counted = question.method in _COUNTED
    used = {
        "least": counted,
        "most": counted,
        "top": question.method is Method.SCORE,
        "dots": question.method is Method.DOTS,
        "reason": question.method not in WRITING,
    }
    for name, has_effect in used.items():
        if not has_effect and getattr(question, name) != usual[name]:
            yield name, "is not for this method"
    most = len(question.options) if question.most is None else question.most
    if counted and most > len(question.options):
        yield "most", "is more than there are options"
    if counted and question.least > most:
        yield "least", "is more than may be named"


def _answers(question: Question) -> set[str]:
    if question.method is Method.YES_NO:
        return {YES, NO, ABSTAIN}
    return {option.key for option in question.options}


def _condition(condition: Condition, earlier: dict[str, Question]) -> Iterator[Fault]:
    """A condition is about what was chosen in a question before it."""
    asked = earlier.get(condition.question)
    if asked is None:
        yield "only_if.question", "is not an earlier question"
    elif asked.method not in _BRANCHING:
        yield "only_if.question", "must be single, multiple, approval or yes_no"
    elif not set(condition.any_of) <= _answers(asked):
        yield "only_if.any_of", "are not all options of that question"


def _secret(question: Question) -> Iterator[Fault]:
    """Nothing in one's own words is secret."""
    if question.method in WRITING:
        yield "method", "cannot be secret: own words tell who wrote them"
    if question.reason:
        yield "reason", "cannot be secret: own words tell who wrote them"
    for index, option in enumerate(question.options):
        if option.key == OTHER:
            yield f"options.{index}.key", "cannot be secret: own words tell who wrote them"


def _survey(_question: Question) -> Iterator[Fault]:
    yield from ()


def _poll(question: Question) -> Iterator[Fault]:
    if question.method in WRITING:
        yield "method", "is for surveys alone"


def _decision(question: Question) -> Iterator[Fault]:
    """What is decided is put before everybody, and nobody adds to it."""
    if question.only_if is not None:
        yield "only_if", "must be empty: everybody is asked the same"
    for index, option in enumerate(question.options):
        if option.key == OTHER:
            yield f"options.{index}.key", "cannot be decided: it says nothing yet"


def _meeting(question: Question) -> Iterator[Fault]:
    if question.method not in _MET:
        yield "method", "must be yes_no or single in a residents' meeting"
    yield from _decision(question)


def _assembly(question: Question) -> Iterator[Fault]:
    if question.method is not Method.YES_NO:
        yield "method", "must be yes_no in an owners' assembly"
    if question.matter is None:
        yield "matter", "must be named in an owners' assembly"
    yield from _decision(question)


_by_kind: dict[PollKind, Callable[[Question], Iterator[Fault]]] = {
    PollKind.POLL: _poll,
    PollKind.SURVEY: _survey,
    PollKind.MEETING: _meeting,
    PollKind.ASSEMBLY: _assembly,
}


def _of(
    question: Question, earlier: dict[str, Question], kind: PollKind, secrecy: Secrecy
) -> Iterator[Fault]:
    yield from _options(question)
    yield from _bounds(question)
    if question.only_if is not None:
        yield from _condition(question.only_if, earlier)
    if question.matter is not None and kind is not PollKind.ASSEMBLY:
        yield "matter", "is for an owners' assembly alone"
    if secrecy is Secrecy.SECRET:
        yield from _secret(question)
    yield from _by_kind[kind](question)


def _faults(form: Form, kind: PollKind, secrecy: Secrecy) -> Iterator[Fault]:
    yield from _twice((section.key for section in form.sections), "sections.{}.key")
    yield from _twice((question.key for question in form.questions), "questions.{}.key")
    sections = {section.key for section in form.sections}
    earlier: dict[str, Question] = {}
    for index, question in enumerate(form.questions):
        path = f"questions.{index}"
        if question.section is not None and question.section not in sections:
            yield f"{path}.section", "is none of the sections"
        for field, said in _of(question, earlier, kind, secrecy):
            yield f"{path}.{field}", said
        earlier[question.key] = question


def checked_form(form: Form, kind: PollKind, secrecy: Secrecy) -> None:
    """Refuse with `Invalid` a form that makes no sense; its errors name every field at fault.

    Their paths are those of the body that the form came in: `body.form.questions.0.options`.
    """
    errors = [
        {"path": f"body.form.{path}", "message": said}
        for path, said in _faults(form, kind, secrecy)
    ]
    if kind is PollKind.ASSEMBLY and secrecy is Secrecy.SECRET:
        message = "areas tell homes: an owners' assembly is recorded"
        errors.append({"path": "body.secrecy", "message": message})
    if errors:
        raise Invalid(errors=errors)
