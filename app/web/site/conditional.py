"""Answers that need not be sent again: the reader says which it has, and is told it is that one."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from app.core.clock import now

_UNCHANGED = 304
_KEPT_SECONDS = 60
_GRAIN = timedelta(seconds=1)


def _has(request: Request, tag: str, changed_at: datetime) -> bool:
    """Whether the reader has this very answer; a tag, where there is one, decides alone."""
    if tags := request.headers.get("If-None-Match"):
        return tag in [each.strip().removeprefix("W/") for each in tags.split(",")] or tags == "*"
    try:
        since = parsedate_to_datetime(request.headers.get("If-Modified-Since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and changed_at.replace(microsecond=0) <= since


def answer(
    request: Request,
    body: bytes,
    *,
    media_type: str,
    changed_at: datetime,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The body, or 304 to who has it already.

    What changed within this second may change in it again: no date is told then.
    """
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    told = {
        "ETag": tag,
        "Cache-Control": f"public, max-age={_KEPT_SECONDS}",
        "Vary": "Accept-Language",
        **(headers or {}),
    }
    if now() - changed_at > _GRAIN:
        told["Last-Modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    if _has(request, tag, changed_at):
        return Response(status_code=_UNCHANGED, headers=told)
    return Response(body, media_type=media_type, headers=told)
