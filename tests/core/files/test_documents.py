"""Documents: known by their bytes, refused when they are bombs, kept as photos are."""

import io
import struct
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.files import File, store
from app.core.files.documents import (
    DocumentType,
    DocumentUnsafe,
    NotADocument,
    download,
    named,
    opened,
    store_document,
)
from app.core.problems import NotFound, Problem, TooLarge
from app.places.models import Community
from tests.conftest import Worker
from tests.core.files.disk import lie_for_two_hours, on_disk, run_sweep
from tests.pictures import a_picture

HEARTS = {
    DocumentType.DOCX: "word/document.xml",
    DocumentType.XLSX: "xl/workbook.xml",
    DocumentType.PPTX: "ppt/presentation.xml",
}


def a_package(
    heart: str = HEARTS[DocumentType.DOCX], others: Mapping[str, bytes] | None = None
) -> bytes:
    """An office document with these entries besides."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in {
            "[Content_Types].xml": b"<x/>",
            heart: b"<x/>",
            **(others or {}),
        }.items():
            package.writestr(name, body)
    return file.getvalue()


def claiming(data: bytes, size: int) -> bytes:
    """The package, whose last entry says it unpacks to so many bytes."""
    at = data.rindex(b"PK\x01\x02") + 24
    return data[:at] + struct.pack("<I", size) + data[at + 4 :]


def locked(data: bytes) -> bytes:
    """The package, whose last entry says it needs a password."""
    at = data.rindex(b"PK\x01\x02") + 8
    return data[:at] + b"\x01\x00" + data[at + 2 :]


@pytest.mark.parametrize(("kind", "heart"), HEARTS.items())
def test_an_office_document_is_known_by_its_heart(kind: DocumentType, heart: str) -> None:
    assert opened(a_package(heart), "anything.pdf")[0] is kind


def test_a_pdf_and_a_text_are_known() -> None:
    assert opened(b"%PDF-1.7\n", "x.txt")[0] is DocumentType.PDF
    text = "居民须知\n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        assert opened(text.encode(encoding), "须知.TXT") == (DocumentType.TXT, text.encode())


@pytest.mark.parametrize(
    ("data", "name", "problem"),
    [
        (b"", "x.txt", NotADocument),
        (b"<html><script>", "x.html", NotADocument),
        (b"<svg onload=alert(1)>", "x.svg", NotADocument),
        (b"a\x00b", "x.txt", NotADocument),
        (b"\xff\xfe\xff\xff", "x.txt", NotADocument),
        (b"MZ\x90\x00", "x.pdf", NotADocument),
        (b" %PDF-1.7", "x.pdf", NotADocument),
        (b"PK\x03\x04", "x.docx", NotADocument),
        (a_package()[:-30], "x.docx", NotADocument),
        (a_package("something/else.xml"), "x.docx", NotADocument),
        (a_package(others={"xl/workbook.xml": b""}), "x.docx", NotADocument),
        (a_package(others={"word/vbaProject.bin": b"x"}), "x.docx", DocumentUnsafe),
        (locked(a_package()), "x.docx", DocumentUnsafe),
        (claiming(a_package(), 1), "x.docx", DocumentUnsafe),
        (claiming(a_package(), 0xFFFFFFF0), "x.docx", DocumentUnsafe),
        (b"%PDF-1.7" + bytes(10 * 1024 * 1024), "x.pdf", TooLarge),
    ],
)
def test_what_is_none_is_refused(data: bytes, name: str, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        opened(data, name)


@pytest.mark.parametrize(
    "bomb",
    [
        claiming(a_package(), 201 * 1024 * 1024),
        a_package(others={f"word/{number}.xml": b"" for number in range(2000)}),
    ],
    ids=["one large", "many"],
)
def test_a_bomb_is_refused_before_it_is_unpacked(
    bomb: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile.ZipFile, "testzip", lambda _: pytest.fail("it was unpacked"))
    started = time.process_time()

    with pytest.raises(DocumentUnsafe):
        opened(bomb, "x.docx")

    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("停水安排.docx", "停水安排.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie x.pdf"),
        ("cod\u202efdp.exe", "cod fdp.pdf"),
        ("", "document.pdf"),
        (None, "document.pdf"),
        ("...", "document.pdf"),
        ("x" * 300, "x" * 80 + ".pdf"),
        ("\ud800.pdf", "document.pdf"),
    ],
)
def test_a_document_is_saved_under_a_harmless_name(given: str | None, kept: str) -> None:
    assert named(given, "pdf") == kept


async def served(file: File, name: str, *, shown: bool = False) -> httpx.Response:
    transport = httpx.ASGITransport(download(file, name, shown=shown))
    async with httpx.AsyncClient(transport=transport, base_url="http://palm.test") as browser:
        return await browser.get("/")


async def test_a_document_is_kept_and_served_to_be_saved(
    session: AsyncSession, community: Community
) -> None:
    file = await store_document(session, b"%PDF-1.7\n", "x.pdf", community_id=community.id)

    answer = await served(file, '停水"安排.pdf', shown=True)

    assert answer.content == b"%PDF-1.7\n"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="file.pdf"; filename*=UTF-8')
    assert "%22" in disposition
    assert disposition.isascii()
    store.document_path(community.id, file.id, "pdf").unlink()
    with pytest.raises(NotFound):
        download(file, "x.pdf")


async def test_a_document_is_nobodys_photo(session: AsyncSession, community: Community) -> None:
    file = await store_document(session, b"%PDF-1.7\n", "x.pdf", community_id=community.id)

    assert (file.uploaded_by, file.width, file.height) == (None, 0, 0)


async def test_what_a_rollback_left_of_a_document_is_swept(
    session: AsyncSession, community: Community, data_dir: Path, worker: Worker
) -> None:
    where = community.id
    kept = (await store_document(session, b"%PDF-1.7", "x.pdf", community_id=where)).id
    await session.commit()
    await store_document(session, a_package(), "x.docx", community_id=where)
    await session.rollback()
    assert len(on_disk(data_dir)) == 2
    lie_for_two_hours(data_dir)

    await run_sweep(worker)

    assert on_disk(data_dir) == [f"{kept}.pdf"]
    assert (await session.scalars(select(File.id))).all() == [kept]


def test_a_photo_is_no_document() -> None:
    with pytest.raises(NotADocument):
        opened(a_picture(), "x.txt")
