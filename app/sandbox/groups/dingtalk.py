"""DingTalk reports: what is said to an outgoing robot, signed, and the reply in the answer."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from app.sandbox.groups.reporting import NOTHING, Broken, Occasion, Parcel, Reply
from app.sandbox.groups.rows import Session

ATTEMPTS = 1
ONLY_MENTIONS = True
SESSION_SECONDS = 5400
ANSWERS = "/sandbox/robots/dingtalk/sendBySession"


def signed(timestamp: str, secret: str) -> str:
    """DingTalk's signature: HMAC-SHA256 by the secret over time and secret, in base64."""
    message = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def content(occasion: Occasion) -> Mapping[str, Any]:
    """The message with an address that takes answers for a while."""
    now, member, group = occasion.rooms.world.now(), occasion.member, occasion.group
    session, bot = secrets.token_hex(16), occasion.bot
    expires_at = now + SESSION_SECONDS
    occasion.rooms.sessions.put(session, Session(group=group.group_id, expires_at=expires_at))
    robot_id = f"$:LWCP_v1:${bot.self_id}"
    return {
        "msgtype": "text",
        "text": {"content": f" {occasion.said.words}"},
        "msgId": f"msg{secrets.token_urlsafe(18)}",
        "createAt": int(occasion.said.time * 1000),
        "conversationType": "2",
        "conversationId": group.group_id,
        "conversationTitle": group.name,
        "senderId": f"$:LWCP_v1:${member.id}",
        "senderStaffId": member.id,
        "senderNick": member.name,
        "senderCorpId": bot.corp_id,
        "chatbotCorpId": bot.corp_id,
        "chatbotUserId": robot_id,
        "robotCode": bot.self_id,
        "isAdmin": member.role != "member",
        "isInAtList": bot.self_id in occasion.said.at,
        "atUsers": [{"dingtalkId": robot_id}],
        "sessionWebhook": f"{occasion.base}{ANSWERS}?session={session}",
        "sessionWebhookExpiredTime": int(expires_at * 1000),
    }


def parcel(occasion: Occasion, content: Mapping[str, Any]) -> Parcel:
    """The message as JSON; time and signature stand in the headers."""
    timestamp = str(int(occasion.rooms.world.now() * 1000))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "timestamp": timestamp,
        "sign": occasion.signature(signed(timestamp, occasion.bot.secret)),
    }
    return Parcel(json.dumps(content, ensure_ascii=False).encode(), headers)


def read(occasion: Occasion, status: int, body: bytes) -> Reply:
    """Text or Markdown in the answer is said in the group; nothing or `empty` is not."""
    del occasion, status
    if not body.strip():
        return NOTHING
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        message = "not JSON"
        raise Broken(message) from error
    if not isinstance(answer, dict) or answer.get("msgtype") in (None, "empty"):
        return NOTHING
    kind = answer["msgtype"]
    part = answer.get(kind) if kind in ("text", "markdown") else None
    text = part.get("content" if kind == "text" else "text") if isinstance(part, dict) else None
    if not isinstance(text, str) or not text.strip():
        message = "an answer has text.content or markdown.text"
        raise Broken(message)
    return Reply(text, type=kind)
