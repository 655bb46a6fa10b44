"""Posting to a platform: every way a call can go wrong, in the words all senders share."""

import json
import math
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx

from app.core import http
from app.core.sending import Failed, Refused
from app.groups.problems import HookUnreadable
from app.groups.reading import Members, members, read

A_MINUTE = timedelta(minutes=1)
_LONGEST_WAIT = 3600


async def post(
    url: str | httpx.URL, body: bytes, *, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """The answer to a JSON body that was posted to an address somebody gave us; its status is 2xx.

    `Refused` where the address may not be called or is no such thing, `Failed` with the lane
    stopped where calls come too fast, and with `sent` wherever it may have been taken.
    """
    try:
        answer = await http.guarded().post(
            url, content=body, headers={"Content-Type": "application/json", **(headers or {})}
        )
    except http.AddressRefused:
        raise Refused(code="address_refused") from None
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise Failed(code="unreachable", sent=False) from None
    except httpx.UnsupportedProtocol:
        raise Refused(code="address_refused") from None
    except http.AnswerTooLarge:
        raise Failed(code="too_large") from None
    except httpx.DecodingError:
        raise Failed(code="unreadable") from None
    except httpx.TimeoutException:
        raise Failed(code="timeout") from None
    except httpx.TransportError:
        raise Failed(code="cut_off") from None
    demand_taken(answer)
    return answer


def demand_taken(answer: httpx.Response) -> None:
    """Return when the status is 2xx; otherwise say whether another attempt may do better."""
    if answer.is_success:
        return
    status = answer.status_code
    code = f"http_{status}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Failed(code, wait=_asked_wait(answer), lane=True, sent=False)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        raise Failed(code)
    raise Refused(code)


def _asked_wait(answer: httpx.Response) -> timedelta:
    """How long the other side asks to be left alone, a minute where it does not say."""
    try:
        seconds = float(answer.headers.get("retry-after", "60"))
    except ValueError:
        return A_MINUTE
    if not math.isfinite(seconds):
        return A_MINUTE
    return timedelta(seconds=min(max(seconds, 1), _LONGEST_WAIT))


def bearer(token: str | None) -> dict[str, str]:
    """The header that carries a token; `Refused` where none could carry it."""
    if token and not (token.isascii() and token.isprintable()):
        raise Refused(code="unusable_token")
    return {"Authorization": f"Bearer {token}"} if token else {}


def packed(message: Mapping[str, Any] | list[Any]) -> bytes:
    """A message as JSON."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def told(answer: httpx.Response) -> Members:
    """The members of a JSON answer; `Failed` where it says something else, or ends too early."""
    try:
        return members(read(answer.content))
    except HookUnreadable:
        raise Failed(code="unreadable") from None


def code_in(answer: Members, *names: str) -> int:
    """The platform's code for what became of it, 0 for well; `Failed` where there is none."""
    for name in names:
        code: Any = answer.get(name)
        if isinstance(code, int) and not isinstance(code, bool):
            return code
    raise Failed(code="unreadable")
