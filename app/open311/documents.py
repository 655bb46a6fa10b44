"""GeoReport's documents: a tree of names and values, written down as XML or as JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import etree
from starlette.responses import Response

Value: TypeAlias = str | bool | int | float | Sequence[Any] | Mapping[str, Any] | None

FORMATS = {"xml": "text/xml", "json": "application/json"}
"""Media types, by the suffix of an address."""

_ITEMS = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "notes": "note",
    "photos": "photo",
    "service_request_updates": "request_update",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}
"""What one element of a list is called, by the name of the list."""

_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """The text without the characters that XML 1.0 cannot hold, not even escaped."""
    return _ILLEGAL.sub("", text)


@dataclass(frozen=True, slots=True)
class Document:
    """The name of the root and what is in it: a list, or names and values."""

    root: str
    value: Value

    def response(self, suffix: str, status: int = 200) -> Response:
        """The document as an answer, in the format of this suffix."""
        body = as_json(self) if suffix == "json" else as_xml(self)
        return Response(body, status, media_type=f"{FORMATS[suffix]}; charset=utf-8")


def as_xml(document: Document) -> bytes:
    """The document as XML in UTF-8, an empty element where there is no value."""
    root = etree.Element(document.root)
    _fill(root, document.value)
    return _DECLARATION + etree.tostring(root, encoding="utf-8", pretty_print=True)


def _fill(element: etree._Element, value: Value) -> None:
    match value:
        case None:
            return
        case bool():
            element.text = "true" if value else "false"
        case str():
            element.text = legal(value)
        case int():
            element.text = str(value)
        case float():
            element.text = f"{value:.6f}".rstrip("0").rstrip(".")
        case Mapping():
            for name, part in value.items():
                _fill(etree.SubElement(element, name), part)
        case _:
            for part in value:
                _fill(etree.SubElement(element, _ITEMS[element.tag]), part)


def as_json(document: Document) -> bytes:
    """The document as JSON: a list is a bare array, and there is nothing around the root."""
    return json.dumps(_plain(document.value), ensure_ascii=False, indent=1).encode()


def _plain(value: Value) -> Value:
    match value:
        case str():
            return legal(value)
        case Mapping():
            return {name: _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
    return value
