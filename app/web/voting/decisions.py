"""What a meeting or an assembly decided: each threshold in words and numbers, with its article."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.core.i18n import _
from app.polls.forms import ABSTAIN, NO, Matter
from app.polls.rules import (
    ATTENDANCE,
    MEETING_MAJORITY,
    ORDINARY_MAJORITY,
    QUORUM,
    SPECIAL_MAJORITY,
)
from app.web.voting.words import matter_article, matter_word, share, square_metres


@dataclass(frozen=True, slots=True)
class Decided:
    """Whether it is decided, and every threshold with what was reached."""

    passed: bool
    verdict: str
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Threshold:
    """What must be reached of a whole: at least the share, or more than it."""

    least: Fraction
    above: bool

    def reached(self, part: int, whole: int) -> bool:
        """Exactly, in whole numbers; of nothing nothing is reached."""
        have = part * self.least.denominator
        need = whole * self.least.numerator
        return whole > 0 and (have > need if self.above else have >= need)

    @property
    def words(self) -> str:
        """As the law puts it."""
        if self.above:
            return _("过半数")
        return {Fraction(2, 3): _("三分之二以上"), Fraction(3, 4): _("四分之三以上")}[self.least]


TAKING_PART = Threshold(QUORUM, above=False)
SPECIAL = Threshold(SPECIAL_MAJORITY, above=False)
ORDINARY = Threshold(ORDINARY_MAJORITY, above=True)
PRESENT = Threshold(ATTENDANCE, above=True)
CARRYING = Threshold(MEETING_MAJORITY, above=True)


def _verdict_of(*, reached: bool) -> str:
    return _("达到") if reached else _("未达到")


def _both(
    part: Mapping[str, int], whole: Mapping[str, int], threshold: Threshold, *, sentence: str
) -> Iterator[str]:
    """The sentence for the area, and for the heads."""
    for name, unit, told in (
        (_("专有部分面积"), "area", square_metres),
        (_("人数"), "heads", lambda heads: _("{heads} 人").format(heads=heads)),
    ):
        yield sentence.format(
            of=name,
            part=told(part[unit]),
            whole=told(whole[unit]),
            share=share(part[unit], whole[unit]),
            needed=threshold.words,
            verdict=_verdict_of(reached=threshold.reached(part[unit], whole[unit])),
        )


def of_assembly(matter: Matter, found: Mapping[str, Any]) -> Decided:
    """A decision of the owners (民法典 §278)."""
    needed = SPECIAL if found["special"] else ORDINARY
    reasons = [
        _("事项：{matter}（{article}）。").format(
            matter=matter_word(matter), article=matter_article(matter)
        ),
        *_both(
            found["participating"],
            found["total"],
            TAKING_PART,
            sentence=_(
                "参与表决的{of} {part}，占全体的 {share}（全体 {whole}）；"
                "须{needed}参与表决：{verdict}。"
            ),
        ),
        *_both(
            found["agree"],
            found["participating"],
            needed,
            sentence=_(
                "同意的{of} {part}，占参与表决的 {share}（参与表决 {whole}）；"
                "须{needed}同意：{verdict}。"
            ),
        ),
        _(
            "反对 {against} 人、{against_area}；弃权 {abstain} 人、{abstain_area}。"
            "比例只写到小数点后两位、不进位；"
            "是否达到，按面积（以 0.01 平方米计）和人数的整数精确计算。"
        ).format(
            against=found["against"]["heads"],
            against_area=square_metres(found["against"]["area"]),
            abstain=found["abstain"]["heads"],
            abstain_area=square_metres(found["abstain"]["area"]),
        ),
    ]
    return Decided(found["passed"], _assembly_verdict(found), reasons)


def _assembly_verdict(found: Mapping[str, Any]) -> str:
    if found["passed"]:
        return _("表决通过")
    if not found["quorum"]:
        return _("未通过：参与表决的业主不够法定比例")
    return _("未通过：同意的业主不够法定比例")


def of_meeting(found: Mapping[str, Any], labels: Mapping[str, str]) -> Decided:
    """A decision of a residents' meeting (城市居民委员会组织法 §9)."""
    attended, electorate = found["attended"], found["electorate"]
    carried = found["carried"]
    reasons = [
        _("应到 {electorate}，出席 {attended}，占 {share}；须{needed}出席：{verdict}。").format(
            electorate=electorate,
            attended=attended,
            share=share(attended, electorate),
            needed=PRESENT.words,
            verdict=_verdict_of(reached=PRESENT.reached(attended, electorate)),
        ),
        _("由出席人的过半数通过，即至少 {needed} 票（《城市居民委员会组织法》第九条）。").format(
            needed=attended // 2 + 1
        ),
    ]
    passed = carried not in {None, NO, ABSTAIN}
    return Decided(passed, _meeting_verdict(found, labels), reasons)


def _meeting_verdict(found: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    carried = found["carried"]
    if carried is None and not found["quorum"]:
        return _("未通过：出席人数没有过半")
    if carried is None:
        return _("未通过：没有一项得到出席人过半数的票")
    if carried in {NO, ABSTAIN}:
        return _("未通过：出席人的过半数{option}").format(option=labels[carried])
    return _("表决通过：{option}").format(option=labels[carried])
