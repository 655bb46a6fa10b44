"""Forms and ballots drawn by chance, for what must hold of all of them."""

from typing import Any

from hypothesis import strategies as st

from app.polls.counting import checked, is_asked
from app.polls.forms import CHOOSING, OTHER, Condition, Form, Method, Option, Question
from app.polls.models import PollKind

KEYS = ("A", "B", "C", "D", "E")
BRANCHING = (Method.SINGLE, Method.MULTIPLE, Method.APPROVAL, Method.YES_NO)
_coin: st.SearchStrategy[Any] = st.booleans()
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "A", "B", "other", "yes", "maybe", "2026-02-30", "2026-11-23", " x\n"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["A", "B", "C"]), inner)
    ),
    max_leaves=5,
)


@st.composite
def questions(draw: st.DrawFn, key: str, method: Method) -> Question:
    """A question of this method, with options where it needs them and bounds that fit."""
    more: dict[str, Any] = {"required": draw(_coin)}
    options = draw(st.integers(2, 5)) if method in CHOOSING else 0
    keys = list(KEYS[:options])
    if method in {Method.SINGLE, Method.MULTIPLE, Method.APPROVAL} and draw(_coin):
        keys[-1] = OTHER
    if method in {Method.MULTIPLE, Method.RANKED}:
        more["least"] = draw(st.integers(0, options))
        more["most"] = draw(st.none() | st.integers(max(1, more["least"]), options))
    if method is Method.SCORE:
        more["top"] = draw(st.integers(1, 10))
    if method is Method.DOTS:
        more["dots"] = draw(st.integers(1, 12))
    more["reason"] = method in BRANCHING and draw(_coin)
    times = {"starts_at": "2026-12-01T10:00:00+08:00"} if method is Method.DATES else {}
    made = [Option.model_validate({"key": each, "text": each} | times) for each in keys]
    return Question(key=key, method=method, text=key, options=made, **more)


def _words_of(question: Question) -> list[str]:
    if question.method is Method.YES_NO:
        return ["yes", "no", "abstain"]
    return [option.key for option in question.options]


@st.composite
def forms(draw: st.DrawFn, methods: tuple[Method, ...] = tuple(Method), most: int = 4) -> Form:
    """Some questions, of which some are asked only after certain answers."""
    made: list[Question] = []
    for number in range(draw(st.integers(1, most))):
        question = draw(questions(f"q{number}", draw(st.sampled_from(methods))))
        earlier = [each for each in made if each.method in BRANCHING]
        if earlier and draw(_coin):
            before = draw(st.sampled_from(earlier))
            some = st.lists(st.sampled_from(_words_of(before)), min_size=1, unique=True)
            question.only_if = Condition(question=before.key, any_of=draw(some))
        made.append(question)
    return Form(questions=made)


@st.composite
def decisions(draw: st.DrawFn, kind: PollKind) -> Form:
    """What a meeting or an assembly decides on."""
    made = []
    for number in range(draw(st.integers(1, 3))):
        method = Method.YES_NO
        if kind is PollKind.MEETING:
            method = draw(st.sampled_from((Method.YES_NO, Method.SINGLE)))
        options = [] if method is Method.YES_NO else list("ABC")
        matter = draw(st.integers(1, 9)) if kind is PollKind.ASSEMBLY else None
        made.append(
            Question.model_validate(
                {
                    "key": f"q{number}",
                    "method": method,
                    "text": "?",
                    "required": draw(_coin),
                    "matter": matter,
                    "options": [{"key": key, "text": key} for key in options],
                }
            )
        )
    return Form(questions=made)


def answers(question: Question) -> st.SearchStrategy[Any]:
    """An answer that the question admits."""
    keys = _words_of(question)
    one = st.sampled_from(keys or ["A"])
    each = question.dots // max(1, len(keys))
    most = question.most or len(keys)
    said = st.sampled_from(["yes", "maybe", "no"])
    some = st.lists(one, unique=True, min_size=min(question.least, len(keys)), max_size=most)
    return {
        Method.SINGLE: one,
        Method.YES_NO: one,
        Method.APPROVAL: st.lists(one, unique=True),
        Method.MULTIPLE: some,
        Method.RANKED: some,
        Method.SCORE: st.fixed_dictionaries(dict.fromkeys(keys, st.integers(0, question.top))),
        Method.DATES: st.fixed_dictionaries(dict.fromkeys(keys, said)),
        Method.DOTS: st.dictionaries(one, st.integers(0, each)),
        Method.TEXT: st.sampled_from(["好", "  多种树 ", "a\nb"]),
        Method.NUMBER: st.integers(-(10**15), 10**15),
        Method.DATE: st.dates().map(str),
    }[question.method]


@st.composite
def choices(draw: st.DrawFn, form: Form) -> dict[str, Any]:
    """A ballot that fits the form, not yet in its canonical form."""
    choice: dict[str, Any] = {}
    for question in form.questions:
        if not is_asked(question, choice) or not (question.required or draw(_coin)):
            continue
        choice[question.key] = answer = draw(answers(question))
        if (answer == OTHER or (isinstance(answer, list) and OTHER in answer)) and draw(
            st.booleans()
        ):
            choice[f"{question.key}.other"] = draw(st.sampled_from(["树", " 花 "]))
        if question.reason and draw(_coin):
            choice[f"{question.key}.reason"] = "因为"
    return choice


@st.composite
def ballots(draw: st.DrawFn, form: Form, most: int = 12) -> list[tuple[str, int, int]]:
    """Canonical choices with how many chose so and the area of all of them."""
    votes = st.tuples(choices(form), st.integers(1, 4), st.integers(1, 30_000))
    return [
        (checked(form, choice), heads, heads * area)
        for choice, heads, area in draw(st.lists(votes, max_size=most))
    ]
