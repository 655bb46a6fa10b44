"""What the columns of a catalogue's spreadsheet mean, and how their cells are written and read."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.i18n import _
from app.people.models import Speciality
from app.service_requests.limits import Limit, Unit
from app.service_requests.models import Dispatch, PlaceRule, VisitPolicy

_WORDS: Mapping[type, Mapping[Any, str]] = {
    Speciality: {
        Speciality.CIVILITY: "文明",
        Speciality.SAFETY: "平安",
        Speciality.WELFARE: "民生",
        Speciality.CULTURE: "文体",
        Speciality.LAW: "法治",
        Speciality.COUNSELLING: "心理",
        Speciality.PROPERTY: "物业",
        Speciality.GENERAL: "综合",
    },
    Dispatch: {
        Dispatch.RULE: "规则",
        Dispatch.TURNS: "轮流",
        Dispatch.TAKING: "抢单",
        Dispatch.HAND: "人工",
    },
    PlaceRule: {
        PlaceRule.ASKED: "询问",
        PlaceRule.HOME: "住所",
        PlaceRule.BUILDING: "楼栋",
        PlaceRule.GRID: "网格",
        PlaceRule.COMMUNITY: "社区",
    },
    VisitPolicy: {
        VisitPolicy.NONE: "不回访",
        VisitPolicy.ASKED: "消息回访",
        VisitPolicy.CALLED: "电话回访",
    },
}
_YES = frozenset({"是", "有", "√", "1", "y", "yes", "true"})
_NO = frozenset({"否", "无", "×", "0", "n", "no", "false"})
_UNITS = {
    Unit.MINUTES: "分钟",
    Unit.HOURS: "小时",
    Unit.DAYS: "天",
    Unit.WORKING_HOURS: "个工作小时",
    Unit.WORKING_DAYS: "个工作日",
}
_BY_UNIT = {word: unit for unit, word in _UNITS.items()} | {
    "日": Unit.DAYS,
    "工作日": Unit.WORKING_DAYS,
    "工作小时": Unit.WORKING_HOURS,
}
_LIMIT = re.compile(r"([0-9]+)(\D+)")
_BETWEEN = "、,，;；\n"
_ITEM = re.compile(rf'\s*(?:"((?:[^"]|"")*)"\s*(?=[{_BETWEEN}]|$)|([^{_BETWEEN}]+))')


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its field, its heading, and its cells both ways; `ValueError` says what is wrong.

    A cell that is empty reads as `usual`.
    """

    field: str
    heading: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    usual: Any = None

    @property
    def headings(self) -> set[str]:
        """What may stand above it, in Chinese, in English, or both."""
        english, chinese = plain(self.field), plain(self.heading)
        return {english, chinese, chinese + english, english + chinese}


def plain(heading: str) -> str:
    """A heading without what people write differently."""
    return "".join(heading.split()).replace("_", "").lower()


def _word(kind: type, usual: Any = None) -> dict[str, Any]:
    words = _WORDS[kind]
    by_word = {word: value for value, word in words.items()} | {each.value: each for each in words}

    def read(cell: str) -> Any:
        if cell.lower() in by_word:
            return by_word[cell.lower()]
        raise ValueError(_("应为{words}之一").format(words="、".join(words.values())))

    return {"read": read, "write": lambda value: words[value], "usual": usual}


def _yes_no(cell: str) -> bool:
    if cell.lower() in _YES | _NO:
        return cell.lower() in _YES
    raise ValueError(_("应为是或否"))


def _limit(cell: str) -> Limit:
    """`5wd`, `5个工作日`."""
    found = _LIMIT.fullmatch("".join(cell.split()))
    try:
        unit = found and _BY_UNIT.get(found[2])
        return Limit.of(f"{found[1]}{unit}" if found and unit else cell)
    except ValueError:
        raise ValueError(_("应为时限，比如30分钟、2小时、5个工作日")) from None


def _spelled(limit: Limit | None) -> str:
    return f"{limit.amount}{_UNITS[limit.unit]}" if limit else ""


def _whole(cell: str) -> int:
    if cell.isascii() and cell.isdecimal() and len(cell) < 10:  # noqa: PLR2004 - below 2^31
        return int(cell)
    raise ValueError(_("应为整数"))


def _items(cell: str) -> list[str]:
    """What stands between commas of any kind or in lines; quoted, an item may hold them."""
    found = _ITEM.findall(cell)
    items = [(quoted.replace('""', '"') or bare).strip() for quoted, bare in found]
    return [item for item in items if item]


def _listed(items: Sequence[str]) -> str:
    return "、".join(_quoted(item) for item in items)


def _quoted(item: str) -> str:
    if item.startswith('"') or any(sign in item for sign in _BETWEEN):
        doubled = item.replace('"', '""')
        return f'"{doubled}"'
    return item


def _text(field: str, heading: str) -> Column:
    return Column(field, heading, str, lambda value: value or "")


def _time(field: str, heading: str) -> Column:
    return Column(field, heading, _limit, _spelled)


def _list(field: str, heading: str) -> Column:
    return Column(field, heading, _items, _listed, usual=[])


def _flag(field: str, heading: str, *, usual: bool = False) -> Column:
    return Column(field, heading, _yes_no, lambda value: "是" if value else "否", usual)


def _number(field: str, heading: str, usual: int | None) -> Column:
    return Column(field, heading, _whole, str, usual)


GUIDE = ("text", "who", "time", "bring", "rule")
"""The columns that are parts of the guide."""

COLUMNS = (
    _text("code", "代码"),
    _text("name", "名称"),
    _text("group", "分组"),
    _list("keywords", "关键词"),
    Column("speciality", "条线", **_word(Speciality)),
    _text("organization", "责任单位"),
    _list("partners", "协办单位"),
    Column("dispatch", "派单方式", **_word(Dispatch, Dispatch.RULE)),
    Column("place_rule", "地点规则", **_word(PlaceRule, PlaceRule.ASKED)),
    _time("answer_limit", "首次答复时限"),
    _time("update_limit", "更新时限"),
    _time("resolve_limit", "办结时限"),
    _number("warn_percent", "预警比例", 75),
    _text("source", "依据"),
    _text("text", "指南"),
    _text("who", "谁来办"),
    _text("time", "多久办"),
    _list("bring", "带什么"),
    _text("rule", "依据文件"),
    _flag("anonymous_allowed", "可匿名"),
    _flag("confidential", "保密"),
    _flag("public", "公开"),
    _flag("internal", "仅内部"),
    Column("visit_policy", "回访", **_word(VisitPolicy, VisitPolicy.ASKED)),
    _flag("active", "启用", usual=True),
    _number("position", "排序", None),
)
"""The columns, as the template has them; organisations stand by their codes."""
