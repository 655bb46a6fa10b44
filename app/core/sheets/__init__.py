"""Tables taken out, of which no cell is a formula; `reading` takes them in."""

import csv
from asyncio import to_thread
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Literal, TypeAlias
from urllib.parse import quote

import xlsxwriter
from starlette.responses import Response

from app.core.clock import CHINA

Cell: TypeAlias = str | int | float | bool | date | datetime | None

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST_CELL = 32_767
"""Characters; what Excel can hold in one cell."""
_WIDEST = 60


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
