"""One line of a sign-up: who, from which home, how many, and what they added."""

import re
from dataclasses import dataclass

from app.core.spelling import spelling

LONGEST_NAME = 40
LONGEST_NOTE = 200
MOST_PLACES = 99
"""People on one line; more are as many."""

_LONGEST_LINE = 600
"""Characters of an entry that are read."""
_SETTLES = 4
"""How often a line is read again, until what was read says the same as what it is written as."""
_DIGITS = dict(zip("一二两三四五六七八九", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_FEW = "[一二两三四五六七八九十]"
_DASH = r"\-－—–"
_UNIT = re.compile(
    rf"(?<![\dA-Za-z{_DASH}])"
    rf"(?P<building>[A-Za-z]?\d{{1,3}}[A-Za-z]?|[A-Za-z]|{_FEW}{{1,3}}(?=栋|幢|座|号楼))"
    rf" ?(?:栋|幢|座|号楼|号院|楼|号|[#＃/{_DASH}])"
    rf" ?(?:(?P<unit>\d{{1,2}}|{_FEW}(?=单元|门)) ?(?:单元|门|[/{_DASH}]) ?)?"
    rf"(?P<home>\d{{3,4}}) ?(?:室|房|户|号)?(?![\d元块人位名{_DASH}])"
)
_ROOM = re.compile(r"(\d{3,4})(?:室|房)?")
_END = r"(?=$|[\s,，、;；()（）+/]|参加|报名|来|去|到)"
_PEOPLE = re.compile(
    rf"(?<![\d.第])(?:(?P<old>\d{{1,2}}|{_FEW}) ?个?大人? ?(?P<young>\d{{1,2}}|{_FEW}) ?个?小孩?"
    rf"|(?P<all>\d{{1,3}}|{_FEW}) ?个?(?:人|位|名)){_END}"
)
_LABEL = re.compile(
    r"(?:姓名|房号|门牌号?|住址|地址|楼栋号?|人数|电话|手机号?|联系方式|备注) ?[:：]"
)
_WAITS = re.compile(r"[（(\[【]候补 ?\d{0,3}[）)\]】]|(?<!\S)候补\d{0,3}(?!\S)")
_PARTS = re.compile(r"[\s,，;；]+")
_EDGES = ":：.。、-—–*·~|()（）[]【】"
_GONE = frozenset({"取消", "已取消", "取消报名", "退出", "不参加", "不参加了", "不来了", "不去了"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One name on a sign-up, as it was written."""

    name: str
    unit: str | None = None
    places: int = 1
    """How many people come."""
    note: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by, whatever number it bears: the name and the home as compared."""
        return compared(self.name), home_key(self.unit)


def compared(name: str) -> str:
    """A name as it is compared: letters and digits in one spelling; without any, its signs."""
    spelled = "".join(name.translate(spelling).split())
    return "".join(char for char in spelled if char.isalnum()) or spelled or name


def home_key(unit: str | None) -> str:
    """A home as it is compared: `3栋1单元502` and `3-1-502` are one."""
    if not unit:
        return ""
    if found := _UNIT.fullmatch(unit):
        parts = found["building"], found["unit"], found["home"]
        return "-".join(_plain(part) for part in parts if part)
    found = _ROOM.fullmatch(unit)
    return _plain(found[1]) if found else compared(unit)


def _plain(part: str) -> str:
    number = _number(part)
    return str(number) if number is not None else part.translate(spelling)


def _number(text: str) -> int | None:
    """The number that digits or Chinese numerals below a hundred spell."""
    if text.isdecimal():
        return int(text)
    tens, ten, rest = text.rpartition("十")
    if not set(tens + rest) <= _DIGITS.keys() or len(tens) > 1 or len(rest) > 1:
        return None
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(rest, 0)


def line(entry: Entry) -> str:
    """An entry as one writes it, without its number."""
    unit = None if entry.unit == entry.name else entry.unit
    parts = entry.name, unit, f"{entry.places}人", entry.note
    return " ".join(part for part in parts if part)


def read(text: str) -> Entry | None:
    """What a line says; None of an empty one, and of one whose author says that they do not come.

    What is read of it, written as `line` does, reads the same again: the list goes round.
    """
    entry = _read(text)
    for _ in range(_SETTLES):
        again = _read(line(entry)) if entry else None
        if again == entry:
            break
        entry = again
    return entry


def _read(text: str) -> Entry | None:
    words = " ".join(_LABEL.sub(" ", _WAITS.sub(" ", text[:_LONGEST_LINE])).split())
    unit, rest = _taken(_UNIT, words)
    people, rest = _taken(_PEOPLE, rest)
    tokens = [token for part in _PARTS.split(rest) if (token := part.strip(_EDGES) or part)]
    places = _count(people) if people else 1
    if not words or places == 0 or any(token in _GONE for token in tokens):
        return None
    room = _room(tokens) if unit is None else None
    if room is not None:
        unit = _ROOM.fullmatch(tokens.pop(room))
    home = unit[0].strip() if unit else None
    name = _name(tokens) or home or words
    return Entry(
        name=name[:LONGEST_NAME].strip(),
        unit=home,
        places=min(places, MOST_PLACES),
        note=" ".join(tokens)[:LONGEST_NOTE].strip() or None,
    )


def _taken(pattern: re.Pattern[str], words: str) -> tuple[re.Match[str] | None, str]:
    found = pattern.search(words)
    if found is None:
        return None, words
    return found, f"{words[: found.start()]} {words[found.end() :]}"


def _count(people: re.Match[str]) -> int:
    return sum(_number(part) or 0 for part in people.groups() if part)


def _room(tokens: list[str]) -> int | None:
    """Which of several words is a bare room number: `502 张三`."""
    rooms = [at for at, token in enumerate(tokens) if _ROOM.fullmatch(token)]
    return rooms[0] if rooms and len(tokens) > 1 else None


def _name(tokens: list[str]) -> str | None:
    """Take the first word that can be a name out of the words."""
    for at, token in enumerate(tokens):
        if not (_UNIT.search(token) or _PEOPLE.search(token)):
            return tokens.pop(at)
    return tokens.pop(0) if tokens else None
