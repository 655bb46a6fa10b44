"""The rows of a sheet that somebody sent, as text.

A workbook is a zip of XML, and a small one can unfold without end: entries, sizes and rows are
counted before they are believed. Cells are read one by one and never laid out as a grid, since
two cells at opposite corners would fill all memory with what lies between them.
"""

import csv
import io
import posixpath
import zipfile
import zlib
from asyncio import to_thread
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeAlias, TypeVar

from fastapi import UploadFile
from lxml import etree

from app.core.problems import Problem, TooLarge

Numbered: TypeAlias = tuple[int, list[str]]
T = TypeVar("T")

LARGEST = 5 * 1024 * 1024
_ENTRIES = 200
_UNFOLDED = 24 * 1024 * 1024
_RATIO = 100
_CHUNK = 64 * 1024
_BETWEEN = 1024 * 1024
_ROWS = 100_000
_CELLS = 1_000_000
_COLUMNS = 64
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_XLSX = b"PK\x03\x04"
_LONGEST_NUMBER = 40


class SheetUnreadable(Problem, status=422):
    """This cannot be read as a .csv or .xlsx file."""


async def taken_in(file: UploadFile, read: Callable[[bytes], T]) -> T:
    """What `read` makes of a file that somebody sent, beside the event loop.

    Raises `TooLarge` where the file has more than 5 MB.
    """
    data = await file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise TooLarge
    return await to_thread(read, data)


def rows_of(data: bytes) -> Iterator[Numbered]:
    """The rows of a .xlsx or .csv that are not empty, numbered as Excel shows them from 1.

    Raises `SheetUnreadable`, at the first row or at a later one.
    """
    if len(data) > LARGEST:
        raise SheetUnreadable
    rows = _workbook(data) if data.startswith(_XLSX) else _csv(data)
    return ((number, cells) for number, cells in rows if any(cells))


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


def _csv(data: bytes) -> Iterator[Numbered]:
    """Excel writes the encoding of the machine; in China that is GB 18030 when it is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise SheetUnreadable from None
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
            yield number, [cell.strip() for cell in cells[:_COLUMNS]]
    except csv.Error:
        raise SheetUnreadable from None


def _workbook(data: bytes) -> Iterator[Numbered]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            _weigh(book, len(data))
            strings = _shared_strings(book)
            yield from _sheet(book, _first_sheet(book), strings)
    except (zipfile.BadZipFile, zlib.error, etree.LxmlError, OSError, EOFError) as error:
        raise SheetUnreadable from error
    except (KeyError, IndexError, ValueError, RuntimeError, NotImplementedError) as error:
        raise SheetUnreadable from error


def _weigh(book: zipfile.ZipFile, size: int) -> None:
    """Refuse what unfolds into too much; an entry is never read beyond the size it declares."""
    entries = book.infolist()
    unfolded = sum(entry.file_size for entry in entries)
    if len(entries) > _ENTRIES or unfolded > min(_UNFOLDED, max(size * _RATIO, 1024 * 1024)):
        raise SheetUnreadable


def _elements(book: zipfile.ZipFile, name: str, *tags: str) -> Iterator[etree._Element]:
    """The elements of these tags, each forgotten when the next is asked for.

    What stands between two of them is kept meanwhile, so it may not be much.
    """
    walk = etree.XMLPullParser(
        events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False
    )
    with book.open(name) as file:
        since_last = 0
        while chunk := file.read(_CHUNK):
            walk.feed(chunk)
            since_last += len(chunk)
            for _, element in walk.read_events():
                since_last = 0
                if isinstance(element, etree._Element):  # noqa: SLF001 - lxml names it so
                    yield _without_doctype(element)
                    _forget(element)
            if since_last > _BETWEEN:
                raise SheetUnreadable


def _without_doctype(element: etree._Element) -> etree._Element:
    if element.getroottree().docinfo.internalDTD is not None:
        raise SheetUnreadable
    return element


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and parent[0] is not element:
        del parent[0]


def _text(element: etree._Element) -> str:
    """A cell's words in all their formats, without the reading aids beside them."""
    runs = element.iterfind(f"{_MAIN}t"), element.iterfind(f"{_MAIN}r/{_MAIN}t")
    return "".join(run.text or "" for found in runs for run in found)


def _shared_strings(book: zipfile.ZipFile) -> list[str]:
    name = "xl/sharedStrings.xml"
    if name not in book.namelist():
        return []
    return [_text(element) for element in _elements(book, name, f"{_MAIN}si")]


def _first_sheet(book: zipfile.ZipFile) -> str:
    """Where the book keeps its first sheet."""
    sheets = _elements(book, "xl/workbook.xml", f"{_MAIN}sheet")
    wanted = next((str(sheet.get(_RELATION)) for sheet in sheets), None)
    for relation in _elements(book, "xl/_rels/workbook.xml.rels", "{*}Relationship"):
        if relation.get("Id") == wanted:
            return posixpath.normpath(posixpath.join("/xl", str(relation.get("Target"))))[1:]
    raise SheetUnreadable


def _sheet(book: zipfile.ZipFile, name: str, strings: list[str]) -> Iterator[Numbered]:
    number = cells = 0
    rows = _elements(book, name, f"{_MAIN}row", f"{_MAIN}sheetData")
    for seen, row in enumerate(rows, start=1):
        if row.tag != f"{_MAIN}row":
            return
        cells += len(row)
        if seen > _ROWS or cells > _CELLS:
            raise SheetUnreadable
        number = int(row.get("r") or number + 1)
        yield number, _cells(row, strings)


def _cells(row: etree._Element, strings: list[str]) -> list[str]:
    cells: dict[int, str] = {}
    column = -1
    for cell in row.iterfind(f"{_MAIN}c"):
        reference = cell.get("r")
        column = _column(reference) if reference else column + 1
        if 0 <= column < _COLUMNS:
            cells[column] = _value(cell, strings).strip()
    return [cells.get(at, "") for at in range(max(cells, default=-1) + 1)]


def _column(reference: str) -> int:
    """`C12` stands in column 2."""
    column = 0
    for sign in reference[:3]:
        if "A" <= sign <= "Z":
            column = column * 26 + ord(sign) - ord("A") + 1
    return column - 1


def _value(cell: etree._Element, strings: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(_text(part) for part in cell.iterfind(f"{_MAIN}is"))
    written = cell.findtext(f"{_MAIN}v") or ""
    match kind:
        case "s":
            return strings[_index(written)] if written else ""
        case "n":
            return _number(written)
        case "e":
            return ""
    return written


def _index(written: str) -> int:
    if written.isdecimal():
        return int(written)
    raise SheetUnreadable


def _number(written: str) -> str:
    """A phone number or a door that Excel took for a number, in its figures again."""
    if not written or written.isdecimal() or len(written) > _LONGEST_NUMBER:
        return written
    try:
        number = Decimal(written)
    except InvalidOperation:
        return written
    whole = number.is_finite() and abs(number.adjusted()) < _LONGEST_NUMBER and number % 1 == 0
    return f"{number:.0f}" if whole else written
