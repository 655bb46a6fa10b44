"""A message or an event, as a resident's phone or the platform sent it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from app.wechat.edge.reading import Body
from app.wechat.problems import Malformed

_NAME_AT_MOST = 128
_SECONDS_AT_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One delivery's content; texts are exactly as sent, blanks and all, and absent ones empty."""

    to_user: str
    """The account's original ID, `gh_…`."""
    from_user: str
    """The sender's openid."""
    create_time: int
    """Seconds since 1970, by WeChat's clock."""
    kind: str
    """The MsgType in lower case; `unknown` where there was none."""
    event: str | None = None
    """In lower case: `subscribe`, `click`, `templatesendjobfinish` …"""
    event_key: str = ""
    msg_id: str | None = None
    """MsgId or MsgID; not always a number."""
    content: str = ""
    pic_url: str = ""
    media_id: str = ""
    format: str = ""
    recognition: str = ""
    latitude: float | None = None
    """Degrees, GCJ-02."""
    longitude: float | None = None
    label: str = ""
    title: str = ""
    url: str = ""
    ticket: str = ""
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Every plain field by its own name, these and others."""
    nested: str = field(default="", repr=False)
    """The text of the fields that are not plain, as one string."""

    @property
    def key(self) -> bytes:
        """Sixteen bytes that are the same for every retry of this delivery and for no other one.

        What has neither an ID nor an event is told apart by all that it says.
        """
        parts = [self.to_user, self.from_user, str(self.create_time), self.msg_id or ""]
        parts += [self.event or "", self.event_key, self.fields.get("trace_id", ""), self.nested]
        if not self.msg_id and not self.event:
            parts += [self.kind, *(f"{name}={self.fields[name]}" for name in sorted(self.fields))]
        return blake2b("\0".join(parts).encode(), digest_size=16).digest()


def message_of(body: Body) -> Message:
    """The message in a body; `Malformed` where a field says what it cannot."""
    fields = body.fields
    if not fields:
        raise Malformed
    get = fields.get
    event, kind = get("Event"), get("MsgType")
    latitude, longitude = _place(fields)
    return Message(
        to_user=_name(get("ToUserName"), required=bool(kind)),
        from_user=_name(get("FromUserName"), required=bool(kind)),
        create_time=_seconds(get("CreateTime"), required=bool(kind)),
        kind=_name(kind, required=False).lower() or "unknown",
        event=_name(event, required=False).lower() if event else None,
        event_key=get("EventKey", ""),
        msg_id=_name(get("MsgId") or get("MsgID"), required=False) or None,
        content=get("Content", ""),
        pic_url=get("PicUrl", ""),
        media_id=get("MediaId", ""),
        format=get("Format", ""),
        recognition=get("Recognition", ""),
        latitude=latitude,
        longitude=longitude,
        label=get("Label", ""),
        title=get("Title", ""),
        url=get("Url", ""),
        ticket=get("Ticket", ""),
        fields=fields,
        nested=body.nested,
    )


def _name(value: str | None, *, required: bool) -> str:
    """A short name; longer ones would not fit into an index."""
    if len(value or "") > _NAME_AT_MOST or (required and not value):
        raise Malformed
    return value or ""


def _seconds(value: str | None, *, required: bool) -> int:
    if value is None and not required:
        return 0
    if not value or len(value) > _SECONDS_AT_MOST or not (value.isascii() and value.isdigit()):
        raise Malformed
    return int(value)


def _place(fields: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Where the sender stands, from a location message or a LOCATION event."""
    for north, east in (("Location_X", "Location_Y"), ("Latitude", "Longitude")):
        if north in fields or east in fields:
            return _degrees(fields.get(north), 90), _degrees(fields.get(east), 180)
    return None, None


def _degrees(value: str | None, limit: int) -> float:
    try:
        degrees = float(value or "")
    except ValueError:
        raise Malformed from None
    if not -limit <= degrees <= limit:
        raise Malformed
    return degrees
