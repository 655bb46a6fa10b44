"""DingTalk's custom robot: signed in the address, or guarded by keywords; and session answers."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from app.sandbox.groups.rows import Pace, Robot
from app.sandbox.robots import door
from app.sandbox.robots.door import Given, Refused, Taken

PER_MINUTE = 20
BLOCKED_SECONDS = 600
LARGEST_BYTES = 20_000

_MORE = "more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]"
_SENTENCES = {
    300005: "token is not exist",
    310000: f"sign not match, {_MORE}",
    400105: "unsupported msgtype",
    130101: "send too fast, exceed 20 times per minute",
    410100: "发送速度太快而限流",
    460101: "message too long, exceed 20000 bytes",
    40035: "缺少参数 json",
}


def refused(code: int, sentence: str | None) -> Mapping[str, Any]:
    """A refusal as DingTalk words it."""
    return {"errcode": code, "errmsg": sentence or _SENTENCES.get(code, "系统繁忙")}


def _check_signature(given: Given, robot: Robot) -> None:
    """HMAC-SHA256 by the secret over milliseconds and secret, at most an hour old."""
    if not robot.secret:
        return
    timestamp = given.query.get("timestamp", "")
    moment = int(timestamp) / 1000 if timestamp.isascii() and timestamp.isdecimal() else 0
    if abs(given.now - moment) > door.SKEW_SECONDS:
        sentence = f"invalid timestamp, {_MORE}"
        raise Refused(310000, sentence)
    signed = hmac.new(
        robot.secret.encode(), f"{timestamp}\n{robot.secret}".encode(), hashlib.sha256
    )
    if not door.same(base64.b64encode(signed.digest()).decode(), given.query.get("sign", "")):
        raise Refused(310000)


def _text(body: Mapping[str, Any]) -> tuple[str, str]:
    """The kind of a message and what a group reads of it."""
    kind = door.words(body, "msgtype")
    part = door.part(body, kind)
    if kind == "text":
        return kind, door.words(part, "content")
    if kind == "markdown":
        if not door.words(part, "title"):
            raise Refused(40035, "缺少参数 title")
        return kind, door.words(part, "text")
    if kind == "link":
        shown = (door.words(part, name) for name in ("title", "text", "messageUrl"))
        return kind, "\n".join(filter(None, shown))
    if kind == "actionCard":
        return "markdown", door.words(part, "text")
    raise Refused(400105)


def _read(given: Given) -> tuple[dict[str, Any], str, str]:
    body = given.body()
    if body is None:
        raise Refused(40035)
    if len(given.raw) > LARGEST_BYTES:
        raise Refused(460101)
    kind, text = _text(body)
    if not text.strip():
        raise Refused(40035, "缺少参数 content")
    return body, kind, text


def _mentioned(body: Mapping[str, Any]) -> tuple[str, ...]:
    at = door.part(body, "at")
    everybody = ["@all"] if at.get("isAtAll") is True else []
    return (*everybody, *door.listed(at, "atMobiles"), *door.listed(at, "atUserIds"))


def _hold_pace(given: Given, key: str) -> None:
    """Twenty a minute; one more, and nothing is taken for ten minutes."""
    rooms = given.rooms
    pace = rooms.paces.get(key)
    if pace and pace.blocked_until > given.now:
        raise Refused(410100)
    times = rooms.pace(key)
    if len(times) >= PER_MINUTE:
        rooms.paces.put(key, Pace(times=times, blocked_until=given.now + BLOCKED_SECONDS))
        raise Refused(130101)
    rooms.count(key)


def take(given: Given) -> Taken:
    """A message of a robot that proved itself by signature and keywords."""
    robot = given.robot("dingtalk", given.query.get("access_token", ""))
    if robot is None:
        raise Refused(300005)
    _check_signature(given, robot)
    body, kind, text = _read(given)
    if robot.keywords and not any(word in text for word in robot.keywords):
        sentence = f"keywords not in content, {_MORE}"
        raise Refused(310000, sentence)
    _hold_pace(given, f"dingtalk {robot.key}")
    return Taken(robot, body, kind, text, _mentioned(body))


def answer_session(given: Given) -> Taken:
    """An answer to what was said to an outgoing robot, by the address that came with it."""
    session = given.rooms.sessions.get(given.query.get("session", ""))
    if session is None or session.expires_at <= given.now:
        raise Refused(300005, "session is not exist or expired")
    group = given.rooms.groups.get(session.group)
    bot = given.rooms.bots.get(group.bot) if group else None
    body, kind, text = _read(given)
    _hold_pace(given, f"dingtalk session {session.group}")
    robot = Robot(
        platform="dingtalk",
        key=f"session:{session.group}",
        secret="",
        keywords=[],
        group=session.group,
        name=bot.name if bot else "",
    )
    return Taken(robot, body, kind, text, _mentioned(body))


_ACCEPTED = {"errcode": 0, "errmsg": "ok"}
DIALECT = door.Dialect("/robots/dingtalk/send", take, _ACCEPTED, refused, 130101, 310000)
SESSIONS = door.Dialect(
    "/robots/dingtalk/sendBySession", answer_session, _ACCEPTED, refused, 130101, 310000
)
ROUTES: list[Route] = [
    door.route("/robots/dingtalk/send", DIALECT),
    door.route("/robots/dingtalk/sendBySession", SESSIONS),
]
