"""Delivering messages and events to an account's callback, and showing what it replies."""

import asyncio
import secrets
import ssl
from collections.abc import Mapping
from functools import cache
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import httpx

from app.core.i18n import _
from app.sandbox import crypto, faults, log, replies
from app.sandbox.messages import Fields, written
from app.sandbox.phones import Phones
from app.sandbox.replies import NOTHING, Broken, Reply
from app.sandbox.state import Account, Attempt, Bubble, Delivery, World

ATTEMPTS = 3
_SILENT_EVENTS = (
    "unsubscribe",
    "VIEW",
    "LOCATION",
    "TEMPLATESENDJOBFINISH",
    "MASSSENDJOBFINISH",
    "subscribe_msg_sent_event",
)
_UNSHOWN = ("none", "transfer_customer_service")
_OK = 200


@cache
def _trust() -> ssl.SSLContext:
    """The machine's certificates, which take longer to read than a message to send."""
    return ssl.create_default_context()


class Sender:
    """Sends callbacks: `patience` seconds for an answer, attempts `spacing` seconds apart.

    It has its own HTTP client, because it is the outside world and must reach loopback.
    """

    def __init__(self, world: World, phones: Phones, *, spacing: float, patience: float) -> None:
        self._world, self._phones = world, phones
        self._spacing, self._patience = spacing, patience
        self._later: set[asyncio.Task[Any]] = set()
        self._client: httpx.AsyncClient

    async def start(self) -> None:
        """Open the connections."""
        limits = httpx.Limits(max_connections=200, keepalive_expiry=2)
        self._client = httpx.AsyncClient(
            verify=_trust(),
            trust_env=False,
            timeout=None,  # noqa: S113 - every attempt is timed as a whole
            limits=limits,
        )

    async def stop(self) -> None:
        """Drop what is under way and close the connections."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        await self._client.aclose()

    def deliver_later(self, account: Account, fields: Fields) -> None:
        """Deliver without waiting for it."""
        task = asyncio.create_task(self.deliver(account, fields))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def deliver(self, account: Account, fields: Fields) -> tuple[Delivery, Bubble | None]:
        """Send up to three times until answered, then show the reply on the follower's phone."""
        openid = fields["FromUserName"]
        attempts, answer = await self._insist(account, openid, _body(account, fields))
        reply, kind, reason = NOTHING, "unreachable", ""
        if answer is not None:
            try:
                reply = replies.read(self._world, account, openid, answer)
                kind = reply.type
            except Broken as error:
                kind, reason = "broken", str(error)
        bubble = self._shown(fields, reply, kind)
        row = log.delivered(
            self._world, account.app_id, fields, attempts=attempts, reply=kind, reason=reason
        )
        return row, bubble

    def _shown(self, fields: Fields, reply: Reply, kind: str) -> Bubble | None:
        openid = fields["FromUserName"]
        if kind in ("broken", "unreachable"):
            if fields.get("Event") not in _SILENT_EVENTS:
                sentence = _("该公众号提供的服务出现故障，请稍后再试")
                self._phones.show(openid, "in", "fault", sentence)
            return None
        if kind in _UNSHOWN:
            return None
        return self._phones.show(openid, "in", reply.type, reply.text, **reply.content)

    async def _insist(
        self, account: Account, openid: str, body: tuple[str, str]
    ) -> tuple[list[Attempt], bytes | None]:
        attempts: list[Attempt] = []
        for remaining in reversed(range(ATTEMPTS)):
            began = perf_counter()
            attempt, answer = await self._attempt(account, openid, *body)
            attempts.append(attempt)
            if answer is not None or not remaining:
                break
            await asyncio.sleep(max(0, began + self._spacing - perf_counter()))
        return attempts, answer

    async def _attempt(
        self, account: Account, openid: str, body: str, encrypted: str
    ) -> tuple[Attempt, bytes | None]:
        began = perf_counter()
        status, error, answer = None, None, None
        url = _signed(account, openid, encrypted, int(self._world.now()))
        try:
            async with asyncio.timeout(self._patience):
                kind = "application/json" if account.format == "json" else "text/xml"
                response = await self._client.post(
                    url, content=body.encode(), headers={"Content-Type": kind}
                )
            status = response.status_code
            answer = response.content if status == _OK else None
        except TimeoutError:
            error = "timeout"
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            error = type(problem).__name__
        if answer is not None and faults.strike(self._world, "callback", "*"):
            error, answer = "lost_reply", None
        latency_ms = round((perf_counter() - began) * 1000, 1)
        return Attempt(status=status, error=error, latency_ms=latency_ms), answer

    async def greet(self, account: Account) -> bool:
        """Whether the callback echoes the handshake that proves it knows the token."""
        echo = secrets.token_hex(10)
        url = _signed(account, "", "", int(self._world.now())) + f"&echostr={echo}"
        try:
            async with asyncio.timeout(self._patience):
                response = await self._client.get(url)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
            return False
        return response.status_code == _OK and response.text == echo


def _body(account: Account, fields: Mapping[str, Any]) -> tuple[str, str]:
    """The body as it is sent, and its encrypted part."""
    if account.mode == "plain":
        return written(fields, account.format), ""
    inner = written(fields, account.format)
    sealed = crypto.encrypt(inner, aes_key=account.aes_key, app_id=account.app_id)
    if account.mode == "safe":
        fields = {"ToUserName": account.original_id}
    return written({**fields, "Encrypt": sealed}, account.format), sealed


def _signed(account: Account, openid: str, encrypted: str, at: int) -> str:
    """The callback's address with a fresh signature."""
    timestamp, nonce = str(at), str(secrets.randbelow(9 * 10**8) + 10**8)
    query = {
        "signature": crypto.sign(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
    }
    if openid:
        query["openid"] = openid
    if encrypted:
        query["encrypt_type"] = "aes"
        query["msg_signature"] = crypto.sign(account.token, timestamp, nonce, encrypted)
    joint = "&" if "?" in account.callback_url else "?"
    return f"{account.callback_url}{joint}{urlencode(query)}"
