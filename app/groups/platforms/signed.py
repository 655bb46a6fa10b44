"""Any bot that somebody writes: plain JSON both ways, in the form of Standard Webhooks."""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from typing_extensions import override

from app.core.clock import now
from app.core.ids import new_id
from app.core.sending import Failed, Refused
from app.core.webhook_signing import keys_of, signatures, signed
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
from app.groups.posting import packed, post, told
from app.groups.problems import HookUnreadable, NotFromPlatform
from app.groups.proving import demand_fresh, matches
from app.groups.reading import Members, known_as, known_or_none, members, name, read, words
from app.groups.reading import moment as as_moment
from app.groups.wording import cut

FRESH = 300
"""Seconds that the sender's clock and ours may be apart."""
SIGNATURES_AT_MOST = 10

_TITLE_AT_MOST = 600
"""Bytes."""
_ID = re.compile(r"[\x21-\x2d\x2f-\x7e]{1,200}")
"""Printable and without a dot, which parts the signed id from the time."""


class Signed(Platform):
    """Reads and writes messages signed with `secret`; `previous_secret` is believed as well."""

    needs = ("secret",)
    limits = Limits(text_bytes=16_000, markdown_bytes=16_000, per_minute=600, patience=5.0)
    dedupes = True

    @override
    def open(self, keys: Mapping[str, str], call: Call) -> Opened:
        """A message whose id, time and body are signed, by one of several signatures."""
        if call.method != "POST":
            raise NotFromPlatform
        message_id = call.headers.get("webhook-id", "")
        if "." in message_id:
            raise HookUnreadable
        stamp = demand_fresh(call.headers.get("webhook-timestamp"), call.at, FRESH)
        if not _ID.fullmatch(message_id):
            raise NotFromPlatform
        given = call.headers.get("webhook-signature", "").split(" ")[:SIGNATURES_AT_MOST]
        expected = signatures(_keys(keys), message_id, stamp, call.body)
        # Every pair is compared, so that the time taken tells nothing.
        if not any([matches(one, ours) for one in given for ours in expected]):  # noqa: C419
            raise NotFromPlatform
        return Opened([_heard(members(read(call.body)), message_id, call.at)])

    @override
    def answer(self, keys: Mapping[str, str], opened: Opened, text: str | None) -> Answer:
        """`{"reply": …}`, null for nothing to say."""
        reply = self.limits.reply(text) if text else None
        return Answer(packed({"reply": reply}))

    @override
    async def send(self, to: Address, words: Words) -> str | None:
        """Post it to the bot's address, under an id that is the same for every attempt."""
        if not to.api or not to.group_id:
            raise Refused(code="no_address")
        keys = _keys(to.keys)
        if not keys:
            raise Refused(code="no_secret")
        body = packed(_message(to.group_id, words, self.limits))
        answer = await post(to.api, body, headers=signed(keys, _id(words.dedupe), now(), body))
        if not answer.content:
            return None
        said = told(answer)
        if said.get("error"):
            raise Failed(code="error")
        sent = said.get("id")
        return sent[:200] if isinstance(sent, str) and sent else None


def _keys(keys: Mapping[str, str]) -> list[bytes]:
    """What a message may be signed with, by the present secret first."""
    return keys_of(keys.get(each, "") for each in ("secret", "previous_secret"))


def _id(dedupe: str | None) -> str:
    """An id without a dot in it, whatever it is made of."""
    known = dedupe or str(new_id())
    return f"msg_{sha256(known.encode(errors='replace')).hexdigest()[:32]}"


def _heard(message: Members, message_id: str, came_at: datetime) -> Heard:
    sender = members(message.get("sender"))
    group = known_or_none(message.get("group"))
    own = known_or_none(message.get("id"))
    if not isinstance(message.get("text"), str):
        raise HookUnreadable
    return Heard(
        message_id=own or message_id,
        group_id=group,
        group_name=name(message.get("group_name")),
        sender_id=known_as(sender.get("id")),
        sender_name=name(sender.get("name")),
        sent_at=_moment(message.get("at")) or came_at,
        text=words(message["text"]).strip(),
        to_bot=message.get("mentions_bot") is True or group is None,
        reply_to=known_or_none(message.get("reply_to")),
    )


def _moment(at: Any) -> datetime | None:
    """A time in ISO 8601 with its zone; None where none is given."""
    if at is None:
        return None
    try:
        moment = datetime.fromisoformat(at)
        seconds = moment.timestamp() if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        raise HookUnreadable from None
    if seconds is None:
        raise HookUnreadable
    return as_moment(seconds)


def _message(group_id: str, words: Words, limits: Limits) -> dict[str, str]:
    """What is written to the bot; members that hold nothing are left out."""
    markdown = words.markdown and cut(words.markdown, limits.text_bytes, at_lines=True)
    message = {
        "group": group_id,
        "title": cut(words.title, _TITLE_AT_MOST),
        "text": cut(words.text, limits.text_bytes),
        "markdown": markdown,
        "link": cut(words.link or "", limits.text_bytes),
    }
    return {each: value for each, value in message.items() if value}


platforms.add("signed", Signed())
