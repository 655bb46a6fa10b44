"""OneBot 12: a webhook that shows a token, and one address that takes every action."""

from collections.abc import Mapping
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
from app.groups.posting import A_MINUTE, bearer, code_in, packed, post, told
from app.groups.problems import HookUnreadable, NotFromPlatform
from app.groups.proving import demand
from app.groups.reading import (
    Members,
    items,
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

_TIRED = range(36000, 37000)
_REQUEST_ERRORS = range(10000, 20000)


class OneBot12(Platform):
    """Reads webhooks that carry `token`, and calls the implementation with the same."""

    needs = ("token",)
    limits = Limits(text_bytes=4000, per_minute=30, per_second=1, patience=3.0)
    dedupes = False

    @override
    def open(self, keys: Mapping[str, str], call: Call) -> Opened:
        """An event that came with the token; nothing binds the token to the body but TLS."""
        if call.method != "POST" or not keys.get("token"):
            raise NotFromPlatform
        demand(call.headers.get("authorization"), f"Bearer {keys['token']}")
        if call.headers.get("x-onebot-version") != "12":
            raise HookUnreadable
        event = members(read(call.body))
        if event.get("type") != "message":
            return Opened(answer=NOTHING)
        itself = members(event.get("self"))
        me = known_as(itself.get("user_id"))
        if keys.get("self_id") and me != keys["self_id"]:
            raise NotFromPlatform
        if (heard := _heard(event, me)) is None:
            return Opened(answer=NOTHING)
        context = {"platform": name(itself.get("platform")), "user_id": me}
        return Opened([heard], context=context)

    @override
    def answer(self, keys: Mapping[str, str], opened: Opened, text: str | None) -> Answer:
        """A list of one action, which the implementation does without telling us how it went."""
        if not text or not opened.heard:
            return NOTHING
        heard = opened.heard[0]
        where = (
            {"detail_type": "group", "group_id": heard.group_id}
            if heard.group_id
            else {"detail_type": "private", "user_id": heard.sender_id}
        )
        action = _saying(where, self.limits.reply(text))
        return Answer(packed([{**action, "self": dict(opened.context)}]))

    @override
    async def send(self, to: Address, words: Words) -> str | None:
        """Ask the implementation for `send_message`."""
        if not to.api or not to.group_id:
            raise Refused(code="no_address")
        action = _saying({"detail_type": "group", "group_id": to.group_id}, self.limits.text(words))
        answer = await post(to.api, packed(action), headers=bearer(to.keys.get("token")))
        return _receipt(told(answer))


def _saying(where: Mapping[str, str], text: str) -> dict[str, Any]:
    message = [{"type": "text", "data": {"text": text}}]
    return {"action": "send_message", "params": {**where, "message": message}}


def _heard(event: Members, me: str) -> Heard | None:
    """What was said; None of what the bot said itself, or what is said in no group."""
    sender = known_as(event.get("user_id"))
    where = event.get("detail_type")
    if sender == me or where not in ("group", "private"):
        return None
    said = put_together(map(_segment, map(members, items(event.get("message")))), me)
    return Heard(
        message_id=known_as(event.get("message_id")),
        group_id=known_as(event.get("group_id")) if where == "group" else None,
        sender_id=sender,
        sender_name=name(event.get("user_name")),
        sent_at=moment(event.get("time")),
        kind=said.kind,
        text=said.text,
        to_bot=said.at_me or where == "private",
        reply_to=said.reply_to,
    )


def _segment(segment: Members) -> Segment:
    data = members_or_none(segment.get("data"))
    match segment.get("type"):
        case "text":
            return Segment("text", words(data.get("text")))
        case "mention":
            return Segment("mention", known_as(data.get("user_id")), name(data.get("user_name")))
        case "mention_all":
            return Segment("mention", "all")
        case "reply":
            return Segment("reply", known_as(data.get("message_id")))
        case other:
            return Segment(str(other))


def _receipt(told: Members) -> str | None:
    """The id of the message; anything but `ok` with a 0 is none."""
    code = code_in(told, "retcode")
    if told.get("status") == "ok" and code == 0:
        sent = members_or_none(told.get("data")).get("message_id")
        return None if sent is None else str(sent)
    if code in _TIRED:
        raise Failed(str(code), wait=A_MINUTE, lane=True, sent=False)
    if code in _REQUEST_ERRORS:
        raise Refused(str(code))
    raise Failed(str(code))


platforms.add("onebot12", OneBot12())
