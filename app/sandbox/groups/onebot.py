"""OneBot 11 reports: an event by HTTP POST, and the quick operation that may answer it."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from app.sandbox.groups import segments
from app.sandbox.groups.reporting import NOTHING, Broken, Occasion, Parcel, Reply
from app.sandbox.groups.rooms import member_of
from app.sandbox.groups.rows import Bot, Group, Said
from app.sandbox.groups.segments import Segment

ATTEMPTS = 3
ONLY_MENTIONS = False

_NOTHING = 204


def name_in(group: Group, bot: Bot | None, user_id: str) -> str:
    """What somebody is called in a group."""
    if user_id == "all":
        return "全体成员"
    if bot and user_id == bot.self_id:
        return bot.name
    member = member_of(group, user_id)
    return (member.card or member.name) if member else user_id


def message_of(said: Said) -> list[Segment]:
    """What somebody wrote, as segments: the answered message, the mentions, the words."""
    head = [segments.reply(said.reply_to)] if said.reply_to else []
    mentions = [segments.at(user_id) for user_id in said.at]
    blank = " " if mentions and said.words else ""
    words = [segments.text(blank + said.words)] if said.words else []
    return [*head, *mentions, *words]


def sender_of(occasion: Occasion) -> dict[str, Any]:
    """Who wrote it, as far as the platform tells."""
    member = occasion.member
    return {
        "user_id": int(member.id),
        "nickname": member.name,
        "card": member.card,
        "sex": "unknown",
        "age": 0,
        "area": "",
        "level": "1",
        "role": member.role,
        "title": "",
    }


def content(occasion: Occasion) -> Mapping[str, Any]:
    """The event: a normal message in a group."""
    message = message_of(occasion.said)
    return {
        "time": int(occasion.said.time),
        "self_id": int(occasion.bot.self_id),
        "post_type": "message",
        "message_type": "group",
        "sub_type": "normal",
        "message_id": occasion.said.message_id,
        "group_id": int(occasion.group.group_id),
        "user_id": int(occasion.member.id),
        "anonymous": None,
        "message": message,
        "raw_message": segments.written(message),
        "font": 0,
        "sender": sender_of(occasion),
    }


def parcel(occasion: Occasion, content: Mapping[str, Any]) -> Parcel:
    """The event as JSON, signed with HMAC-SHA1 over the body where there is a secret."""
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "OneBot/11",
        "X-Self-ID": occasion.bot.self_id,
    }
    if occasion.bot.secret:
        digest = hmac.new(occasion.bot.secret.encode(), body, hashlib.sha1).hexdigest()
        headers["X-Signature"] = f"sha1={occasion.signature(digest)}"
    return Parcel(body, headers)


def read(occasion: Occasion, status: int, body: bytes) -> Reply:
    """204 or an empty answer says nothing; JSON is a quick operation."""
    if status == _NOTHING or not body.strip():
        return NOTHING
    try:
        operation = json.loads(body)
    except (ValueError, RecursionError) as error:
        message = "not JSON"
        raise Broken(message) from error
    if not isinstance(operation, dict):
        message = "a quick operation is an object"
        raise Broken(message)
    recalls = operation.get("delete") is True
    if operation.get("reply") in (None, "", []):
        return Reply(recalls=recalls)
    return _said(occasion, operation, recalls=recalls)


def _said(occasion: Occasion, operation: Mapping[str, Any], *, recalls: bool) -> Reply:
    """The reply, which begins with a mention of whom it answers unless told otherwise."""
    try:
        message = segments.read(operation["reply"], plain=operation.get("auto_escape") is True)
    except segments.Unreadable as error:
        raise Broken(str(error)) from error
    if operation.get("at_sender", True) is not False:
        message = [segments.at(occasion.member.id), *message]
    text = segments.shown(message, lambda one: name_in(occasion.group, occasion.bot, one))
    return Reply(text, at=tuple(segments.mentioned(message)), recalls=recalls)
