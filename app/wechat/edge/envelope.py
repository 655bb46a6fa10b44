"""The way in: who sent this, and what does it say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.wechat.edge.keys import Keys, Mode
from app.wechat.edge.message import Message, message_of
from app.wechat.edge.reading import Form, read
from app.wechat.edge.sealing import Cipher, decrypt, demand_signature
from app.wechat.problems import Malformed, MessageTooLarge, NotFromWeChat

LARGEST_BODY = 64 * 1024
"""Bytes."""
FRESH = 300
"""Seconds that WeChat's clock and ours may be apart."""

_TIMESTAMP = 10
_NONCE_AT_MOST = 128

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message that is proven to be WeChat's, and what its reply must be like."""

    message: Message
    form: Form
    plain: bytes = field(repr=False)
    """The body as sent, decrypted."""
    keys: Keys
    cipher: Cipher | None = field(default=None, repr=False)
    """Of the key that opened it; none where it came in plain."""


def handshake(keys: Keys, query: Query) -> str:
    """What to answer when WeChat asks whether this address is ours, in every mode in plain."""
    timestamp, nonce = _stamp(query)
    demand_signature(query.get("signature", ""), keys.token, timestamp, nonce)
    if not (echo := query.get("echostr")):
        raise Malformed
    return echo


def open_envelope(keys: Keys, query: Query, body: bytes, now: datetime) -> Delivered:
    """The message in a callback of this account.

    `NotFromWeChat` (403) when that is not proven or it is for another account, `Malformed` (400)
    when it cannot be read, `MessageTooLarge` (413) beyond 64 kB. What is not signed is not parsed.
    """
    if len(body) > LARGEST_BODY:
        raise MessageTooLarge
    timestamp, nonce = _stamp(query)
    if abs(now.timestamp() - int(timestamp)) > FRESH:
        raise NotFromWeChat
    encrypted = query.get("encrypt_type") == "aes"
    if keys.mode is not Mode.PLAIN and not encrypted:
        raise NotFromWeChat
    cipher: Cipher | None = None
    if encrypted:
        sealed = read(body).fields.get("Encrypt", "")
        signature = query.get("msg_signature", "")
        demand_signature(signature, keys.token, timestamp, nonce, sealed)
        body, cipher = decrypt(sealed, keys.aes_keys, keys.app_id)
    else:
        demand_signature(query.get("signature", ""), keys.token, timestamp, nonce)
    return _delivered(keys, body, cipher)


def _delivered(keys: Keys, plain: bytes, cipher: Cipher | None) -> Delivered:
    content = read(plain)
    message = message_of(content)
    if keys.original_id and message.to_user and message.to_user != keys.original_id:
        raise NotFromWeChat
    return Delivered(message, content.form, plain, keys, cipher)


def _stamp(query: Query) -> tuple[str, str]:
    """The timestamp and the nonce.

    The signature is over both without anything between them, so that a digit could move from one
    to the other; only a timestamp of exactly ten digits makes it one signature for one pair.
    """
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if len(timestamp) != _TIMESTAMP or not (timestamp.isascii() and timestamp.isdigit()):
        raise NotFromWeChat
    if not 0 < len(nonce) <= _NONCE_AT_MOST or not (nonce.isascii() and nonce.isprintable()):
        raise NotFromWeChat
    return timestamp, nonce
