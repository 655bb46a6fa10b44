"""Files: what an account uploads, what a follower sends, and fetching either."""

import secrets
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox.api import Answer, Asked, api, with_token
from app.sandbox.errors import Refused
from app.sandbox.state import Account, Media, World

KEPT_SECONDS = 3 * 86400
LARGEST_IMAGE = 10 * 1024 * 1024

_LIMITS = {
    "image": (LARGEST_IMAGE, 40009),
    "voice": (2 * 1024 * 1024, 45002),
    "video": (10 * 1024 * 1024, 45002),
    "thumb": (64 * 1024, 45002),
}
_SUFFIXES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "audio/amr": "amr",
    "video/mp4": "mp4",
}


def type_of(content: bytes) -> str | None:
    """The media type that the first bytes tell, None for what the platform does not carry."""
    starts = {
        b"\xff\xd8\xff": "image/jpeg",
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"GIF8": "image/gif",
        b"#!AMR": "audio/amr",
    }
    for start, content_type in starts.items():
        if content.startswith(start):
            return content_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "video/mp4" if content[4:8] == b"ftyp" else None


class Shelf:
    """The files themselves: in a folder beside the journal, or in memory without one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[str, bytes] = {}
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def put(self, media_id: str, content: bytes) -> None:
        """Keep a file."""
        if self._folder:
            (self._folder / media_id).write_bytes(content)
        else:
            self._held[media_id] = content

    def get(self, media_id: str) -> bytes:
        """A file that was kept."""
        return (self._folder / media_id).read_bytes() if self._folder else self._held[media_id]


def keep(world: World, shelf: Shelf, account: Account, kind: str, content: bytes) -> str:
    """Keep a file for three days; its media id."""
    media_id = secrets.token_urlsafe(48)
    content_type = type_of(content) or "application/octet-stream"
    shelf.put(media_id, content)
    row = Media(app_id=account.app_id, kind=kind, content_type=content_type, at=world.now())
    world.media.put(media_id, row)
    return media_id


async def upload(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/media/upload: a temporary file in the form field `media`."""
    kind = asked.query.get("type", "")
    if kind not in _LIMITS:
        raise Refused(40004)
    async with asked.request.form() as form:
        part = form.get("media")
        if not isinstance(part, UploadFile):
            raise Refused(41005)
        content = await part.read()
    limit, refusal = _LIMITS[kind]
    if len(content) > limit:
        raise Refused(refusal)
    expected = "image" if kind == "thumb" else kind
    if not (type_of(content) or "").replace("audio/", "voice/").startswith(expected):
        raise Refused(40005)
    media_id = keep(asked.world, asked.request.app.state.shelf, account, kind, content)
    return {"type": kind, "media_id": media_id, "created_at": int(asked.world.now())}


async def download(asked: Asked, account: Account) -> Answer:
    """GET /cgi-bin/media/get: the file, as an attachment."""
    media_id = asked.query.get("media_id", "")
    media = asked.world.media.get(media_id)
    if media is None or media.app_id != account.app_id:
        raise Refused(40007)
    if asked.world.now() - media.at >= KEPT_SECONDS:
        raise Refused(40007)
    name = f"{media_id}.{_SUFFIXES.get(media.content_type, 'bin')}"
    headers = {"Content-disposition": f'attachment; filename="{name}"'}
    content = asked.request.app.state.shelf.get(media_id)
    return Response(content, media_type=media.content_type, headers=headers)


ROUTES: list[Route] = [
    api("/cgi-bin/media/upload", "POST", with_token(upload)),
    api("/cgi-bin/media/get", "GET", with_token(download)),
]
