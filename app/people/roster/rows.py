"""What the columns of a roster mean, by their headings in Chinese or English."""

from dataclasses import dataclass

from app.core.sheets.reading import by_field, columns, rows_of
from app.people.problems import HeadingsMissing, TooManyRows

MOST = 20_000
DOOR = {
    "building": ("楼栋", "楼号", "栋", "幢", "building"),
    "unit": ("单元", "单元号", "unit"),
    "home": ("房号", "室号", "房间号", "门牌号", "home", "room"),
}
PHONE = ("电话", "手机", "手机号", "手机号码", "联系电话", "phone", "mobile")
_HEADINGS = {
    **DOOR,
    "name": ("姓名", "业主姓名", "住户姓名", "name"),
    "phone": PHONE,
    "relation": ("关系", "身份", "与户主关系", "relation"),
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

    Raises `SheetUnreadable`, `HeadingsMissing` or `TooManyRows`. It may take a second: call it
    beside the event loop.
    """
    rows = rows_of(data)
    found = columns(next(rows, (0, []))[1], _HEADINGS)
    if not found.keys() >= _NEEDED:
        raise HeadingsMissing
    read = by_field(rows, found, most=MOST, too_many=TooManyRows)
    return [Row(row.number, **row.cells) for row in read]
