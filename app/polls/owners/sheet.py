"""A list of owners as property companies keep it: what its columns mean, read without trust."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core import sheets
from app.people.problems import TooManyRows
from app.people.roster.sheets import Numbered, rows_of
from app.polls.problems import OwnerHeadingsMissing

MOST = 20_000
_HEADINGS = {
    "building": ("楼栋", "楼号", "栋", "幢", "building"),
    "unit": ("单元", "单元号", "unit"),
    "home": ("房号", "室号", "房间号", "门牌号", "home", "room"),
    "name": ("业主", "业主姓名", "产权人", "姓名", "owner"),
    "phone": ("电话", "手机", "手机号", "手机号码", "联系电话", "phone", "mobile"),
    "area": ("面积", "专有部分面积", "建筑面积", "房屋面积", "area"),
    "source": ("面积来源", "面积依据", "areasource"),
    "others": ("共有人", "共有产权人", "co-owners", "coowners"),
    "voter": ("投票人", "表决人", "voter"),
    "kind": ("业主类型", "类型", "kind"),
    "representative": ("代表人", "representative"),
    "sold": ("状态", "销售状态", "出售状态", "是否售出", "sold"),
}
_NEEDED = frozenset({"building", "home", "name", "area"})
_EXAMPLES = (
    *(("3栋", "2单元", "502", "张三", "13800138000", "89.50", "登记", "李四", "张三"),),
    *(("3栋", "2单元", "503", "", "", "101.20", "合同", "", "", "", "", "未售"),),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list by field, as it was written; `number` is the one Excel shows beside it."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, field: str) -> str:
        """What stands there; nothing where the list has no such column."""
        return self.cells.get(field, "")


def read(data: bytes) -> list[Row]:
    """The rows of a .csv or .xlsx of at most 5 MB and 20,000 rows, under a line of headings.

    Raises `RosterUnreadable`, `OwnerHeadingsMissing` or `TooManyRows`. It may take a second: call
    it beside the event loop.
    """
    rows = rows_of(data)
    columns = _columns(next(rows, (0, [])))
    read: list[Row] = []
    for number, cells in rows:
        if len(read) == MOST:
            raise TooManyRows
        read.append(Row(number, {name: cells[at] for name, at in columns if at < len(cells)}))
    return read


def _columns(heading: Numbered) -> Sequence[tuple[str, int]]:
    """Which field stands in which column, the first of several."""
    written = ["".join(cell.split()).lower() for cell in heading[1]]
    found = {
        field: at
        for field, names in _HEADINGS.items()
        for at, cell in reversed(list(enumerate(written)))
        if cell in names
    }
    if not found.keys() >= _NEEDED:
        raise OwnerHeadingsMissing
    return list(found.items())


def template() -> bytes:
    """A workbook with the headings, and two homes as examples: one co-owned, one not sold."""
    return sheets.xlsx("业主名册", [names[0] for names in _HEADINGS.values()], _EXAMPLES)
