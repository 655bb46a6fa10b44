"""The way out: what is said within the five seconds WeChat waits."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.wechat.edge.envelope import Delivered
from app.wechat.edge.message import Message
from app.wechat.edge.reading import Form, legal
from app.wechat.edge.sealing import encrypt, sign

TEXT_AT_MOST = 2048
"""Bytes of UTF-8 in a text reply."""

_ONE_ARTICLE = frozenset({"text", "image", "voice", "video", "shortvideo", "link", "location"})
_ARTICLES_AT_MOST = 8
_MEDIA_TYPES = {Form.XML: "application/xml", Form.JSON: "application/json"}
_NOTHING_TO_SAY = (b"success", "text/plain")


@dataclass(frozen=True, slots=True)
class Text:
    """Words; what goes beyond 2048 bytes is cut."""

    content: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that was uploaded to WeChat before."""

    media_id: str


@dataclass(frozen=True, slots=True)
class Article:
    """A card that opens a page."""

    title: str
    description: str = ""
    picture_url: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """Cards: WeChat shows one in reply to a message, and up to eight in reply to an event."""

    articles: tuple[Article, ...]


Reply: TypeAlias = Text | Image | News


def render(
    reply: Reply | None, to: Delivered, *, timestamp: int, nonce: str | None = None
) -> tuple[bytes, str]:
    """The answer's body and media type, in the form and under the key the message came with.

    Having nothing to say is a bare `success`, which is never encrypted. `timestamp` is in seconds;
    `nonce` may repeat the request's, and is random without it.
    """
    if reply is None or not (said := _said(reply, to.message)):
        return _NOTHING_TO_SAY
    head = {"ToUserName": to.message.from_user, "FromUserName": to.message.to_user}
    plain = _written({**head, "CreateTime": timestamp, **said}, to.form)
    if to.cipher is not None:
        nonce = nonce or secrets.token_hex(8)
        sealed = encrypt(plain, to.cipher, to.keys.app_id)
        plain = _written(_sealed(sealed, to.keys.token, timestamp, nonce), to.form)
    return plain, _MEDIA_TYPES[to.form]


def _sealed(sealed: str, token: str, timestamp: int, nonce: str) -> dict[str, Any]:
    signature = sign(token, str(timestamp), nonce, sealed)
    return {"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": timestamp, "Nonce": nonce}


def _said(reply: Reply, to: Message) -> dict[str, Any]:
    """The reply's own fields; none when it is empty."""
    match reply:
        case Text(content):
            return {"MsgType": "text", "Content": cut(content)} if content else {}
        case Image(media_id):
            return {"MsgType": "image", "Image": {"MediaId": media_id}}
        case News(articles):
            shown = articles[: 1 if to.kind in _ONE_ARTICLE else _ARTICLES_AT_MOST]
            cards = [_card(article) for article in shown]
            news = {"MsgType": "news", "ArticleCount": len(cards), "Articles": cards}
            return news if cards else {}


def _card(article: Article) -> dict[str, str]:
    return {
        "Title": article.title,
        "Description": article.description,
        "PicUrl": article.picture_url,
        "Url": article.url,
    }


def cut(text: str, at_most: int = TEXT_AT_MOST) -> str:
    """The text within so many bytes of UTF-8, ending in `…` where some of it had to go."""
    text = legal(text)
    encoded = text.encode()
    if len(encoded) <= at_most:
        return text
    return encoded[: at_most - len("…".encode())].decode(errors="ignore") + "…"


def _written(members: Mapping[str, Any], form: Form) -> bytes:
    if form is Form.JSON:
        return legal(json.dumps(members, ensure_ascii=False, separators=(",", ":"))).encode()
    return legal(f"<xml>{_xml(members)}</xml>").encode()


def _xml(members: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in members.items())


def _value(value: Any) -> str:
    match value:
        case str():
            # Whole, `]]>` would let what a resident typed add elements of its own.
            return f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
        case list():
            return "".join(f"<item>{_xml(item)}</item>" for item in value)
        case Mapping():
            return _xml(value)
    return str(value)
