"""Feishu's custom bot: the token in the address, the signature in the body."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.routing import Route

from app.sandbox.groups.rows import Robot
from app.sandbox.robots import door
from app.sandbox.robots.door import Given, Refused, Taken

PER_MINUTE, PER_SECOND = 100, 5
LARGEST_BYTES = 20 * 1024

_SENTENCES = {
    9499: "Bad Request",
    11232: "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]",
    19001: "param invalid: incoming webhook access token invalid",
    19002: "params error, msg_type need",
    19021: "sign match fail or timestamp is not within one hour from current time",
    19022: "Ip Not Allowed",
    19024: "Key Words Not Found",
}


def refused(code: int, sentence: str | None) -> Mapping[str, Any]:
    """A refusal as Feishu words it."""
    return {"code": code, "msg": sentence or _SENTENCES.get(code, "internal error"), "data": {}}


def signed(timestamp: str, secret: str) -> str:
    """HMAC-SHA256 of nothing, keyed by seconds and secret, in base64."""
    key = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def _check_signature(given: Given, robot: Robot, body: Mapping[str, Any]) -> None:
    if not robot.secret:
        return
    timestamp = str(body.get("timestamp", ""))
    moment = int(timestamp) if timestamp.isascii() and timestamp.isdecimal() else 0
    late = abs(given.now - moment) > door.SKEW_SECONDS
    if late or not door.same(signed(timestamp, robot.secret), str(body.get("sign", ""))):
        raise Refused(19021)


def _spans(lines: object) -> Iterator[str]:
    """The lines of a rich text, each a list of words, links and mentions."""
    if not isinstance(lines, list) or not all(isinstance(line, list) for line in lines):
        raise Refused(19002, "params error, post content is a list of lists")
    for line in lines:
        shown = []
        for span in line:
            if not isinstance(span, Mapping) or span.get("tag") not in ("text", "a", "at", "img"):
                raise Refused(19002, "params error, unknown tag in post")
            if span["tag"] == "a":
                shown.append(f"{span.get('text', '')} {span.get('href', '')}")
            elif span["tag"] == "at":
                shown.append(f"@{span.get('user_name') or span.get('user_id', '')}")
            else:
                shown.append(str(span.get("text", "[图片]")))
        yield "".join(shown)


def _post(content: Mapping[str, Any]) -> str:
    post = next((one for one in door.part(content, "post").values() if one), None)
    if not isinstance(post, Mapping):
        raise Refused(19002, "params error, post need")
    lines = [door.words(post, "title"), *_spans(post.get("content"))]
    return "\n".join(filter(None, lines))


def _card(body: Mapping[str, Any]) -> str:
    """What a card says: its title, and every text of its elements."""
    card = door.part(body, "card")
    title = door.part(door.part(card, "header"), "title")
    found = [door.words(title, "content")]
    elements = card.get("elements") or door.part(card, "body").get("elements")
    for element in elements if isinstance(elements, list) else []:
        if isinstance(element, Mapping):
            found.append(door.words(element, "content"))
            found.append(door.words(door.part(element, "text"), "content"))
    return "\n".join(filter(None, found))


def _text(body: Mapping[str, Any]) -> tuple[str, str]:
    kind, content = door.words(body, "msg_type"), door.part(body, "content")
    if kind == "text":
        return kind, door.words(content, "text")
    if kind == "post":
        return kind, _post(content)
    if kind == "interactive":
        return kind, _card(body)
    if kind == "image":
        return kind, "[图片]" if door.words(content, "image_key") else ""
    raise Refused(19002)


def take(given: Given) -> Taken:
    """A message of a bot that proved itself by signature and keywords, within both paces."""
    robot = given.robot("feishu", given.request.path_params["token"])
    if robot is None:
        raise Refused(19001)
    body = given.body()
    if body is None or len(given.raw) > LARGEST_BYTES:
        raise Refused(9499)
    _check_signature(given, robot, body)
    kind, text = _text(body)
    if not text.strip():
        raise Refused(19002, "params error, content need")
    if robot.keywords and not any(word in text for word in robot.keywords):
        raise Refused(19024)
    pace = f"feishu {robot.key}"
    if len(given.rooms.pace(pace, within=1)) >= PER_SECOND:
        raise Refused(11232)
    if len(given.rooms.pace(pace)) >= PER_MINUTE:
        raise Refused(9499, "too many request")
    given.rooms.count(pace)
    return Taken(robot, body, kind, text)


DIALECT = door.Dialect(
    path="/robots/feishu/hook",
    take=take,
    accepted={"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"},
    refused=refused,
    rate_limit=11232,
    bad_signature=19021,
)
ROUTES: list[Route] = [door.route("/robots/feishu/hook/{token}", DIALECT)]
