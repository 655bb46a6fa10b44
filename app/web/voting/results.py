"""A result as tables with bars, and a decision as sentences with its thresholds and articles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import _
from app.polls.forms import Form, Matter, Method, Option, Question
from app.web.times import moment
from app.web.voting.decisions import Decided, of_assembly, of_meeting
from app.web.voting.words import answer_word, method_word, share

Counted = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, and the length of its bar in hundredths of the longest possible."""

    label: str
    cells: list[str]
    bar: int | None = None
    leading: bool = False


@dataclass
class Shown:
    """What came of one question."""

    number: int
    text: str
    method: str
    answered: int
    heads: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    mark: str = ""
    """What a leading row is called."""
    decided: Decided | None = None


def option_word(option: Option) -> str:
    """An option as it is shown: a date with its time."""
    return f"{moment(option.starts_at)} {option.text}" if option.starts_at else option.text


def _labels(question: Question) -> dict[str, str]:
    if question.method is Method.YES_NO:
        return {key: answer_word(key) for key in ("yes", "no", "abstain")}
    return {option.key: option_word(option) for option in question.options}


def _hundredths(part: int, whole: int) -> int:
    return part * 100 // whole if whole else 0


def _counted(question: Question, found: Counted, shown: Shown) -> None:
    """Options by how many chose them; several may have been chosen at once."""
    counts, whole = found["counts"], found["answered"]
    shown.heads = [_("票数"), _("占比")]
    shown.rows = [
        Row(
            label,
            [str(counts[key]), share(counts[key], whole)],
            _hundredths(counts[key], whole),
            key in found["leading"],
        )
        for key, label in _labels(question).items()
    ]
    if question.method in {Method.MULTIPLE, Method.APPROVAL}:
        shown.said.append(_("可以选多项；占比按作答的票数算，加起来可以超过 100%。"))


def _scored(question: Question, found: Counted, shown: Shown) -> None:
    sums, whole = found["sums"], found["answered"]
    shown.heads = [_("总分"), _("平均"), *(str(score) for score in range(question.top + 1))]
    shown.rows = [
        Row(
            label,
            [str(sums[key]), _mean(sums[key], whole), *map(str, found["counts"][key])],
            _hundredths(sums[key], whole * question.top),
            key in found["leading"],
        )
        for key, label in _labels(question).items()
    ]
    shown.said.append(_("平均分后面各列，是打 0 分到 {top} 分的票数。").format(top=question.top))


def _mean(total: int, number: int) -> str:
    """To two places, cut."""
    if number == 0:
        return "—"
    hundredths = total * 100 // number
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _dotted(question: Question, found: Counted, shown: Shown) -> None:
    sums = found["sums"]
    given = sum(sums.values())
    shown.heads = [_("点数"), _("占比")]
    shown.rows = [
        Row(
            label,
            [str(sums[key]), share(sums[key], given)],
            _hundredths(sums[key], given),
            key in found["leading"],
        )
        for key, label in _labels(question).items()
    ]


def _dated(question: Question, found: Counted, shown: Shown) -> None:
    shown.heads = [_("可以"), _("也许"), _("不行")]
    shown.rows = [
        Row(
            label,
            [str(found["counts"][key][each]) for each in ("yes", "maybe", "no")],
            _hundredths(found["counts"][key]["yes"], found["answered"]),
            key in found["leading"],
        )
        for key, label in _labels(question).items()
    ]


def _ranked(question: Question, found: Counted, shown: Shown) -> None:
    """A column for every round; who was put out has no votes in the next."""
    rounds, labels = found["rounds"], _labels(question)
    shown.heads = [_("第 {number} 轮").format(number=n) for n in range(1, len(rounds) + 1)]
    last = rounds[-1]["counts"] if rounds else {}
    whole = sum(last.values())
    shown.rows = [
        Row(
            label,
            [str(each["counts"].get(key, "—")) for each in rounds],
            _hundredths(last.get(key, 0), whole),
            key == found["winner"],
        )
        for key, label in labels.items()
    ]
    shown.rows.append(Row(_("没有下一个选择的票"), [str(each["exhausted"]) for each in rounds]))
    shown.said += _rounds_told(rounds, labels)
    if found["winner"]:
        winner = labels[found["winner"]]
        shown.said.append(_("“{option}”过半数，胜出。").format(option=winner))
    elif found["tied"]:
        tied = "、".join(labels[key] for key in found["tied"])
        shown.said.append(_("{options}票数相同，分不出胜负。").format(options=tied))


def _rounds_told(rounds: Sequence[Counted], labels: Mapping[str, str]) -> list[str]:
    return [
        _("第 {number} 轮后淘汰：{options}；这些票转给各自的下一个选择。").format(
            number=number, options="、".join(labels[key] for key in each["out"])
        )
        for number, each in enumerate(rounds, 1)
        if each["out"]
    ]


def _number(_question: Question, found: Counted, shown: Shown) -> None:
    if found["answered"]:
        shown.said.append(
            _("合计 {sum}，平均 {mean}，最小 {least}，最大 {greatest}。").format(
                sum=found["sum"],
                mean=_mean(found["sum"], found["answered"])
                if found["sum"] >= 0
                else f"{found['sum'] / found['answered']:.2f}",
                least=found["least"],
                greatest=found["greatest"],
            )
        )


def _written(_question: Question, _found: Counted, shown: Shown) -> None:
    shown.said.append(_("文字内容不公布。"))


_TABLES: Mapping[Method, Callable[[Question, Counted, Shown], None]] = {
    Method.SINGLE: _counted,
    Method.MULTIPLE: _counted,
    Method.APPROVAL: _counted,
    Method.YES_NO: _counted,
    Method.RANKED: _ranked,
    Method.SCORE: _scored,
    Method.DOTS: _dotted,
    Method.DATES: _dated,
    Method.NUMBER: _number,
    Method.TEXT: _written,
    Method.DATE: _written,
}


def shown_of(form: Form, result: Counted) -> list[Shown]:
    """A whole result, question by question, as `counting` gives it."""
    return [
        _one(number, question, result["questions"][question.key])
        for number, question in enumerate(form.questions, 1)
        if question.key in result["questions"]
    ]


def _one(number: int, question: Question, found: Counted) -> Shown:
    shown = Shown(
        number, question.text, method_word(question.method), found["answered"], mark=_("最多")
    )
    _TABLES[question.method](question, found, shown)
    if question.method is Method.RANKED:
        shown.mark = _("胜出")
    if decision := found.get("decision"):
        if "matter" in decision:
            shown.decided = of_assembly(Matter(decision["matter"]), decision)
        else:
            shown.decided = of_meeting(decision, _labels(question))
    return shown
