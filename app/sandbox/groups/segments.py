"""Messages of OneBot 11: arrays of segments, and the same as a string with CQ codes."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Segment = Mapping[str, Any]

_CODE = re.compile(r"\[CQ:([A-Za-z0-9_.-]+)((?:,[^\[\],]+)*)\]")
_ESCAPES = {"&": "&amp;", "[": "&#91;", "]": "&#93;"}
_SHOWN = {"image": "[图片]", "face": "[表情]", "record": "[语音]", "video": "[视频]"}


class Unreadable(ValueError):  # noqa: N818 - reads as what the message is
    """No message of OneBot."""


def escaped(text: str, *, inside: bool = False) -> str:
    """Text as it stands in a string with CQ codes; inside one, commas are escaped too."""
    for plain, code in (_ESCAPES | ({",": "&#44;"} if inside else {})).items():
        text = text.replace(plain, code)
    return text


def unescaped(text: str) -> str:
    """The text behind the escapes."""
    for plain, code in (("[", "&#91;"), ("]", "&#93;"), (",", "&#44;"), ("&", "&amp;")):
        text = text.replace(code, plain)
    return text


def text(words: str) -> Segment:
    """A segment of words."""
    return {"type": "text", "data": {"text": words}}


def at(user_id: str) -> Segment:
    """A segment that mentions somebody."""
    return {"type": "at", "data": {"qq": user_id}}


def reply(message_id: int) -> Segment:
    """A segment that answers an earlier message."""
    return {"type": "reply", "data": {"id": str(message_id)}}


def written(segments: Sequence[Segment]) -> str:
    """The segments as one string with CQ codes."""
    parts = []
    for segment in segments:
        if segment["type"] == "text":
            parts.append(escaped(segment["data"]["text"]))
        else:
            data = (f",{key}={escaped(str(v), inside=True)}" for key, v in segment["data"].items())
            parts.append(f"[CQ:{segment['type']}{''.join(data)}]")
    return "".join(parts)


def parsed(code: str) -> list[Segment]:
    """The segments of a string with CQ codes."""
    segments: list[Segment] = []
    done = 0
    for found in _CODE.finditer(code):
        if before := code[done : found.start()]:
            segments.append(text(unescaped(before)))
        pairs = (pair.partition("=") for pair in found[2].split(",") if pair)
        data = {key: unescaped(value) for key, _, value in pairs}
        segments.append({"type": found[1], "data": data})
        done = found.end()
    if rest := code[done:]:
        segments.append(text(unescaped(rest)))
    return segments


def read(message: object, *, plain: bool = False) -> list[Segment]:
    """The segments of a message in any of its forms; raises `Unreadable`.

    A message is a string, a segment or an array of them; `plain` takes a string as it stands.
    """
    if isinstance(message, str):
        return [text(message)] if plain and message else parsed(message)
    listed = [message] if isinstance(message, Mapping) else message
    if not isinstance(listed, list):
        what = "a message is a string or an array of segments"
        raise Unreadable(what)
    for segment in listed:
        data = segment.get("data") if isinstance(segment, Mapping) else None
        if not isinstance(data, Mapping) or not isinstance(segment.get("type"), str):
            what = "a segment has a type and data"
            raise Unreadable(what)
        if segment["type"] == "text" and not isinstance(data.get("text"), str):
            what = "a segment of text has text"
            raise Unreadable(what)
    return listed


def shown(segments: Sequence[Segment], name_of: Callable[[str], str]) -> str:
    """The segments as people read them; `name_of` tells who is mentioned."""
    parts = []
    for segment in segments:
        kind, data = segment["type"], segment["data"]
        if kind == "text":
            parts.append(data["text"])
        elif kind == "at":
            parts.append(f"@{name_of(str(data.get('qq', '')))} ")
        elif kind != "reply":
            parts.append(_SHOWN.get(kind, f"[{kind}]"))
    return "".join(parts)


def mentioned(segments: Sequence[Segment]) -> list[str]:
    """Who is mentioned."""
    return [str(one["data"].get("qq", "")) for one in segments if one["type"] == "at"]
