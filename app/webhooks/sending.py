"""One call to one endpoint, and what its answer means."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import httpx

from app.core import http
from app.core.clock import now
from app.core.http import AddressRefused, AnswerTooLarge
from app.core.log import log
from app.core.webhook_signing import keys_of, signed

DELIVERED = "delivered"
GONE = "gone"
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (AddressRefused, "address_refused"),
    (AnswerTooLarge, "answer_too_large"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ConnectError, "no_connection"),
    (httpx.HTTPError, "broken_answer"),
)
_LONGEST_WAIT = timedelta(hours=24)
_BUSY = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call went: `delivered`, or what went wrong in a word."""

    word: str
    status: int | None = None
    wait: timedelta | None = None
    """What the endpoint asks for before anything else is sent to it."""

    @property
    def away(self) -> bool:
        """Whether nothing answered, so that another message would do no better."""
        return self.status is None


def body_of(payload: dict[str, Any]) -> bytes:
    """The message as it is sent and signed, the same at every attempt."""
    ordered = {name: payload[name] for name in ("type", "timestamp", "data")}
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()


async def post(
    url: str, message_id: UUID, payload: dict[str, Any], *, secrets: Sequence[str]
) -> Outcome:
    """Send a message once; whatever happens is an outcome.

    A redirect is a failure and not followed; of the answer 64 kB are read, for 10 s in all.
    """
    body = body_of(payload)
    headers = {
        "content-type": "application/json",
        **signed(keys_of(secrets), str(message_id), now(), body),
    }
    try:
        answer = await http.guarded().post(url, content=body, headers=headers)
    except Exception as error:  # noqa: BLE001 - an attempt that has no outcome never ends
        return Outcome(_word(error))
    return _meaning(answer)


def _word(error: Exception) -> str:
    for kind, word in _WORDS:
        if isinstance(error, kind):
            return word
    log.warning("webhook_unsendable", error=type(error).__name__)
    return "unsendable"


def _meaning(answer: httpx.Response) -> Outcome:
    status = answer.status_code
    if answer.is_success:
        return Outcome(DELIVERED, status)
    if status == httpx.codes.GONE:
        return Outcome(GONE, status)
    wait = _wait(answer.headers.get("retry-after", "")) if status in _BUSY else None
    return Outcome("redirect" if answer.has_redirect_location else f"http_{status}", status, wait)


def _wait(asked: str) -> timedelta | None:
    """What a `Retry-After` asks for, in seconds or until a moment; a day at most."""
    try:
        seconds = int(asked) if asked.isdecimal() else _until(parsedate_to_datetime(asked))
    except (ValueError, TypeError):
        return None
    longest = _LONGEST_WAIT.total_seconds()
    return timedelta(seconds=min(seconds, longest)) if seconds > 0 else None


def _until(moment: datetime) -> float:
    return (moment - now()).total_seconds() if moment.tzinfo else 0
