"""What is taken out of the house cannot act on the machine of whoever opens it."""

import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest

from app.core import sheets
from app.core.sheets.reading import rows_of

EVIL = [
    '=HYPERLINK("http://x","点我")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "  =1+1",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("text", EVIL)
def test_what_looks_like_a_formula_is_text_in_a_workbook(text: str) -> None:
    book = sheets.xlsx("诉求", ["内容"], [[text]])

    with ZipFile(BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert 't="inlineStr"' in sheet or 't="s"' in sheet


@pytest.mark.parametrize("text", EVIL)
def test_what_looks_like_a_formula_is_quoted_in_csv(text: str) -> None:
    written = sheets.delimited(["内容"], [[text]]).decode("utf-8-sig")

    assert list(csv.reader(StringIO(written, newline=""))) == [["内容"], [f"'{text}"]]


def test_a_workbook_reads_back_as_it_was_written() -> None:
    at = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    row: list[sheets.Cell] = ["楼道灯坏了", 3, date(2026, 1, 2), at, None, "=1+1"]

    book = sheets.xlsx("诉求", ["a", "b", "c", "d", "e", "f"], [row])

    assert [cells for _number, cells in rows_of(book)] == [
        ["a", "b", "c", "d", "e", "f"],
        ["楼道灯坏了", "3", "2026-01-02", "2026-11-23 09:30", "", "=1+1"],
    ]


def test_a_long_text_is_cut_where_a_cell_ends() -> None:
    book = sheets.xlsx("诉求", ["内容"], [["长" * 40_000]])

    assert [len(cells[0]) for _number, cells in rows_of(book)] == [2, 32_767]


def test_an_ordinary_table_is_plain_csv_with_a_byte_order_mark() -> None:
    written = sheets.delimited(["编号", "内容"], [[1001, "漏水，很急"], [1002, None]])

    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig") == "编号,内容\r\n1001,漏水，很急\r\n1002,\r\n"
