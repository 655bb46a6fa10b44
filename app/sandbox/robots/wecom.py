"""WeCom's group robot (消息推送): the key in the address is its only secret."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from app.sandbox.media import type_of
from app.sandbox.robots import door
from app.sandbox.robots.door import Given, Refused, Taken

PER_MINUTE = 20
LONGEST_BYTES = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
LARGEST_IMAGE = 2 * 1024 * 1024
MOST_ARTICLES = 8

_SENTENCES = {
    40008: "invalid message type",
    40009: "invalid image size",
    44004: "empty content",
    45009: "api freq out of limit",
    47001: "data format error",
    93000: "invalid webhook url",
    301019: "file md5 not match",
}


def refused(code: int, sentence: str | None) -> Mapping[str, Any]:
    """A refusal as WeCom words it, with a hint for its support."""
    hint = f"hint: [{secrets.randbelow(10**16):016d}], from ip: 127.0.0.1"
    more = f"more info at https://open.work.weixin.qq.com/devtool/query?e={code}"
    told = sentence or _SENTENCES.get(code, "system error")
    return {"errcode": code, "errmsg": f"{told}, {hint}, {more}"}


def _words(body: Mapping[str, Any], kind: str) -> tuple[str, tuple[str, ...]]:
    """Words with those they mention; the limit is in bytes, not in characters."""
    part = door.part(body, kind)
    content, longest = door.words(part, "content"), LONGEST_BYTES[kind]
    if not content.strip():
        raise Refused(44004)
    if len(content.encode()) > longest:
        sentence = f"{kind}.content exceed max length {longest}. invalid Request Parameter"
        raise Refused(40058, sentence)
    if kind != "text":
        return content, ()
    mentioned = (
        *door.listed(part, "mentioned_list"),
        *door.listed(part, "mentioned_mobile_list"),
    )
    names = ("所有人" if one == "@all" else one for one in mentioned)
    return "".join([content, *(f" @{name}" for name in names)]), mentioned


def _news(body: Mapping[str, Any]) -> str:
    articles = door.part(body, "news").get("articles")
    if not isinstance(articles, list) or not 1 <= len(articles) <= MOST_ARTICLES:
        sentence = "news.articles size must be 1 to 8. invalid Request Parameter"
        raise Refused(40058, sentence)
    lines = []
    for article in articles:
        if not isinstance(article, Mapping) or not all(article.get(n) for n in ("title", "url")):
            sentence = "missing title or url. invalid Request Parameter"
            raise Refused(40058, sentence)
        lines.append(f"{article['title']}\n{article['url']}")
    return "\n".join(lines)


def _image(body: Mapping[str, Any]) -> str:
    image = door.part(body, "image")
    content = door.decoded(door.words(image, "base64"))
    if not 0 < len(content) <= LARGEST_IMAGE or type_of(content) not in ("image/jpeg", "image/png"):
        raise Refused(40009)
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != image.get("md5"):
        raise Refused(301019)
    return "[图片]"


def take(given: Given) -> Taken:
    """Text, Markdown, news or an image, twenty a minute."""
    robot = given.robot("wecom", given.query.get("key", ""))
    if robot is None:
        raise Refused(93000)
    body = given.body()
    if body is None:
        raise Refused(47001)
    kind, at = door.words(body, "msgtype"), tuple[str, ...]()
    if kind in LONGEST_BYTES:
        text, at = _words(body, kind)
    elif kind == "news":
        text = _news(body)
    elif kind == "image":
        text = _image(body)
    else:
        raise Refused(40008)
    pace = f"wecom {robot.key}"
    if len(given.rooms.pace(pace)) >= PER_MINUTE:
        raise Refused(45009)
    given.rooms.count(pace)
    return Taken(robot, body, kind.removesuffix("_v2"), text, at)


DIALECT = door.Dialect(
    path="/robots/wecom/send",
    take=take,
    accepted={"errcode": 0, "errmsg": "ok"},
    refused=refused,
    rate_limit=45009,
    bad_signature=93000,
)
ROUTES: list[Route] = [door.route("/robots/wecom/send", DIALECT)]
