"""OneBot 11: an implementation on somebody's machine reports by HTTP and is spoken to by HTTP."""

import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any

from typing_extensions import override

from app.core.sending import Failed, Refused
from app.groups.platforms import (
    Address,
    Answer,
    Call,
    Heard,
    Limits,
    Opened,
    Platform,
    Words,
    platforms,
)
from app.groups.posting import bearer, code_in, packed, post, told
from app.groups.problems import HookUnreadable, NotFromPlatform
from app.groups.proving import demand
from app.groups.reading import (
    Members,
    known_as,
    members,
    members_or_none,
    moment,
    name,
    read,
    words,
)
from app.groups.segments import Segment, put_together

NOTHING = Answer(status=204)

_CODE = re.compile(r"\[CQ:([^,\[\]]{1,40})(?:,([^\[\]]*))?\]")
_ESCAPES = (("&#91;", "["), ("&#93;", "]"), ("&#44;", ","), ("&amp;", "&"))
_WRONG = frozenset({100, 102, 103, 104})
"""Words of common implementations for a group or a message that is not to be had."""
_HTTP_REFUSALS = range(1400, 1500)


class OneBot11(Platform):
    """Reads reports that are signed with `secret`, calls the API with `token`."""

    needs = ("secret", "token")
    limits = Limits(text_bytes=4000, per_minute=30, per_second=1, patience=3.0)
    dedupes = False

    @override
    def open(self, keys: Mapping[str, str], call: Call) -> Opened:
        """A report whose body is signed; its header names the bot it is about."""
        _demand_signature(keys, call)
        report = members(read(call.body))
        me = known_as(report.get("self_id"))
        if keys.get("self_id") and me != keys["self_id"]:
            raise NotFromPlatform
        if report.get("post_type") != "message":
            return Opened(answer=NOTHING)
        heard = _heard(report, me)
        return Opened([heard]) if heard else Opened(answer=NOTHING)

    @override
    def answer(self, keys: Mapping[str, str], opened: Opened, text: str | None) -> Answer:
        """A quick reply; `auto_escape` keeps what a resident typed from becoming a command."""
        if not text:
            return NOTHING
        reply = {"reply": self.limits.reply(text), "auto_escape": True, "at_sender": False}
        return Answer(packed(reply))

    @override
    async def send(self, to: Address, words: Words) -> str | None:
        """Call `send_group_msg` of the implementation."""
        if not to.api or not to.group_id:
            raise Refused(code="no_address")
        group = int(to.group_id) if to.group_id.isdecimal() else to.group_id
        said = {"type": "text", "data": {"text": self.limits.text(words)}}
        message = {"group_id": group, "message": [said]}
        answer = await post(
            f"{to.api.rstrip('/')}/send_group_msg",
            packed(message),
            headers=bearer(to.keys.get("token")),
        )
        return _receipt(told(answer))


def _demand_signature(keys: Mapping[str, str], call: Call) -> None:
    secret = keys.get("secret", "").encode()
    if call.method != "POST" or not secret:
        raise NotFromPlatform
    signature = hmac.new(secret, call.body, "sha1").hexdigest()
    demand(call.headers.get("x-signature"), f"sha1={signature}")
    if keys.get("self_id"):
        demand(call.headers.get("x-self-id"), keys["self_id"])


def _heard(report: Members, me: str) -> Heard | None:
    """What was said; None of what the bot said itself, or what is said in no group."""
    sender = known_as(report.get("user_id"))
    where = report.get("message_type")
    if sender == me or where not in ("group", "private"):
        return None
    said = put_together(_segments(report.get("message")), me)
    who = members_or_none(report.get("sender"))
    return Heard(
        message_id=known_as(report.get("message_id")),
        group_id=known_as(report.get("group_id")) if where == "group" else None,
        group_name=name(report.get("group_name")),
        sender_id=sender,
        sender_name=name(who.get("card")) or name(who.get("nickname")),
        sent_at=moment(report.get("time")),
        kind=said.kind,
        text=said.text,
        to_bot=said.at_me or where == "private",
        reply_to=said.reply_to,
    )


def _segments(message: Any) -> Iterator[Segment]:
    """The segments of a message, which comes as a list of them or as text with codes in it."""
    if isinstance(message, str):
        yield from _coded(message)
    elif isinstance(message, list):
        for segment in map(members, message):
            yield _segment(str(segment.get("type")), members_or_none(segment.get("data")))
    else:
        raise HookUnreadable


def _coded(message: str) -> Iterator[Segment]:
    end = 0
    for code in _CODE.finditer(message):
        yield Segment("text", words(_plain(message[end : code.start()])))
        pairs = (pair.partition("=") for pair in (code[2] or "").split(","))
        yield _segment(code[1], {key: _plain(value) for key, _, value in pairs})
        end = code.end()
    yield Segment("text", words(_plain(message[end:])))


def _plain(text: str) -> str:
    for escape, char in _ESCAPES:
        text = text.replace(escape, char)
    return text


def _segment(kind: str, data: Mapping[str, Any]) -> Segment:
    match kind:
        case "text":
            return Segment(kind, words(data.get("text")))
        case "at":
            return Segment("mention", known_as(data.get("qq")), name(data.get("name")))
        case "reply":
            return Segment(kind, known_as(data.get("id")))
    return Segment(kind)


def _receipt(told: Members) -> str | None:
    """The id of the message; an answer that is not `ok` or `async` is none."""
    code = code_in(told, "retcode")
    if told.get("status") in ("ok", "async") and code in (0, 1):
        sent = members_or_none(told.get("data")).get("message_id")
        return None if sent is None else str(sent)
    if code in _WRONG or code in _HTTP_REFUSALS:
        raise Refused(str(code))
    raise Failed(str(code))


platforms.add("onebot11", OneBot11())
