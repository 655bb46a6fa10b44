"""Documents that staff give out: known by their bytes, never opened by us, handed on to be saved.

`await store_document(session, data, name, community_id=…)` writes the file and then its row, as
photos are kept. Nobody is noted as its uploader, so that nobody can use it as a photo of theirs.
"""

import asyncio
import re
import zipfile
from enum import StrEnum
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import FileResponse

from app.core.files import MOST_BYTES, File, NotAPhoto, respond, store, store_photo, threads
from app.core.ids import new_id
from app.core.log import log
from app.core.problems import NotFound, Problem, TooLarge

_MOST_ENTRIES = 2000
_MOST_UNPACKED = 200 * 1024 * 1024
_LONGEST_NAME = 80
_ZIP = b"PK\x03\x04"
_ENTRY = b"PK\x01\x02"
_LOCKED = 0x1
_PDF = re.compile(rb"%PDF-[12]\.[0-9]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_NO_NAME = re.compile(
    r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff/\\:*?"<>|]'
)


class NotADocument(Problem, status=422):
    """The file is not a document we take: PDF, Word, Excel, PowerPoint (docx, xlsx, pptx), text."""


class DocumentUnsafe(Problem, status=422):
    """The document holds programs, is locked, or unpacks to far more than it is."""


class DocumentType(StrEnum):
    """What a document is, by the end of its name."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    TXT = "txt"

    @property
    def media_type(self) -> str:
        """As it is served."""
        return _MEDIA_TYPES[self]


_OFFICE = "application/vnd.openxmlformats-officedocument"
_MEDIA_TYPES = {
    DocumentType.PDF: "application/pdf",
    DocumentType.DOCX: f"{_OFFICE}.wordprocessingml.document",
    DocumentType.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    DocumentType.PPTX: f"{_OFFICE}.presentationml.presentation",
    DocumentType.TXT: "text/plain",
}
_TYPES = {media_type: kind for kind, media_type in _MEDIA_TYPES.items()}
_HEARTS = {
    "word/document.xml": DocumentType.DOCX,
    "xl/workbook.xml": DocumentType.XLSX,
    "ppt/presentation.xml": DocumentType.PPTX,
}
"""The entry that makes a package of the office formats what it is."""


def _looked_through(package: zipfile.ZipFile) -> DocumentType:
    """What the package is; everything in it is unpacked once, as far as its entries claim to go.

    One that holds more than it claims breaks its checksum.
    """
    entries = package.infolist()
    names = {entry.filename for entry in entries}
    programs = any(name.lower().endswith("vbaproject.bin") for name in names)
    locked = any(entry.flag_bits & _LOCKED for entry in entries)
    if programs or locked or sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
        raise DocumentUnsafe
    kinds = [kind for heart, kind in _HEARTS.items() if heart in names]
    if "[Content_Types].xml" not in names or len(kinds) != 1:
        raise NotADocument
    if package.testzip() is not None:
        raise DocumentUnsafe
    return kinds[0]


def _packed(data: bytes) -> DocumentType:
    """Which office document a package is."""
    if data.count(_ENTRY) > _MOST_ENTRIES:
        raise DocumentUnsafe
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return _looked_through(package)
    except Problem:
        raise
    except Exception as error:  # a damaged package may raise anything
        raise NotADocument from error


def _written(data: bytes) -> str:
    """What a text says: it is one when it can be read, in UTF-8 or as Chinese editors save it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text and not _CONTROLS.search(text):
            return text
    raise NotADocument


def opened(data: bytes, name: str) -> tuple[DocumentType, bytes]:
    """What a document is by its bytes, and those to keep, text in UTF-8; blocking, up to a second.

    Text has no mark of its own: it is taken for what it is when its name says so, too. Raises
    `TooLarge` (413), `NotADocument` or `DocumentUnsafe` (422).
    """
    if len(data) > MOST_BYTES:
        raise TooLarge
    if _PDF.match(data):
        return DocumentType.PDF, data
    if data.startswith(_ZIP):
        return _packed(data), data
    if not name.lower().endswith(".txt"):
        raise NotADocument
    return DocumentType.TXT, _written(data).encode()


def named(name: str | None, end: str) -> str:
    """A name to save a file under: what its owner called it, made harmless, with its true end."""
    stem = _NO_NAME.sub(" ", re.split(r"[/\\]", name or "")[-1])
    if "." in stem:
        stem = stem.rpartition(".")[0]
    stem = " ".join(stem.split()).strip(". ")[:_LONGEST_NAME].strip(". ")
    return f"{stem or 'document'}.{end}"


async def store_document(
    session: AsyncSession, data: bytes, name: str, *, community_id: UUID
) -> File:
    """Keep a document under a name of ours; errors as `opened`, `Unavailable` for a full disk."""
    run = asyncio.get_running_loop().run_in_executor
    kind, body = await run(threads, opened, data, name)
    file = File(
        community_id=community_id,
        id=new_id(),
        sha256=sha256(body).digest(),
        media_type=kind.media_type,
        size=len(body),
        width=0,
        height=0,
    )
    where = partial(store.write_document, body, community_id=community_id, file_id=file.id)
    await run(threads, partial(where, suffix=kind.value))
    session.add(file)
    await session.flush()
    return file


def _end_of(file: File) -> str:
    """How the name of a file ends by what it is; what is no document is a photo."""
    return _TYPES.get(file.media_type, "jpg")


async def store_either(
    session: AsyncSession, data: bytes, name: str, *, community_id: UUID
) -> tuple[File, str]:
    """Keep a photo or a document, whichever its bytes say, and a harmless name to save it under.

    Errors as `store_photo` and `store_document`; what is neither is `NotADocument`.
    """
    try:
        file = await store_photo(session, data, community_id=community_id, by=None)
    except NotAPhoto:
        file = await store_document(session, data, name, community_id=community_id)
    return file, named(name, _end_of(file))


def download(file: File, name: str, *, shown: bool = False) -> FileResponse:
    """Serve a document or a photo to be saved under this name: never guessed at, never run.

    With `shown` a photo may stand in a page.
    """
    end = _end_of(file)
    if file.media_type not in _TYPES:
        answer = respond(file)
        how = "inline" if shown else "attachment"
    else:
        path = store.document_path(file.community_id, file.id, end)
        answer, how = FileResponse(_there(path, file), media_type=file.media_type), "attachment"
    answer.headers.update(
        {
            "Cache-Control": "private, max-age=86400, immutable",
            "Content-Disposition": f'{how}; filename="file.{end}"; '
            f"filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
    )
    return answer


def _there(path: Path, file: File) -> Path:
    if not path.is_file():
        log.error("file_lost", file_id=file.id)
        raise NotFound
    return path
