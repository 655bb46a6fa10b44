"""Bytes from outside to plain fields, XML or JSON, with nothing executed, fetched or guessed."""

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from app.core.xml import root_of
from app.wechat.problems import Malformed

SCALARS = frozenset(
    (
        "Content",
        "CreateTime",
        "Encrypt",
        "Event",
        "EventKey",
        "Format",
        "FromUserName",
        "Label",
        "Latitude",
        "Location_X",
        "Location_Y",
        "Longitude",
        "MediaId",
        "MsgID",
        "MsgId",
        "MsgType",
        "PicUrl",
        "Recognition",
        "Ticket",
        "Title",
        "ToUserName",
        "Url",
        "trace_id",
    )
)
"""Fields we act on: each comes once, as one plain value."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, and half of it PostgreSQL neither."""


class Form(StrEnum):
    """How a body is written; a reply is written the same way."""

    XML = "xml"
    JSON = "json"


class Body(NamedTuple):
    """What was read: the plain fields as sent, and the text of all that is not plain."""

    form: Form
    fields: dict[str, str]
    nested: str


def legal(text: str) -> str:
    """The text without the characters that no XML document may hold."""
    return _ILLEGAL.sub("", text)


def read(body: bytes) -> Body:
    """The fields of a body that looks like XML or JSON; `Malformed` of any other."""
    body = body.strip()
    if body.startswith(b"<"):
        return _read_xml(body)
    if body.startswith(b"{"):
        return _read_json(body)
    raise Malformed


def _read_xml(body: bytes) -> Body:
    fields: dict[str, str] = {}
    nested: list[str] = []
    seen: set[str] = set()
    for part in _root(body):
        name = part.tag
        if name not in seen and not len(part) and not part.attrib:
            fields[name] = part.text or ""
        elif name in SCALARS:
            raise Malformed
        else:
            nested += filter(None, (fields.pop(name, None), *part.itertext()))
        seen.add(name)
    return Body(Form.XML, fields, "\0".join(nested))


def _root(body: bytes) -> Any:
    """The `<xml>` element of a body in UTF-8."""
    declaration = body.partition(b"?>")[0] if body.startswith(b"<?xml") else b""
    if b"encoding" in declaration and b"utf-8" not in declaration.lower():
        raise Malformed
    if (root := root_of(body, "xml")) is None:
        raise Malformed
    return root


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed
    return members


def _no_number(_: str) -> Any:
    raise Malformed


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=_no_number
)
"""Numbers stay as they were written, as they do in XML."""


def _read_json(body: bytes) -> Body:
    try:
        members = _DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        raise Malformed from None
    fields: dict[str, str] = {}
    nested: list[str] = []
    for name, value in members.items():
        if isinstance(value, str):
            fields[name] = value
        elif value is None:
            continue
        elif name in SCALARS:
            raise Malformed
        else:
            nested += _texts(value)
    if _ILLEGAL.search("".join((*fields, *fields.values(), *nested))):
        raise Malformed
    return Body(Form.JSON, fields, "\0".join(nested))


def _texts(value: Any) -> Iterator[str]:
    """Every name and value at any depth, without recursion, which a body could exhaust."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case dict() as members:
                waiting += [*members, *members.values()]
            case list() as items:
                waiting += items
            case plain:
                yield str(plain)
