"""What an answer of WeChat's API means, decided in one place for every call."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from app.core.clock import CHINA, now
from app.wechat.problems import Ambiguous, Failure, Passing, Permanent, StaleToken

_STALE_TOKEN = frozenset({40001, 40014, 42001})
_BUSY = -1
_MINUTE_QUOTA = 45011
_DAY_QUOTA = 45009
_STILL_AT_IT = 45066

ALARMING = frozenset({"40013", "40125", "40164", "40243", "45009", "48001", "50002"})
"""Codes that stay until somebody does something about the account: wrong AppID or secret, address
not on the white list, the day's quota used up, no permission, account restricted."""

_OK = 200
_SERVER_ERROR = 500
_NOT_TAKEN = frozenset({408, 429})


def failure(code: int) -> Failure:
    """What an errcode other than 0 means for a call."""
    if code in _STALE_TOKEN:
        return StaleToken(str(code))
    if code == _BUSY:
        return Passing(str(code))
    if code in (_MINUTE_QUOTA, _STILL_AT_IT):
        return Passing(str(code), wait=timedelta(minutes=1))
    if code == _DAY_QUOTA:
        return Passing(str(code), wait=_until_midnight(now()))
    return Permanent(str(code))


def _until_midnight(moment: datetime) -> timedelta:
    """Quotas are counted by China's days."""
    local = moment.astimezone(CHINA)
    tomorrow = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return tomorrow - local


def unanswered(code: str, *, repeatable: bool) -> Failure:
    """What it means when a call went out and nothing came back that WeChat said.

    It may have been done. A call that WeChat recognises when it comes again can just be repeated.
    """
    return Passing(code) if repeatable else Ambiguous(code)


def understood(
    response: httpx.Response, *, proof: str, repeatable: bool, done: frozenset[int] = frozenset()
) -> Mapping[str, Any]:
    """The members of an answer that says the call was done; a `Failure` otherwise.

    `proof` is the member that only such an answer has. Without it, nothing is believed. `done` are
    the codes that say that it was done the last time.
    """
    status = response.status_code
    if status in _NOT_TAKEN:
        raise Passing(code=f"http_{status}")
    if status >= _SERVER_ERROR:
        raise unanswered(code=f"http_{status}", repeatable=repeatable)
    if status != _OK:
        raise Permanent(code=f"http_{status}")
    members = _members(response.content)
    code = members.get("errcode", 0)
    if not isinstance(code, int) or isinstance(code, bool):
        raise Ambiguous(code="unreadable_errcode")
    if code and code not in done:
        raise failure(code)
    if members.get(proof) in (None, ""):
        raise Ambiguous(code=f"no_{proof}")
    return members


def _members(content: bytes) -> Mapping[str, Any]:
    try:
        members = json.loads(content)
    except (ValueError, RecursionError):
        raise Ambiguous(code="not_json") from None
    if not isinstance(members, dict):
        raise Ambiguous(code="not_an_object")
    return members


def file_in(response: httpx.Response) -> bytes:
    """The file that was asked for; errors come with the same status, as JSON."""
    content = response.content
    kind = response.headers.get("Content-Type", "").lower()
    is_text = kind.startswith(("text/", "application/json")) or content.lstrip().startswith(b"{")
    if response.status_code == _OK and content and not is_text:
        return content
    understood(response, proof="errcode", repeatable=True)
    raise Ambiguous(code="no_file")
