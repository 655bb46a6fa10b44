"""Reporting what is said in a group to the software behind its bot, and showing the answer."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from app.sandbox import faults, log
from app.sandbox.groups import dingtalk, feishu, onebot, wecom
from app.sandbox.groups.reporting import Broken, Occasion, Parcel, Speaker
from app.sandbox.groups.rooms import Rooms
from app.sandbox.groups.rows import Group, Member, Said
from app.sandbox.state import Attempt, Rule

SPEAKERS: Final[Mapping[str, Speaker]] = {
    "onebot11": onebot,
    "wecom": wecom,
    "dingtalk": dingtalk,
    "feishu": feishu,
}
HOOK = "/hook"
"""What the faults of groups call the way to the software."""

_REFUSED, _BROKEN_DOWN = 400, 500


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True)
class Told:
    """How a report went: `untold`, `unreachable`, `rejected`, `broken`, `none` or a reply."""

    outcome: str
    attempts: list[Attempt]
    reason: str = ""
    reply: Said | None = None


@dataclass(frozen=True)
class _Heard:
    attempts: list[Attempt]
    response: httpx.Response | None


class Reporter:
    """Reports with its own HTTP client, since it is the outside world and must reach loopback.

    `patience` is how many seconds an answer may take, `spacing` how many lie between the
    beginnings of two attempts where the platform tries again.
    """

    def __init__(self, rooms: Rooms, *, spacing: float, patience: float) -> None:
        self._rooms, self._spacing, self._patience = rooms, spacing, patience
        self._client: httpx.AsyncClient

    async def start(self) -> None:
        """Open the connections."""
        self._client = httpx.AsyncClient(
            verify=_trust(),
            trust_env=False,
            timeout=None,  # noqa: S113 - every attempt is timed as a whole
            limits=httpx.Limits(max_connections=200, keepalive_expiry=2),
        )

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def report(self, group: Group, member: Member, said: Said, base: str) -> Told:
        """Tell the software what was said, and show in the group what it answers."""
        bot, speaker = self._rooms.bots.get(group.bot), SPEAKERS[group.platform]
        if bot is None or (speaker.ONLY_MENTIONS and bot.self_id not in said.at):
            return Told("untold", [])
        occasion = Occasion(self._rooms, bot, group, member, said, base)
        heard = await self._insist(occasion, speaker)
        told = self._understood(occasion, speaker, heard)
        fields = {"FromUserName": member.id, "MsgType": "text", "MsgId": said.message_id}
        log.delivered(
            self._rooms.world,
            bot.self_id,
            fields,
            attempts=told.attempts,
            reply=told.outcome,
            reason=told.reason,
        )
        return told

    def _understood(self, occasion: Occasion, speaker: Speaker, heard: _Heard) -> Told:
        response = heard.response
        if response is None:
            return Told("unreachable", heard.attempts)
        if response.status_code >= _REFUSED:
            return Told("rejected", heard.attempts, f"HTTP {response.status_code}")
        try:
            reply = speaker.read(occasion, response.status_code, response.content)
        except Broken as error:
            return Told("broken", heard.attempts, str(error))
        if reply.recalls:
            self._rooms.recall(occasion.said)
        if not reply.text:
            return Told("none", heard.attempts)
        bot, group = occasion.bot, occasion.group
        shown = self._rooms.show(
            group.group_id,
            "bot",
            reply.text,
            by=bot.self_id,
            name=bot.name,
            type_=reply.type,
            at=list(reply.at),
            to=occasion.member.id if reply.private else "",
        )
        return Told(reply.type, heard.attempts, reply=shown)

    async def _insist(self, occasion: Occasion, speaker: Speaker) -> _Heard:
        content, attempts = speaker.content(occasion), list[Attempt]()
        for remaining in reversed(range(speaker.ATTEMPTS)):
            began = perf_counter()
            rule = faults.strike(self._rooms.world, "groups", HOOK, when=_strikes_reports)
            forged = rule is not None and rule.kind == "bad_signature"
            parcel = speaker.parcel(replace(occasion, forged=forged), content)
            attempt, response = await self._attempt(occasion.bot.hook_url, parcel)
            if rule and rule.kind == "lost_reply":
                attempt, response = attempt.model_copy(update={"error": "lost_reply"}), None
            attempts.append(attempt)
            if not remaining or (response and response.status_code < _BROKEN_DOWN):
                break
            await asyncio.sleep(max(0, began + self._spacing - perf_counter()))
        return _Heard(attempts, response)

    async def _attempt(self, url: str, parcel: Parcel) -> tuple[Attempt, httpx.Response | None]:
        began = perf_counter()
        response, error = None, None
        try:
            async with asyncio.timeout(self._patience):
                response = await self._client.post(
                    _with_query(url, parcel.query),
                    content=parcel.body,
                    headers=dict(parcel.headers),
                )
        except TimeoutError:
            error = "timeout"
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            error = type(problem).__name__
        status = response.status_code if response is not None else None
        latency_ms = round((perf_counter() - began) * 1000, 1)
        return Attempt(status=status, error=error, latency_ms=latency_ms), response

    async def ask(
        self, method: str, url: str, query: Mapping[str, str], body: bytes = b"", **headers: str
    ) -> httpx.Response | None:
        """Send something that is no report; None when nobody answers in time."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._client.request(
                    method, _with_query(url, query), content=body, headers=headers
                )
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
            return None


def _with_query(url: str, query: Mapping[str, Any]) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def _strikes_reports(rule: Rule) -> bool:
    return rule.kind in faults.OF_REPORTS
