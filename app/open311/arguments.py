"""What a caller sent, in the address, a form or files, however clients like to spell it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from app.core.files import MOST_BYTES
from app.core.i18n import _
from app.core.problems import TooLarge
from app.open311.documents import legal
from app.open311.problems import NotAForm, wrong
from app.service_requests.photos import MOST

LARGEST_BODY = 12 * 1024 * 1024
"""Bytes of a form with its files."""
_LARGEST_PART = 64 * 1024
_MOST_FIELDS = 500
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_MEDIA = "media"
_FILE = re.compile(rf"photo[0-9]{{0,3}}|file_.{{0,200}}|{_MEDIA}(?:\[[0-9]{{0,3}}\])?")
_ATTRIBUTE = re.compile(r"attribute\[([A-Za-z0-9_.-]{1,80})\](?:\[[0-9]{0,4}\])?")
_MOMENT = re.compile(
    r"(?:19[7-9]|2[0-9]{2})[0-9]-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:Z|[+ -][0-9]{2}:[0-9]{2})"
)

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Arguments:
    """Names and values as they were sent, a form's before the address's, and what was uploaded.

    An empty value is as good as none.
    """

    pairs: Pairs
    bearer: str | None = None
    files: Sequence[bytes] = field(default=(), repr=False)

    def text(self, name: str) -> str | None:
        """The first value of this name."""
        return next(self.every(name), None)

    def every(self, name: str) -> Iterator[str]:
        """All values of this name."""
        return (value for key, value in self.pairs if key == name and value)

    def listed(self, *names: str) -> list[str]:
        """All values of these names, of which one may hold several between commas."""
        values = (each for name in names for value in self.every(name) for each in value.split(","))
        return [each.strip() for each in values if each.strip()]

    def demanded(self, name: str) -> str:
        """The value of this name, which has to be there."""
        if value := self.text(name):
            return value
        raise wrong(_("请提供此项"), at=name)

    def line(self, name: str, *, longest: int = 200) -> str | None:
        """The value of this name as one line of so many characters at most."""
        value = self.text(name)
        if value is None:
            return None
        if len(value) > longest:
            raise wrong(_("最多{count}个字符").format(count=longest), at=name)
        return " ".join(value.split())

    def moment(self, name: str) -> datetime | None:
        """The value of this name as a moment with its time zone, in UTC.

        A plus that was not escaped in an address arrives as a blank.
        """
        value = self.text(name)
        if value is None:
            return None
        written = value.replace(" ", "+") if _MOMENT.fullmatch(value) else ""
        try:
            return datetime.fromisoformat(written).astimezone(UTC)
        except ValueError as error:
            raise wrong(_("应为带时区的时间，如2026-11-23T08:00:00+08:00"), at=name) from error

    def number(self, name: str, *, largest: int) -> int | None:
        """The value of this name as a whole number from 1 on."""
        value = self.text(name)
        if value is None:
            return None
        digits = value if value.isascii() and value.isdecimal() else ""
        if not digits or len(digits) > len(str(largest)) or not 1 <= int(digits) <= largest:
            raise wrong(_("应为1到{largest}之间的整数").format(largest=largest), at=name)
        return int(digits)

    def attributes(self) -> Mapping[str, Sequence[str]]:
        """What was answered, by the code of the question: `attribute[c]`, `[c][]` or `[c][0]`."""
        given: dict[str, list[str]] = defaultdict(list)
        for name, value in self.pairs:
            if not name.startswith("attribute["):
                continue
            code = _ATTRIBUTE.fullmatch(name)
            if code is None:
                raise wrong(_("不是可用的字段名"), at=name[:100])
            if value:
                given[code[1]].append(value)
        return given


async def read(request: Request) -> Arguments:
    """What this request says; `NotAForm` or `TooLarge` when it cannot be read."""
    scheme, _blank, key = request.headers.get("Authorization", "").partition(" ")
    bearer = key.strip() if scheme.lower() == "bearer" else None
    asked = _pairs(request.scope["query_string"])
    if request.method != "POST":
        return Arguments(asked, bearer or None)
    try:
        form, files = await _form(_limited(request))
    except ClientDisconnect as error:
        raise NotAForm from error
    return Arguments([*form, *asked], bearer or None, files)


def _limited(request: Request) -> Request:
    """The same request, whose body may not go on for ever."""
    length = request.headers.get("Content-Length", "0")
    if length.isdecimal() and int(length) > LARGEST_BODY:
        raise TooLarge
    return Request(request.scope, _counted(request.receive))


def _counted(receive: Receive) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            raise TooLarge
        return message

    return counted


async def _form(request: Request) -> tuple[Pairs, Sequence[bytes]]:
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == _MULTIPART:
        return await _parts(request)
    body = await request.body()
    if body and kind != _URLENCODED:
        raise NotAForm
    return _pairs(body), ()


async def _parts(request: Request) -> tuple[Pairs, Sequence[bytes]]:
    pairs, files = [], []
    form = request.form(max_files=2 * MOST, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_PART)
    async with form as parts:
        for name, part in parts.multi_items():
            if not isinstance(part, UploadFile):
                pairs.append((name, _clean(part)))
            elif part.size:
                files.append(await _picture(name, part))
    if len(files) > MOST:
        raise wrong(_("最多{count}张照片").format(count=MOST), at=_MEDIA)
    return pairs, files


async def _picture(name: str, part: UploadFile) -> bytes:
    if not _FILE.fullmatch(name):
        raise wrong(_("不是可用的字段名"), at=name[:100])
    return await part.read(MOST_BYTES + 1)


def _pairs(raw: bytes) -> Pairs:
    """Names and values of an urlencoded text; raw UTF-8 in it is understood as well."""
    try:
        found = parse_qsl(
            raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise NotAForm from error
    return [(name, _clean(value)) for name, value in found]


def _clean(value: str) -> str:
    return legal(value).replace("\x7f", "").strip()
