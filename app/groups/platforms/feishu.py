"""Feishu 飞书: the events of an application, and each group's own robot to write with."""

import binascii
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
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
    SayInstead,
    Words,
    platforms,
)
from app.groups.posting import A_MINUTE, code_in, packed, post, told
from app.groups.problems import HookUnreadable, NotFromPlatform
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
from app.groups.segments import Said, Segment, put_together
from app.groups.wording import quoted

FRESH = 300
"""Seconds that Feishu's clock and ours may be apart."""
NOTHING = Answer(b"{}")

_BLOCK = 16
_MENTION = re.compile(r"(@_user_\d+|@_all)")
_REFUSALS = frozenset({9499, 19001, 19002, 19021, 19022, 19024})
_TOO_FAST = 11232
_HURRIED = re.compile("too many request|frequency limit", re.IGNORECASE)
"""9499 stands for this as well as for a request it does not understand."""


class Feishu(Platform):
    """Reads events that are encrypted and signed; an answer to one carries no words."""

    needs = ("encrypt_key", "verification_token")
    limits = Limits(
        text_bytes=19_000,
        per_minute=100,
        per_second=5,
        patience=2.5,
        size=quoted,
        live=re.compile(r"<(?=/?at\b)", re.IGNORECASE),
    )
    dedupes = False

    @override
    def open(self, keys: Mapping[str, str], call: Call) -> Opened:
        """The challenge, or what was said to the application.

        A challenge may come unsigned: then the token inside is all that proves it, and every way
        it can be wrong is the same `NotFromPlatform`.
        """
        if call.method != "POST" or not all(keys.get(each) for each in self.needs):
            raise NotFromPlatform
        is_signed = "x-lark-signature" in call.headers
        if is_signed:
            _demand_signature(keys["encrypt_key"], call)
        event = _unsealed(keys["encrypt_key"], call.body, trusted=is_signed)
        header = members_or_none(event.get("header"))
        token = header.get("token", event.get("token"))
        demand(token if isinstance(token, str) else None, keys["verification_token"])
        if event.get("type") == "url_verification":
            return Opened(answer=Answer(packed({"challenge": words(event.get("challenge"))})))
        if not is_signed:
            raise NotFromPlatform
        if header.get("event_type") != "im.message.receive_v1":
            return Opened(answer=NOTHING)
        heard = _heard(members(event.get("event")), keys)
        return Opened([heard]) if heard else Opened(answer=NOTHING)

    @override
    def answer(self, keys: Mapping[str, str], opened: Opened, text: str | None) -> Answer:
        """Nothing; words are to be sent to the group's robot."""
        if text:
            raise SayInstead
        return NOTHING

    @override
    async def send(self, to: Address, words: Words) -> str | None:
        """Post to the group's robot, signed where it has a secret; it takes 20 kB of JSON."""
        if not to.robot_url:
            raise Refused(code="no_address")
        message = {"msg_type": "text", "content": {"text": self.limits.text(words)}}
        sealed = signature(to.robot_secret, int(now().timestamp()))
        answer = told(await post(to.robot_url, packed({**sealed, **message})))
        code = code_in(answer, "code")
        if code == _TOO_FAST or (code and _HURRIED.search(str(answer.get("msg")))):
            raise Failed(str(code), wait=A_MINUTE, lane=True, sent=False)
        if code in _REFUSALS:
            raise Refused(str(code))
        if code:
            raise Failed(str(code))
        return None


def signature(secret: str | None, seconds: int) -> dict[str, str]:
    """The time, and the HMAC of nothing under a key made of the time and the secret."""
    if not secret:
        return {}
    return {"timestamp": str(seconds), "sign": mac(f"{seconds}\n{secret}", "")}


