"""Reading what an account replies, as strictly as the platform does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from app.sandbox import crypto
from app.sandbox.phones import clean
from app.sandbox.state import Account, World

LONGEST_TEXT_BYTES = 2048
MOST_ARTICLES = 8


class Broken(ValueError):  # noqa: N818 - reads as what the reply is
    """The follower is told that the account's service is out of order."""


@dataclass(frozen=True)
class Reply:
    """What a follower is shown; `none` shows nothing."""

    type: str
    text: str = ""
    content: dict[str, Any] = field(default_factory=dict)


NOTHING = Reply("none")


def _plain(element: etree._Element) -> Any:
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        return element.text or ""
    if all(child.tag == "item" for child in children):
        return [_plain(child) for child in children]
    names = [child.tag for child in children]
    if len(names) != len(set(names)):
        message = "an element stands twice"
        raise Broken(message)
    return {child.tag: _plain(child) for child in children}


def _from_xml(body: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        message = "not XML"
        raise Broken(message) from error
    if root.tag != "xml":
        message = "the root is not <xml>"
        raise Broken(message)
    return _plain(root)


def _fields(body: bytes, format_: str) -> Mapping[str, Any]:
    if format_ == "json" and body.lstrip().startswith(b"{"):
        try:
            fields = clean(json.loads(body))
        except (ValueError, RecursionError) as error:
            message = "not JSON"
            raise Broken(message) from error
    else:
        fields = _from_xml(body)
    if not isinstance(fields, Mapping):
        message = "no fields"
        raise Broken(message)
    return fields


def _opened(account: Account, sealed: Mapping[str, Any]) -> bytes:
    try:
        return crypto.unsealed(sealed, account.token, account.aes_key, account.app_id).encode()
    except crypto.Undecipherable as error:
        raise Broken(str(error)) from error


def _media(world: World, fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = fields.get(name)
    media_id = part.get("MediaId") if isinstance(part, Mapping) else None
    if not isinstance(media_id, str) or world.media.get(media_id) is None:
        message = f"{name} has no known MediaId"
        raise Broken(message)
    return {"media_id": media_id, "url": f"/sandbox/pictures/{media_id}"}


def _articles(fields: Mapping[str, Any]) -> list[dict[str, str]]:
    listed = fields.get("Articles")
    if isinstance(listed, Mapping):
        listed = listed.get("item")
    articles = listed if isinstance(listed, list) else []
    named = all(isinstance(item, Mapping) and item.get("Title") for item in articles)
    if not named or not 1 <= len(articles) <= MOST_ARTICLES:
        message = "Articles must be one to eight, each with a Title"
        raise Broken(message)
    names = ("Title", "Description", "PicUrl", "Url")
    return [{name.lower(): str(item.get(name) or "") for name in names} for item in articles]


def _shown(world: World, fields: Mapping[str, Any]) -> Reply:
    kind = fields.get("MsgType")
    if kind == "text":
        text = fields.get("Content")
        if not isinstance(text, str) or not 0 < len(text.encode()) <= LONGEST_TEXT_BYTES:
            message = f"Content must be text of 1 to {LONGEST_TEXT_BYTES} bytes"
            raise Broken(message)
        return Reply("text", text)
    if kind in ("image", "voice", "video"):
        return Reply(kind, content=_media(world, fields, kind.capitalize()))
    if kind == "news":
        articles = _articles(fields)
        return Reply("news", articles[0]["title"], {"articles": articles})
    if kind == "transfer_customer_service":
        return Reply(kind)
    message = f"unknown MsgType {kind!r}"
    raise Broken(message)


def read(world: World, account: Account, openid: str, body: bytes) -> Reply:
    """What the reply shows to the follower; `Broken` says why it cannot be shown."""
    if body in (b"", b"success"):
        return NOTHING
    fields = _fields(body, account.format)
    if "Encrypt" in fields and account.mode != "plain":
        fields = _fields(_opened(account, fields), account.format)
    elif account.mode == "safe":
        message = "not encrypted in safe mode"
        raise Broken(message)
    if fields.get("ToUserName") != openid or fields.get("FromUserName") != account.original_id:
        message = "ToUserName and FromUserName must be turned round"
        raise Broken(message)
    if not str(fields.get("CreateTime", "")).strip().isdecimal():
        message = "CreateTime is not a number"
        raise Broken(message)
    return _shown(world, fields)
