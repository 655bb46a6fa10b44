"""Feishu reports: an event, encrypted and signed where there is an Encrypt Key."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.sandbox.groups.reporting import NOTHING, Occasion, Parcel, Reply
from app.sandbox.groups.rows import Bot

ATTEMPTS = 4
ONLY_MENTIONS = False

_BLOCK_BITS = 128
_BLOCK_BYTES = 16


def sealed(plain: str, encrypt_key: str) -> str:
    """AES-256-CBC under the SHA-256 of the key; the random first block goes in front."""
    start = secrets.token_bytes(_BLOCK_BYTES)
    padder = padding.PKCS7(_BLOCK_BITS).padder()
    padded = padder.update(plain.encode()) + padder.finalize()
    key = hashlib.sha256(encrypt_key.encode()).digest()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    return base64.b64encode(start + encryptor.update(padded) + encryptor.finalize()).decode()


def signed(timestamp: str, nonce: str, encrypt_key: str, body: bytes) -> str:
    """The SHA-256 of time, nonce, key and the body as it is sent, in hexadecimal."""
    return hashlib.sha256(f"{timestamp}{nonce}{encrypt_key}".encode() + body).hexdigest()


def enveloped(bot: Bot, content: Mapping[str, Any]) -> bytes:
    """The body as it is sent."""
    plain = json.dumps(content, ensure_ascii=False)
    if not bot.encrypt_key:
        return plain.encode()
    return json.dumps({"encrypt": sealed(plain, bot.encrypt_key)}).encode()


def _person(id_: str) -> dict[str, str]:
    return {"open_id": f"ou_{id_}", "union_id": f"on_{id_}", "user_id": id_}


def _message(occasion: Occasion) -> dict[str, Any]:
    said, bot = occasion.said, occasion.bot
    names = {member.id: member.name for member in occasion.group.members} | {bot.self_id: bot.name}
    mentions = [
        {
            "key": f"@_user_{number}",
            "id": _person(id_),
            "name": names.get(id_, id_),
            "tenant_key": bot.corp_id,
        }
        for number, id_ in enumerate(said.at, 1)
    ]
    keys = (f"@_user_{number}" for number in range(1, len(said.at) + 1))
    text = " ".join([*keys, said.words])
    milliseconds = str(int(said.time * 1000))
    return {
        "message_id": f"om_{said.message_id:032x}",
        "create_time": milliseconds,
        "update_time": milliseconds,
        "chat_id": occasion.group.group_id,
        "chat_type": "group",
        "message_type": "text",
        "content": json.dumps({"text": text}, ensure_ascii=False),
        **({"parent_id": f"om_{said.reply_to:032x}"} if said.reply_to else {}),
        **({"mentions": mentions} if mentions else {}),
    }


def content(occasion: Occasion) -> Mapping[str, Any]:
    """The event `im.message.receive_v1`; its id stays the same when it is sent again."""
    bot = occasion.bot
    sender = {"sender_id": _person(occasion.member.id), "sender_type": "user"}
    return {
        "schema": "2.0",
        "header": {
            "event_id": secrets.token_hex(16),
            "event_type": "im.message.receive_v1",
            "create_time": str(int(occasion.said.time * 1000)),
            "token": bot.token,
            "app_id": bot.self_id,
            "tenant_key": bot.corp_id,
        },
        "event": {
            "sender": {**sender, "tenant_key": bot.corp_id},
            "message": _message(occasion),
        },
    }


def parcel(occasion: Occasion, content: Mapping[str, Any]) -> Parcel:
    """The event as JSON; with an Encrypt Key it is encrypted, and signed in the headers."""
    bot, body = occasion.bot, enveloped(occasion.bot, content)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if bot.encrypt_key:
        timestamp, nonce = str(int(occasion.rooms.world.now())), secrets.token_hex(8)
        signature = signed(timestamp, nonce, bot.encrypt_key, body)
        headers["X-Lark-Request-Timestamp"] = timestamp
        headers["X-Lark-Request-Nonce"] = nonce
        headers["X-Lark-Signature"] = occasion.signature(signature)
    return Parcel(body, headers)


def read(occasion: Occasion, status: int, body: bytes) -> Reply:
    """An answer carries no words here."""
    del occasion, status, body
    return NOTHING
