"""Reading rosters that are well meant, badly made, or meant to do harm."""

import resource
import struct
import sys
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.sheets.reading import LARGEST, SheetUnreadable
from app.people.problems import HeadingsMissing, TooManyRows
from app.people.roster import Row, read_roster
from tests.people.sheets import HEADINGS, cell, csv_of, row_of, workbook, xlsx_of, zipped

ZHANG = ("3栋", "2单元", "502", "张三", "13800138000", "业主")
ZHANG_ROW = Row(2, "3栋", "502", "张三", "2单元", "13800138000", "业主")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_csv_is_read_in_the_encoding_excel_wrote_it_in(encoding: str) -> None:
    assert read_roster(csv_of(ZHANG, encoding=encoding)) == [ZHANG_ROW]


def test_a_workbook_is_read() -> None:
    assert read_roster(xlsx_of(ZHANG)) == [ZHANG_ROW]


def test_words_shared_among_cells_are_read_without_their_reading_aids() -> None:
    strings = [
        *(f"<t>{word}</t>" for word in HEADINGS),
        '<r><t>张</t></r><r><t>三</t></r><rPh sb="0" eb="1"><t>zhang</t></rPh>',
    ]
    first = "".join(f'<c t="s"><v>{at}</v></c>' for at in range(6))
    second = '<c><v>3</v></c><c/><c><v>502</v></c><c t="s"><v>6</v></c><c><v>1.38001380E10</v></c>'

    read = read_roster(workbook(f"<row>{first}</row><row>{second}</row>", strings=strings))

    assert read == [Row(2, "3", "502", "张三", "", "13800138000", "")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("502", "502"),
        ("502.0", "502"),
        ("0502", "0502"),
        ("3.5", "3.5"),
        ("1E999999999", "1E999999999"),
        ("NaN", "NaN"),
        ("-1E400", "-1E400"),
        ("x", "x"),
        ("", ""),
    ],
)
def test_a_number_is_its_figures(value: str, text: str) -> None:
    cells = f'{cell("A2", "3")}<c r="C2"><v>{value}</v></c>{cell("D2", "张三")}'

    (row,) = read_roster(workbook(row_of(1, HEADINGS) + f'<row r="2">{cells}</row>'))

    assert row.home == text


def test_rows_are_numbered_as_excel_shows_them_and_empty_ones_left_out() -> None:
    rows = row_of(1, HEADINGS) + '<row r="2"/>' + row_of(7, ZHANG) + row_of(8, ["", " "])

    assert [row.number for row in read_roster(workbook(rows))] == [7]
    assert [row.number for row in read_roster(csv_of((), ("", ""), ZHANG))] == [4]


def test_columns_are_known_by_their_headings_in_any_order() -> None:
    data = "Name,备注,ROOM, building \n张三,x,502,3"

    assert read_roster(data.encode()) == [Row(2, "3", "502", "张三")]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"a,b,c\n1,2,3", "楼栋,单元,房号\n".encode()])
def test_a_file_without_the_headings_is_refused(data: bytes) -> None:
    with pytest.raises(HeadingsMissing):
        read_roster(data)


def test_more_than_twenty_thousand_rows_are_refused() -> None:
    rows = [("3", "2", str(n), "张三", "", "") for n in range(20_001)]

    with pytest.raises(TooManyRows):
        read_roster(csv_of(*rows))
    assert len(read_roster(csv_of(*rows[:-1]))) == 20_000


def lying(data: bytes) -> bytes:
    """The workbook with every entry declared one byte long."""
    at = 0
    patched = bytearray(data)
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        struct.pack_into("<I", patched, at + 24, 1)
        at += 4
    return bytes(patched)


def encrypted(data: bytes) -> bytes:
    at = 0
    patched = bytearray(data)
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        patched[at + 8] |= 1
        at += 4
    return bytes(patched)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'

HARM = {
    "unfolds too far": workbook(f"{row_of(1, HEADINGS)}{' ' * 25_000_000}"),
    "unfolds too much for its size": workbook("x" * 2_000_000),
    "has too many entries": zipped({f"xl/{n}.xml": "x" for n in range(300)}),
    "lies about its sizes": lying(xlsx_of(ZHANG)),
    "is encrypted": encrypted(xlsx_of(ZHANG)),
    "is cut off": xlsx_of(ZHANG)[:-40],
    "is only a beginning": b"PK\x03\x04",
    "is another zip": zipped({"hello.txt": "x"}),
    "declares entities": workbook(row_of(1, HEADINGS), before=LAUGHS),
    "reaches outside": workbook(row_of(1, ["&a;", *HEADINGS]), before=OUTSIDE),
    "is no xml": workbook("<row><c></row>"),
    "points to words that are not there": workbook('<row><c t="s"><v>9</v></c></row>'),
    "points to no words": workbook('<row><c t="s"><v>x</v></c></row>'),
    "points backwards": workbook('<row><c t="s"><v>-1</v></c></row>', strings=HEADINGS),
    "has a row of words for a number": workbook('<row r="two"/>'),
    "has a row without end": workbook(f"<row>{'<c/>' * 400_000}</row>"),
    "has rows without end": workbook("<row/>" * 150_000),
    "is deep": workbook("<row>" * 5_000),
    "is a picture": b"\x89PNG\r\n\x1a\n\x00\xff\xfe",
    "is too large": b"x" * (LARGEST + 1),
}


@pytest.mark.parametrize("harm", HARM)
def test_a_file_that_does_harm_is_refused_soon(harm: str) -> None:
    begun = process_time()

    with pytest.raises(SheetUnreadable):
        read_roster(HARM[harm])

    assert process_time() - begun < 5


def test_cells_at_opposite_corners_fill_no_memory() -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    read = read_roster(workbook(row_of(1, HEADINGS) + row_of(2, ZHANG) + far))

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert read == [ZHANG_ROW]
    assert grown * (1 if sys.platform == "darwin" else 1024) < 50_000_000


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail))
def test_nothing_that_can_be_sent_is_an_error_of_ours(data: bytes) -> None:
    try:
        read_roster(data)
    except SheetUnreadable:
        return


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_nothing_that_was_damaged_is_an_error_of_ours(at: int, junk: bytes) -> None:
    book = bytearray(xlsx_of(ZHANG))
    at %= len(book)
    book[at : at + len(junk)] = junk
    try:
        read_roster(bytes(book))
    except SheetUnreadable:
        return
