"""What the columns of a roster mean, by their headings in Chinese or English."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.people.problems import HeadingsMissing, TooManyRows
from app.people.roster.sheets import Numbered, rows_of

MOST = 20_000
_HEADINGS = {
    "building": {"楼栋", "楼号", "栋", "幢", "building"},
    "unit": {"单元", "单元号", "unit"},
    "home": {"房号", "室号", "房间号", "门牌号", "home", "room"},
    "name": {"姓名", "业主姓名", "住户姓名", "name"},
    "phone": {"电话", "手机", "手机号", "手机号码", "联系电话", "phone", "mobile"},
    "relation": {"关系", "身份", "与户主关系", "relation"},
}
_NEEDED = frozenset({"building", "home", "name"})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a roster as it was written; `number` is the one Excel shows beside it."""

    number: int
    building: str
    home: str
    name: str
    unit: str = ""
    phone: str = ""
    relation: str = ""


def read_roster(data: bytes) -> list[Row]:
    """The rows of a .csv or .xlsx of at most 5 MB and 20,000 rows, under a line of headings.

    Raises `RosterUnreadable`, `HeadingsMissing` or `TooManyRows`. It may take a second: call it
    beside the event loop.
    """
    rows = rows_of(data)
    columns = _columns(next(rows, (0, [])))
    read: list[Row] = []
    for number, cells in rows:
        if len(read) == MOST:
            raise TooManyRows
        read.append(Row(number, **dict(_fields(columns, cells))))
    return read


def _columns(heading: Numbered) -> dict[str, int]:
    """Which field stands in which column."""
    written = ["".join(cell.split()).lower() for cell in heading[1]]
    columns = {
        field: at
        for field, names in _HEADINGS.items()
        for at, cell in reversed(list(enumerate(written)))
        if cell in names
    }
    if not columns.keys() >= _NEEDED:
        raise HeadingsMissing
    return columns


def _fields(columns: Mapping[str, int], cells: list[str]) -> Iterator[tuple[str, str]]:
    for field, at in columns.items():
        yield field, cells[at] if at < len(cells) else ""
