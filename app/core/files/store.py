"""Where photos lie on the disk, and how they get there whole or not at all."""

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from app.core.files import decode
from app.core.log import log
from app.core.problems import Problem, TooLarge, Unavailable
from app.core.settings import settings

MOST_BYTES = 10 * 1024 * 1024
_SECONDS = 20
_DRAFT = ".draft-"
_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OURS = re.compile(rf"\.draft-[0-9a-f]{{16}}|{_ID}((\.small)?\.jpg|\.(pdf|docx|xlsx|pptx|txt))")
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"RIFF")


class NotAPhoto(Problem, status=422):
    """The file is not a photo we can read: JPEG, PNG, GIF or WebP."""


class TooManyPixels(Problem, status=422):
    """The photo has more pixels or frames than we read."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as we keep it: JPEG of its pixels alone, and a small one."""

    body: bytes
    thumbnail: bytes
    width: int
    height: int

    @property
    def digest(self) -> bytes:
        """SHA-256 of the body."""
        return sha256(self.body).digest()


def _bytes(data: bytes | Path) -> bytes:
    """The picture, when its size and first bytes could be a photo's."""
    if isinstance(data, Path):
        with data.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TooLarge
    if not data.startswith(_BEGINNINGS):
        raise NotAPhoto
    return data


def opened(data: bytes | Path) -> Photo:
    """Decode and encode again in a child process; blocking, up to 20 s and then given up."""
    picture = _bytes(data)
    try:
        child = subprocess.run(  # noqa: S603 - our own program, the picture on its input
            [sys.executable, "-I", decode.__file__],
            input=picture,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        log.warning("photo_took_too_long", size=len(picture))
        raise NotAPhoto from None
    if child.returncode == decode.TOO_MANY_PIXELS:
        raise TooManyPixels
    if child.returncode:
        log.warning("photo_refused", code=child.returncode, size=len(picture))
        raise NotAPhoto
    head, _, bodies = child.stdout.partition(b"\n")
    shape = json.loads(head)
    first = shape["sizes"][0]
    return Photo(bodies[:first], bodies[first:], shape["width"], shape["height"])


def root() -> Path:
    """The directory of all files."""
    return settings().data_dir / "files"


def path_of(community_id: UUID, file_id: UUID, *, thumbnail: bool = False) -> Path:
    """Where a file of a community lies, among the 256 directories the community has."""
    name = f"{file_id}.small.jpg" if thumbnail else f"{file_id}.jpg"
    return root() / str(community_id) / file_id.hex[-2:] / name


def document_path(community_id: UUID, file_id: UUID, suffix: str) -> Path:
    """Where a document of a community lies, beside its photos."""
    return path_of(community_id, file_id).with_suffix(f".{suffix}")


def _flush(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, body: bytes) -> None:
    """Put a file in its place in one step, and see it reach the disk."""
    draft = path.with_name(f"{_DRAFT}{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write(photo: Photo, *, community_id: UUID, file_id: UUID) -> None:
    """Write both sizes so that they survive a crash; `Unavailable` when the disk is full."""
    small = path_of(community_id, file_id, thumbnail=True)
    _put({small: photo.thumbnail, path_of(community_id, file_id): photo.body})


def write_document(body: bytes, *, community_id: UUID, file_id: UUID, suffix: str) -> None:
    """Write a document so that it survives a crash; `Unavailable` when the disk is full."""
    _put({document_path(community_id, file_id, suffix): body})


def _put(bodies: Mapping[Path, bytes]) -> None:
    """Write files of one directory, in this order."""
    path = next(iter(bodies))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each, body in bodies.items():
            _write(each, body)
        for directory in (path.parent, path.parent.parent, root(), root().parent):
            _flush(directory)
    except OSError as error:
        log.exception("file_not_written", exc_info=error)
        raise Unavailable from error


def older(moment: float) -> Iterator[Path]:
    """Files of ours, drafts included, last written before this POSIX time."""
    for path in root().glob("*/??/*"):
        try:
            if _OURS.fullmatch(path.name) and path.stat().st_mtime < moment:
                yield path
        except FileNotFoundError:
            continue


def owner_of(path: Path) -> tuple[UUID, UUID] | None:
    """The key of the row a file belongs to, community first; None for a draft."""
    if path.name.startswith(_DRAFT):
        return None
    return UUID(path.parent.parent.name), UUID(path.name.partition(".")[0])
