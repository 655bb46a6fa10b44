"""Workbooks for tests, as Excel writes them and as somebody who means harm would."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

HEADINGS = ("楼栋", "单元", "房号", "姓名", "电话", "关系")


def csv_of(*rows: Sequence[str], encoding: str = "utf-8-sig") -> bytes:
    lines = [",".join(row) for row in (HEADINGS, *rows)]
    return "\r\n".join(lines).encode(encoding)


def cell(reference: str, text: str) -> str:
    """A cell with words in it."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def row_of(number: int, texts: Iterable[str]) -> str:
    cells = "".join(cell(f"{chr(65 + at)}{number}", text) for at, text in enumerate(texts))
    return f'<row r="{number}">{cells}</row>'


def xlsx_of(*rows: Sequence[str]) -> bytes:
    return workbook("".join(row_of(at, row) for at, row in enumerate((HEADINGS, *rows), start=1)))


def workbook(
    cells: str, *, strings: Sequence[str] = (), before: str = "", **more: bytes | str
) -> bytes:
    """A .xlsx whose sheet holds these cells; `more` are further entries of the zip."""
    entries: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
            '<sheets><sheet name="住户" sheetId="1" r:id="rId7"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}">'
            '<Relationship Id="rId7" Type="worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>"
        ),
        "xl/worksheets/sheet1.xml": (
            f'{before}<worksheet xmlns="{_MAIN}"><dimension ref="A1:XFD1048576"/>'
            f"<sheetData>{cells}</sheetData></worksheet>"
        ),
    }
    if strings:
        each = "".join(f"<si>{text}</si>" for text in strings)
        entries["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}">{each}</sst>'
    return zipped(entries | more)


def zipped(entries: dict[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in entries.items():
            book.writestr(name, content)
    return file.getvalue()
