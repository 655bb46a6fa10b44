"""What the service asks of WeChat's API, in an account's name.

Every verb raises `Passing`, `Permanent` or `Ambiguous`, and returns only what WeChat has confirmed.
A token that WeChat turns down is replaced, and the call made a second time, not a third.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx

from app.core import http
from app.core.database import Sessions
from app.core.log import log
from app.core.settings import settings
from app.wechat.answers import ALARMING, file_in, unanswered, understood
from app.wechat.edge.replies import cut
from app.wechat.models import Account
from app.wechat.problems import Ambiguous, Failure, Passing, Permanent, StaleToken
from app.wechat.token import access_token

T = TypeVar("T")

_SENT_ALREADY = frozenset({45065})
_ANSWERS = http.call()
_FILES = http.call(cap=http.MEDIA, total=30.0)


@dataclass(frozen=True, slots=True)
class Follower:
    """What WeChat tells about a user; names and faces it has not told since 2021."""

    openid: str
    subscribed: bool
    nickname: str
    unionid: str | None


@dataclass(slots=True)
class Held:
    """A token in force, kept by who makes many calls in a row, so that each need not ask for it."""

    token: str | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    repeatable: bool
    """WeChat does it once however often it is asked."""
    done: frozenset[int] = frozenset()
    """Codes that say that it was done the last time."""
    query: Mapping[str, str] | None = None
    json: Mapping[str, Any] | None = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    carries_file: bool = False


async def send_template(
    sessions: Sessions,
    account: Account,
    openid: str,
    template_id: str,
    data: Mapping[str, str],
    *,
    client_msg_id: str,
    url: str = "",
    held: Held | None = None,
) -> str:
    """Send a template message and return its MsgID, which comes back when it was delivered.

    Under the same `client_msg_id` (32 characters at most) WeChat sends it once within ten minutes.
    """
    message = {
        "touser": openid,
        "template_id": template_id,
        "url": url,
        "client_msg_id": client_msg_id,
        "data": {name: {"value": value} for name, value in data.items()},
    }
    call = _Call("POST", "/cgi-bin/message/template/send", repeatable=True, json=message)
    return str((await _told(sessions, account, call, "errcode", held)).get("msgid", ""))


async def send_subscribed(
    sessions: Sessions,
    account: Account,
    openid: str,
    template_id: str,
    data: Mapping[str, str],
    *,
    url: str = "",
    held: Held | None = None,
) -> None:
    """Send a message that somebody subscribed to: one for each consent, 43101 without.

    WeChat does not recognise a second one as the same: without an answer it is `Ambiguous`.
    """
    message = {
        "touser": openid,
        "template_id": template_id,
        "page": url,
        "data": {name: {"value": value} for name, value in data.items()},
    }
    call = _Call("POST", "/cgi-bin/message/subscribe/bizsend", repeatable=False, json=message)
    await _told(sessions, account, call, "errcode", held)


async def send_to_all(
    sessions: Sessions,
    account: Account,
    text: str,
    *,
    client_msg_id: str,
    tag_id: int | None = None,
    held: Held | None = None,
) -> str:
    """Send a text to every follower, or to those under a tag of WeChat's, and return its id.

    Under the same `client_msg_id` (64 bytes at most) WeChat sends it once within a day. A follower
    gets four a month.
    """
    who = {"is_to_all": True} if tag_id is None else {"is_to_all": False, "tag_id": tag_id}
    message = {
        "filter": who,
        "msgtype": "text",
        "text": {"content": cut(text)},
        "clientmsgid": client_msg_id,
    }
    call = _Call(
        "POST", "/cgi-bin/message/mass/sendall", repeatable=True, json=message, done=_SENT_ALREADY
    )
    return str((await _told(sessions, account, call, "errcode", held)).get("msg_id", ""))


async def send_text(
    sessions: Sessions, account: Account, openid: str, text: str, *, held: Held | None = None
) -> None:
    """Send a customer message, cut to 2048 bytes, to who wrote within the last 48 hours.

    WeChat does not recognise a second one as the same: without an answer it is `Ambiguous`.
    """
    message = {"touser": openid, "msgtype": "text", "text": {"content": cut(text)}}
    call = _Call("POST", "/cgi-bin/message/custom/send", repeatable=False, json=message)
    await _told(sessions, account, call, "errcode", held)


async def create_menu(sessions: Sessions, account: Account, menu: Mapping[str, Any]) -> None:
    """Put a menu of at most three buttons, five below each, under the conversation."""
    call = _Call("POST", "/cgi-bin/menu/create", repeatable=True, json=menu)
    await _told(sessions, account, call, "errcode")


async def user_info(sessions: Sessions, account: Account, openid: str) -> Follower:
    """Whether somebody follows the account, and what is known of them."""
    query = {"openid": openid, "lang": "zh_CN"}
    call = _Call("GET", "/cgi-bin/user/info", repeatable=True, query=query)
    told = await _told(sessions, account, call, "subscribe")
    return Follower(
        openid=openid,
        subscribed=told["subscribe"] == 1,
        nickname=str(told.get("nickname") or ""),
        unionid=str(told.get("unionid") or "") or None,
    )


async def fetch_media(sessions: Sessions, account: Account, media_id: str) -> bytes:
    """A file that somebody sent within the last three days, up to 10 MB."""
    call = _Call(
        "GET",
        "/cgi-bin/media/get",
        repeatable=True,
        query={"media_id": media_id},
        carries_file=True,
    )

    async def ask(token: str) -> bytes:
        return file_in(await _sent(call, token))

    return await _authorised(sessions, account, ask)


async def upload_media(
    sessions: Sessions,
    account: Account,
    content: bytes,
    *,
    media_type: str = "image/jpeg",
    kind: str = "image",
) -> str:
    """Leave a file with WeChat for three days, and return its media id."""
    name = f"{kind}.{media_type.partition('/')[2]}"
    call = _Call(
        "POST",
        "/cgi-bin/media/upload",
        repeatable=True,
        query={"type": kind},
        files={"media": (name, content, media_type)},
        carries_file=True,
    )
    return str((await _told(sessions, account, call, "media_id"))["media_id"])


async def _told(
    sessions: Sessions, account: Account, call: _Call, proof: str, held: Held | None = None
) -> Mapping[str, Any]:
    async def ask(token: str) -> Mapping[str, Any]:
        answer = await _sent(call, token)
        return understood(answer, proof=proof, repeatable=call.repeatable, done=call.done)

    return await _authorised(sessions, account, ask, held)


async def _authorised(
    sessions: Sessions,
    account: Account,
    ask: Callable[[str], Awaitable[T]],
    held: Held | None = None,
) -> T:
    """Ask with the token in force, and once more with its successor."""
    held = held or Held()
    try:
        token = held.token = held.token or await access_token(sessions, account)
        try:
            return await ask(token)
        except StaleToken:
            token = held.token = await access_token(sessions, account, refused=token)
        return await ask(token)
    except Failure as failure:
        if failure.code in ALARMING:
            log.error("wechat_needs_attention", account=account.slug, code=failure.code)
        raise


async def _sent(call: _Call, token: str) -> httpx.Response:
    """The answer to a call, whatever it says; a `Failure` where there was none."""
    limits = _FILES if call.carries_file else _ANSWERS
    try:
        return await http.client().request(
            call.method,
            _address(call.path, {"access_token": token, **(call.query or {})}),
            json=call.json,
            files=call.files,
            extensions={**limits, "idempotent": call.repeatable},
        )
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise Passing(code="unreachable") from None
    except http.AnswerTooLarge:
        raise _oversized(call) from None
    except httpx.DecodingError:
        raise Ambiguous(code="unreadable") from None
    except httpx.TimeoutException:
        raise unanswered(code="timeout", repeatable=call.repeatable) from None
    except httpx.TransportError:
        raise unanswered(code="cut_off", repeatable=call.repeatable) from None


def _oversized(call: _Call) -> Failure:
    """A file that is too large stays so; an answer that is too large was none of WeChat's."""
    return Permanent(code="too_large") if call.carries_file else Ambiguous(code="too_large")


def _address(path: str, query: Mapping[str, str]) -> str:
    """The whole address; httpx would read it twice if it put the query there."""
    return f"{settings().wechat_api.rstrip('/')}{path}?{urlencode(query)}"
