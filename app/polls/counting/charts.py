"""A result as charts: what is drawn, in the reader's words, ready for any library."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from app.core.i18n import _
from app.polls.forms import ABSTAIN, MAYBE, NO, WRITING, YES, Form, Method, Question


class Series(TypedDict):
    """A value for every label; null where there is none."""

    name: str
    values: list[int | float | None]


class Chart(TypedDict):
    """`bar`: a bar for each label and series; `stacked`: a bar for each label, of all series;

    `rounds`: a series for each round. `total` is how many answered.
    """

    question: str
    text: str
    type: str
    labels: list[str]
    series: list[Series]
    total: int


def _stance(word: str) -> str:
    return {YES: _("同意"), NO: _("反对"), ABSTAIN: _("弃权")}[word]


def _labels(question: Question, keys: Sequence[str]) -> list[str]:
    if question.method is Method.YES_NO:
        return [_stance(key) for key in keys]
    texts = {option.key: option.text for option in question.options}
    return [texts[key] for key in keys]


def _keys(question: Question) -> list[str]:
    if question.method is Method.YES_NO:
        return [YES, NO, ABSTAIN]
    return [option.key for option in question.options]


def _chart(
    question: Question,
    found: Mapping[str, Any],
    kind: str,
    labels: list[str],
    series: Sequence[tuple[str, Sequence[int | float | None]]],
) -> Chart:
    return Chart(
        question=question.key,
        text=question.text,
        type=kind,
        labels=labels,
        series=[Series(name=name, values=list(values)) for name, values in series],
        total=found["answered"],
    )


def _bar(question: Question, found: Mapping[str, Any]) -> Chart:
    keys = _keys(question)
    labels = _labels(question, keys)
    if question.method is Method.DOTS:
        return _chart(
            question, found, "bar", labels, [(_("点数"), [found["sums"][key] for key in keys])]
        )
    counts = [found["counts"][key] for key in keys]
    return _chart(question, found, "bar", labels, [(_("票数"), counts)])


def _scores(question: Question, found: Mapping[str, Any]) -> Chart:
    keys = _keys(question)
    series = [
        (_("{score}分").format(score=score), [found["counts"][key][score] for key in keys])
        for score in range(question.top + 1)
    ]
    return _chart(question, found, "stacked", _labels(question, keys), series)


def _dates(question: Question, found: Mapping[str, Any]) -> Chart:
    keys = _keys(question)
    said = {YES: _("可以"), MAYBE: _("也许可以"), NO: _("不行")}
    series = [(name, [found["counts"][key][word] for key in keys]) for word, name in said.items()]
    return _chart(question, found, "stacked", _labels(question, keys), series)


def _rounds(question: Question, found: Mapping[str, Any]) -> Chart:
    keys = _keys(question)
    labels = [*_labels(question, keys), _("没有下一选择")]
    series = [
        (
            _("第{number}轮").format(number=number),
            [*(each["counts"].get(key) for key in keys), each["exhausted"]],
        )
        for number, each in enumerate(found["rounds"], start=1)
    ]
    return _chart(question, found, "rounds", labels, series)


def _matter(question: Question, found: Mapping[str, Any]) -> Chart:
    """Heads and areas side by side, against all owners; areas in square metres, to be looked at."""
    decision = found["decision"]
    said = [decision[each] for each in ("agree", "against", "abstain")]
    labels = [*(_stance(word) for word in (YES, NO, ABSTAIN)), _("未表态")]

    def of(unit: str) -> list[int]:
        given = [each[unit] for each in said]
        return [*given, decision["total"][unit] - sum(given)]

    area = [each / 100 for each in of("area")]
    series: list[tuple[str, Sequence[int | float | None]]] = [
        (_("业主人数"), of("heads")),
        (_("专有部分面积（平方米）"), area),
    ]
    return _chart(question, found, "bar", labels, series)


def charts_of(form: Form, result: Mapping[str, Any]) -> list[Chart]:
    """A chart for every question that can be drawn, in the order of the form.

    What was written in one's own words cannot.
    """
    drawn = {Method.SCORE: _scores, Method.DATES: _dates, Method.RANKED: _rounds}
    charts = []
    for question in form.questions:
        found = result["questions"][question.key]
        if question.method in WRITING:
            continue
        assembly = "total" in found.get("decision", {})
        draw = _matter if assembly else drawn.get(question.method, _bar)
        charts.append(draw(question, found))
    return charts
