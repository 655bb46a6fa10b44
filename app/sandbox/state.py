"""What the platform knows: accounts, their followers, and everything that passed between them."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from app.sandbox.journal import Journal, Row, Table

KEPT_LOG_ROWS = 500


class Template(Row):
    """A template message: lines such as `处理进度：{{phrase1.DATA}}`."""

    title: str
    content: str


class Account(Row):
    """A service account and the developer's settings of it."""

    app_id: str
    secret: str = Field(repr=False)
    token: str = Field(repr=False)
    aes_key: str = Field(repr=False)
    original_id: str
    callback_url: str
    mode: Literal["plain", "compatible", "safe"]
    format: Literal["xml", "json"]
    name: str
    templates: dict[str, Template]


class User(Row):
    """A person with WeChat, known to one account by an openid. Times are seconds since 1970."""

    openid: str
    app_id: str
    name: str
    home: str
    role: str
    subscribed: bool
    blocks: bool
    since: float


class Token(Row):
    """An access token; a dead one was replaced before its time."""

    app_id: str
    expires_at: float
    dead: bool = False


class Current(Row):
    """The newest token of an account, per way of getting one."""

    token: str
    forced_at: float = 0


class Spent(Row):
    """How often something limited per day was done."""

    times: int


class Ticket(Row):
    """A jsapi ticket."""

    ticket: str
    expires_at: float


class Code(Row):
    """A code that a page may change once for the visitor's identity."""

    app_id: str
    openid: str
    scope: str
    at: float
    used: bool = False


class Grant(Row):
    """What a page may read of its visitor, by the web access token."""

    app_id: str
    openid: str
    scope: str
    expires_at: float


class Media(Row):
    """An uploaded file; temporary ones are gone after three days."""

    app_id: str
    kind: str
    content_type: str
    at: float


class Sent(Row):
    """A template message that must not be sent again under the same client_msg_id."""

    msgid: int
    at: float


class Window(Row):
    """How many customer messages a follower still accepts, and since when."""

    said_at: float = 0
    said_left: int = 0
    acted_at: float = 0
    acted_left: int = 0


class Menu(Row):
    """The buttons an account has published."""

    button: list[dict[str, Any]]


class Tag(Row):
    """A name under which an account keeps followers together."""

    app_id: str
    id: int
    name: str


class Tagged(Row):
    """The tags that one follower bears."""

    tags: list[int]


class Mass(Row):
    """A message to many that must not be sent again under the same clientmsgid."""

    msg_id: int
    at: float


class Consent(Row):
    """How many subscribe messages of one template a person still takes."""

    left: int


class Scene(Row):
    """Where a parametric QR code leads."""

    app_id: str
    key: str
    expires_at: float | None


class Bubble(Row):
    """One thing on a phone: `out` was sent by its owner, `in` came from the account."""

    seq: int
    openid: str
    direction: Literal["in", "out"]
    type: str
    text: str
    content: dict[str, Any]
    at: float


class Rule(Row):
    """A fault to commit, so many times (None: until it is taken away)."""

    path: str = "*"
    kind: Literal[
        "errcode",
        "timeout_after_acceptance",
        "timeout",
        "http_500",
        "truncated",
        "html",
        "latency",
        "body",
        "lost_reply",
        "lost",
        "rate_limit",
        "bad_signature",
    ]
    errcode: int = -1
    body: str = ""
    times: int | None = Field(default=1, ge=1)
    seconds: float = Field(default=30, ge=0, le=600)


class Rules(Row):
    """The faults switched on at one of the doors."""

    rules: list[Rule] = Field(default_factory=list)


class Call(Row):
    """A call of the API as it came and was answered; secrets and tokens are left out."""

    seq: int
    at: float
    app_id: str
    method: str
    path: str
    body: dict[str, Any]
    errcode: int | None
    fault: str | None
    latency_ms: float


class Attempt(Row):
    """One try to deliver a callback."""

    status: int | None
    error: str | None
    latency_ms: float


class Delivery(Row):
    """A callback as it was sent, how often, and what the account replied.

    `reply` is a message type, `none` (empty or `success`), `broken` or `unreachable`.
    """

    seq: int
    at: float
    app_id: str
    openid: str
    msg_type: str
    event: str
    msg_id: str
    attempts: list[Attempt]
    reply: str
    reason: str


class World:
    """All the platform's tables over one journal, its clock, and its files."""

    def __init__(
        self, journal: Path | None, *, clock: Callable[[], float], public_url: str | None
    ) -> None:
        self.journal = book = Journal(journal)
        self.folder = journal.with_suffix(".media") if journal else None
        self.now = clock
        self.public_url = public_url
        self.accounts = Table(book, "accounts", Account)
        self.users = Table(book, "users", User)
        self.tokens = Table(book, "tokens", Token)
        self.current = Table(book, "current", Current)
        self.spent = Table(book, "spent", Spent)
        self.tickets = Table(book, "tickets", Ticket)
        self.codes = Table(book, "codes", Code)
        self.grants = Table(book, "grants", Grant)
        self.media = Table(book, "media", Media)
        self.sent = Table(book, "sent", Sent)
        self.windows = Table(book, "windows", Window)
        self.tags = Table(book, "tags", Tag)
        self.tagged = Table(book, "tagged", Tagged)
        self.masses = Table(book, "masses", Mass)
        self.consents = Table(book, "consents", Consent)
        self.menus = Table(book, "menus", Menu)
        self.scenes = Table(book, "scenes", Scene)
        self.bubbles = Table(book, "bubbles", Bubble)
        self.faults = Table(book, "faults", Rules)
        self.calls = Table(book, "calls", Call, keep=KEPT_LOG_ROWS)
        self.deliveries = Table(book, "deliveries", Delivery, keep=KEPT_LOG_ROWS)
        self.counts = Table(book, "counts", Spent)

    def count(self, what: str) -> int:
        """Count one more of something; how many there are now."""
        before = self.counts.get(what)
        return self.counts.put(what, Spent(times=before.times + 1 if before else 1)).times

    def message_id(self) -> int:
        """A message number such as the platform gives: 17 digits, never the same twice."""
        return 24 * 10**15 + self.count("message ids") * 10**6 + secrets.randbelow(10**6)
