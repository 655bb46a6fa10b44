"""Tables that came in, by their headings, and tables taken out: no cell of theirs is a formula."""

import csv
from asyncio import to_thread
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Literal, TypeAlias
from urllib.parse import quote

import xlsxwriter
from starlette.responses import Response

from app.core.clock import CHINA
from app.core.problems import Problem

Cell: TypeAlias = str | int | float | bool | date | datetime | None

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST_CELL = 32_767
"""Characters; what Excel can hold in one cell."""
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A row by field, as it was written; `number` is the one Excel shows beside it."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, field: str) -> str:
        """What stands there; nothing where the table has no such column."""
        return self.cells.get(field, "")


def columns(headings: Iterable[str], names: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Where each field has its column, the first of several, blanks and capitals set aside."""
    written = ["".join(heading.split()).lower() for heading in headings]
    return {
        field: at
        for field, known in names.items()
        for at, heading in reversed(list(enumerate(written)))
        if heading in known
    }


def by_field(
    rows: Iterable[tuple[int, Sequence[str]]],
    columns: Mapping[str, int],
    *,
    most: int,
    too_many: type[Problem],
) -> list[Row]:
    """The rows below the headings; raises `too_many` where there are more than `most`."""
    read: list[Row] = []
    for number, cells in rows:
        if len(read) == most:
            raise too_many
        found = {field: cells[at] if at < len(cells) else "" for field, at in columns.items()}
        read.append(Row(number, found))
    return read


def _said(cell: Cell) -> str | int | float | bool | None:
    """A moment in China's time, as people here write it; anything else as it is."""
    match cell:
        case datetime():
            return cell.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
    return cell


def xlsx(title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet; text is written as text, whatever it begins with.

    Memory does not grow with the rows. A text is cut at the 32,767 characters a cell can hold.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(head):
            sheet.set_column(column, column, min(_WIDEST, 4 + 2 * len(name)))
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(map(_said, row)):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell[:_LONGEST_CELL])
                elif cell is not None:
                    sheet.write(number, column, cell)
    return buffer.getvalue()


def _harmless(cell: Cell) -> str | int | float | bool | None:
    said = _said(cell)
    if isinstance(said, str) and said.lstrip(" ").startswith(_BEGINS_A_FORMULA):
        return f"'{said}"
    return said


def delimited(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The same as CSV with a byte order mark; what a spreadsheet would run is quoted with `'`."""
    text = StringIO(newline="")
    out = csv.writer(text)
    for row in (head, *rows):
        out.writerow(["" if cell is None else _harmless(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


async def respond(
    form: Literal["xlsx", "csv"], name: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> Response:
    """The table as a file to keep; made in a thread, for a large one takes its time."""
    if form == "csv":
        data, media_type = await to_thread(delimited, head, rows), CSV
    else:
        data, media_type = await to_thread(xlsx, name, head, rows), XLSX
    disposition = f"attachment; filename*=UTF-8''{quote(name)}.{form}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)
