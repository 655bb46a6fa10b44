"""DingTalk 钉钉: an outgoing robot that is mentioned, and a custom robot to write with."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
from typing_extensions import override

from app.core.clock import now
from app.core.sending import Failed, Refused
from app.groups.platforms import (
    Address,
    Answer,
    Call,
    Heard,
    Limits,
    Opened,
    Platform,
    Words,
    platforms,
)
from app.groups.posting import code_in, packed, post, told
from app.groups.problems import NotFromPlatform
from app.groups.proving import demand, demand_fresh, mac
from app.groups.reading import (
    Members,
    items,
    known_as,
    known_or_none,
    members,
    members_or_none,
    moment_of_milliseconds,
    name,
    read,
    words,
)
from app.groups.wording import cut, quoted

FRESH = 3600
"""Seconds that DingTalk's clock and ours may be apart, as DingTalk has it."""
BLOCKED = timedelta(minutes=10)
"""How long a robot is silenced that said more than twenty things in a minute."""

_TOO_FAST = frozenset({130101, 410100})
_PASSING = frozenset({-1})
_TO_BOT_ALONE = "1"
_TITLE_AT_MOST = 120
"""Bytes of what a notification shows."""


class DingTalk(Platform):
    """Reads a robot's outgoing calls; their signature is over the time and never the body."""

    needs = ("secret",)
    limits = Limits(
        text_bytes=18_000, markdown_bytes=18_000, per_minute=20, patience=3.0, size=quoted
    )
    dedupes = False

    @override
    def open(self, keys: Mapping[str, str], call: Call) -> Opened:
        """What was said to the robot; in groups DingTalk passes on only what mentions it."""
        secret = keys.get("secret")
        if call.method != "POST" or not secret:
            raise NotFromPlatform
        stamp = demand_fresh(call.headers.get("timestamp"), call.at, FRESH, "milliseconds")
        demand(call.headers.get("sign"), mac(secret, f"{stamp}\n{secret}"))
        body = members(read(call.body))
        session = {"session_webhook": words(body.get("sessionWebhook"))}
        return Opened([_heard(body)], context=session)

    @override
    def answer(self, keys: Mapping[str, str], opened: Opened, text: str | None) -> Answer:
        """A text in the answer to the call, or DingTalk's own word for none."""
        if not text:
            return Answer(packed({"msgtype": "empty"}))
        return Answer(packed({"msgtype": "text", "text": {"content": self.limits.reply(text)}}))

    @override
    async def send(self, to: Address, words: Words) -> str | None:
        """Post to the group's custom robot, signed where it has a secret."""
        if not to.robot_url:
            raise Refused(code="no_address")
        url = signed(to.robot_url, to.robot_secret, int(now().timestamp() * 1000))
        code = code_in(told(await post(url, packed(_message(words, self.limits)))), "errcode")
        if code in _TOO_FAST:
            raise Failed(str(code), wait=BLOCKED, lane=True, sent=False)
        if code in _PASSING:
            raise Failed(str(code))
        if code:
            raise Refused(str(code))
        return None


def signed(url: str, secret: str | None, milliseconds: int) -> httpx.URL | str:
    """The address with the time and its signature, each encoded once."""
    if not secret:
        return url
    sign = mac(secret, f"{milliseconds}\n{secret}")
    try:
        return httpx.URL(url).copy_merge_params({"timestamp": milliseconds, "sign": sign})
    except httpx.InvalidURL:
        raise Refused(code="address_refused") from None


def _heard(body: Members) -> Heard:
    alone = body.get("conversationType") == _TO_BOT_ALONE
    kind, text = _said(body)
    about = members_or_none(body.get("text"))
    return Heard(
        message_id=known_as(body.get("msgId")),
        group_id=None if alone else known_as(body.get("conversationId")),
        group_name="" if alone else name(body.get("conversationTitle")),
        sender_id=known_as(body.get("senderStaffId") or body.get("senderId")),
        sender_name=name(body.get("senderNick")),
        sent_at=moment_of_milliseconds(body.get("createAt")),
        kind=kind,
        text=text,
        to_bot=alone or body.get("isInAtList") is True,
        reply_to=known_or_none(body.get("originalMsgId") or about.get("originalMsgId")),
    )


def _said(body: Members) -> tuple[str, str]:
    """The kind of message it is, and its words; DingTalk leaves the mention of the robot out."""
    match body.get("msgtype"):
        case "text":
            return "text", words(members(body.get("text")).get("content")).strip()
        case "richText":
            return "text", "".join(_runs(members_or_none(body.get("content")))).strip()
        case "audio":
            heard = members_or_none(body.get("content")).get("recognition")
            return "other", words(heard).strip()
        case "picture":
            return "image", ""
    return "other", ""


def _runs(content: Members) -> Iterator[str]:
    for run in items(content.get("richText")):
        yield words(members_or_none(run).get("text"))


def _message(words: Words, limits: Limits) -> Mapping[str, Any]:
    markdown = limits.markdown(words)
    if markdown is None:
        return {"msgtype": "text", "text": {"content": limits.text(words)}}
    title = cut(words.title or words.text, _TITLE_AT_MOST)
    return {"msgtype": "markdown", "markdown": {"title": title, "text": markdown}}


platforms.add("dingtalk", DingTalk())
