"""A list of owners as property companies keep it: what its columns mean, read without trust."""

from app.core import sheets
from app.core.sheets.reading import Row, by_field, columns, rows_of
from app.people.problems import TooManyRows
from app.people.roster.rows import DOOR, MOST, PHONE
from app.polls.problems import OwnerHeadingsMissing

_HEADINGS = {
    **DOOR,
    "name": ("业主", "业主姓名", "产权人", "姓名", "owner"),
    "phone": PHONE,
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


def read(data: bytes) -> list[Row]:
    """The rows of a .csv or .xlsx of at most 5 MB and 20,000 rows, under a line of headings.

    Raises `SheetUnreadable`, `OwnerHeadingsMissing` or `TooManyRows`. It may take a second: call
    it beside the event loop.
    """
    rows = rows_of(data)
    found = columns(next(rows, (0, []))[1], _HEADINGS)
    if not found.keys() >= _NEEDED:
        raise OwnerHeadingsMissing
    return by_field(rows, found, most=MOST, too_many=TooManyRows)


def template() -> bytes:
    """A workbook with the headings, and two homes as examples: one co-owned, one not sold."""
    return sheets.xlsx("业主名册", [names[0] for names in _HEADINGS.values()], _EXAMPLES)