def _demand_signature(encrypt_key: str, call: Call) -> None:
    stamp = demand_fresh(call.headers.get("x-lark-request-timestamp"), call.at, FRESH)
    nonce = call.headers.get("x-lark-request-nonce", "")
    parts = f"{stamp}{nonce}{encrypt_key}".encode(errors="replace")
    demand(call.headers["x-lark-signature"], sha256(parts + call.body).hexdigest())


def _unsealed(encrypt_key: str, body: bytes, *, trusted: bool) -> Members:
    """What is inside `encrypt`; nothing that comes in plain is believed."""
    try:
        sealed = members(read(body)).get("encrypt")
        if not isinstance(sealed, str):
            raise NotFromPlatform
        return members(read(_decrypted(encrypt_key, sealed)))
    except HookUnreadable:
        if trusted:
            raise
        raise NotFromPlatform from None


def _decrypted(encrypt_key: str, sealed: str) -> bytes:
    """AES-256-CBC under the hash of the key, the first block being the IV."""
    try:
        data = binascii.a2b_base64(sealed.encode(), strict_mode=True)
        key = sha256(encrypt_key.encode(errors="replace")).digest()
        decryptor = Cipher(algorithms.AES(key), modes.CBC(data[:_BLOCK])).decryptor()
        padded = decryptor.update(data[_BLOCK:]) + decryptor.finalize()
        unpadder = PKCS7(_BLOCK * 8).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise NotFromPlatform from None


def _heard(event: Members, keys: Mapping[str, str]) -> Heard | None:
    """What was said; None of what an application said."""
    sender, message = members(event.get("sender")), members(event.get("message"))
    if sender.get("sender_type", "user") != "user":
        return None
    ids = members(sender.get("sender_id"))
    alone = message.get("chat_type") == "p2p"
    said = _said(message, keys)
    return Heard(
        message_id=known_as(message.get("message_id")),
        group_id=None if alone else known_as(message.get("chat_id")),
        sender_id=known_as(ids.get("open_id") or ids.get("union_id")),
        sent_at=moment_of_milliseconds(message.get("create_time")),
        kind=said.kind,
        text=said.text,
        to_bot=said.at_me or alone,
        reply_to=known_or_none(message.get("parent_id")),
    )


def _said(message: Members, keys: Mapping[str, str]) -> Said:
    """The words of a message, whose content is JSON within JSON."""
    mentioned = {}
    for mention in map(members, items(message.get("mentions"))):
        who = members_or_none(mention.get("id")).get("open_id")
        mentioned[words(mention.get("key"))] = (words(who), name(mention.get("name")))
    me = keys.get("self_id") or next(
        (who for who, called in mentioned.values() if called and called == keys.get("name")), ""
    )
    kind = message.get("message_type")
    content = members(read(words(message.get("content"))))
    match kind:
        case "text":
            return put_together(_mentioning(words(content.get("text")), mentioned), me)
        case "post":
            return put_together(_posted(content, mentioned), me)
        case _:
            return put_together([Segment(str(kind))], me)


def _mentioning(text: str, mentioned: Mapping[str, tuple[str, str]]) -> Iterator[Segment]:
    """The words, and the mentions that stand in them as `@_user_1`."""
    for part in _MENTION.split(text):
        if _MENTION.fullmatch(part):
            yield Segment("mention", *mentioned.get(part, (part, part.lstrip("@_"))))
        else:
            yield Segment("text", part)


def _posted(content: Members, mentioned: Mapping[str, tuple[str, str]]) -> Iterator[Segment]:
    """A text with a title and paragraphs, each a list of pieces."""
    if title := words(content.get("title")):
        yield Segment("text", f"{title}\n")
    for paragraph in items(content.get("content")):
        for piece in map(members, items(paragraph)):
            match piece.get("tag"):
                case "text" | "a":
                    yield Segment("text", words(piece.get("text")))
                case "at":
                    yield from _mentioning(words(piece.get("user_id")), mentioned)
                case "img":
                    yield Segment("image")
        yield Segment("text", "\n")


platforms.add("feishu", Feishu())
