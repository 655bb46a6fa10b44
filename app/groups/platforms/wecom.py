"""WeCom 企业微信: an application that is written to, and each group's own robot to write with."""

import re
from collections.abc import Mapping
from datetime import timedelta

from typing_extensions import override

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
from app.groups.posting import A_MINUTE, code_in, packed, post, told
from app.groups.problems import HookUnreadable, NotFromPlatform
from app.groups.proving import demand_fresh
from app.groups.reading import Members, known_as, moment, words
from app.wechat import edge
from app.wechat.edge import Delivered, Form, Keys, Message, Text
from app.wechat.edge.sealing import cipher_of, decrypt, demand_signature
from app.wechat.problems import BadAesKey, Malformed, MessageTooLarge, NotFromWeChat

FRESH = 300
"""Seconds that WeCom's clock and ours may be apart."""

_TOO_FAST = frozenset({45009, 45033})
_REFUSALS = frozenset({40008, 40058, 44004, 45002, 93000, 93004, 93008})
_BUSY = -1


class WeCom(Platform):
    """Reads an application's callback, sealed as a service account's is, for the company's id."""

    needs = ("token", "aes_key", "corp_id")
    limits = Limits(
        text_bytes=2048,
        markdown_bytes=4096,
        per_minute=20,
        patience=4.0,
        live=re.compile("<(?=@)"),
    )
    dedupes = False

    @override
    def open(self, keys: Mapping[str, str], call: Call) -> Opened:
        """The handshake, or a message to the application, which is always to the bot alone."""
        try:
            if call.method == "GET":
                return Opened(answer=_handshake(keys, call))
            return _opened(keys, call)
        except (NotFromWeChat, BadAesKey):
            raise NotFromPlatform from None
        except (Malformed, MessageTooLarge):
            raise HookUnreadable from None

    @override
    def answer(self, keys: Mapping[str, str], opened: Opened, text: str | None) -> Answer:
        """A sealed reply, cut to 2048 bytes; nothing is said by an empty answer."""
        if not text or not opened.heard:
            return Answer(media_type="text/plain")
        to = Message(
            to_user=keys["corp_id"],
            from_user=opened.heard[0].sender_id,
            create_time=int(opened.context["timestamp"]),
            kind="text",
        )
        ours = _keys(keys)
        delivered = Delivered(to, Form.XML, b"", ours, cipher_of(ours.aes_key))
        at, nonce = int(opened.context["timestamp"]), opened.context["nonce"]
        body, media_type = edge.render(Text(text), delivered, timestamp=at, nonce=nonce)
        return Answer(body, media_type=media_type)

    @override
    async def send(self, to: Address, words: Words) -> str | None:
        """Post to the group's robot, whose key stands in its address."""
        if not to.robot_url:
            raise Refused(code="no_address")
        answer = await post(to.robot_url, packed(_message(words, self.limits)))
        code = code_in(told(answer), "errcode")
        if code in _TOO_FAST:
            raise Failed(str(code), wait=A_MINUTE, lane=True, sent=False)
        if code in _REFUSALS:
            raise Refused(str(code))
        if code:
            raise Failed(str(code), wait=timedelta(seconds=2) if code == _BUSY else None)
        return None


def _keys(keys: Mapping[str, str]) -> Keys:
    """What was agreed on, as for a service account: the company's id is in the AppID's place."""
    if not all(keys.get(each) for each in WeCom.needs):
        raise NotFromPlatform
    corp_id = keys["corp_id"]
    return Keys(corp_id, keys["token"], keys["aes_key"], original_id=corp_id)


def _handshake(keys: Mapping[str, str], call: Call) -> Answer:
    """WeCom asks whether this address is ours, and wants to read what is in `echostr`."""
    ours = _keys(keys)
    get = call.query.get
    timestamp = demand_fresh(get("timestamp"), call.at, FRESH)
    sealed = get("echostr", "")
    demand_signature(get("msg_signature", ""), ours.token, timestamp, get("nonce", ""), sealed)
    echo, _ = decrypt(sealed, ours.aes_keys, ours.app_id)
    return Answer(echo, media_type="text/plain")


def _opened(keys: Mapping[str, str], call: Call) -> Opened:
    query = {**call.query, "encrypt_type": "aes"}
    delivered = edge.open_envelope(_keys(keys), query, call.body, call.at)
    message = delivered.message
    if message.event or message.kind in ("event", "unknown"):
        return Opened(answer=Answer(media_type="text/plain"))
    heard = Heard(
        message_id=known_as(message.msg_id),
        group_id=None,
        sender_id=known_as(message.from_user),
        sent_at=moment(message.create_time),
        kind=message.kind if message.kind in ("text", "image") else "other",
        text=words(message.content).strip(),
        to_bot=True,
    )
    return Opened(
        [heard], context={"timestamp": query["timestamp"], "nonce": query.get("nonce", "")}
    )


def _message(words: Words, limits: Limits) -> Members:
    markdown = limits.markdown(words)
    if markdown is None:
        return {"msgtype": "text", "text": {"content": limits.text(words)}}
    return {"msgtype": "markdown", "markdown": {"content": markdown}}


platforms.add("wecom", WeCom())
