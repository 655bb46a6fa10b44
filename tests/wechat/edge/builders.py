"""WeChat's side of the callback, small enough to see through."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from app.wechat.edge import Delivered, Form, Keys, Mode, open_envelope
from app.wechat.edge.sealing import cipher_of, encrypt, sign

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
NONCE = "415670741"
SAFE = Keys(
    "wx5c1a0f8e2b7d4936",
    "dragonwell",
    "kWxNpT4bQyZ1sVmC8rJdEo6HuFgLa2Xi9PtRz3BnYqO",
    original_id="gh_2a7b9c41d05e",
)
PLAIN = replace(SAFE, mode=Mode.PLAIN)
COMPATIBLE = replace(SAFE, mode=Mode.COMPATIBLE)
OTHER_AES_KEY = "Zc8uVq1LmXe5TnRo3YdWj7KbGa0PsHi6FtQzD2xN4vB"
HEAD = {
    "ToUserName": SAFE.original_id,
    "FromUserName": "oQx7RtMvZp2KdLwYb9NcHsJf1aGe",
    "CreateTime": int(STAMP),
}
TEXT = {**HEAD, "MsgType": "text", "Content": "报修 水管漏水", "MsgId": 24917603851274}


def _xml(value: Any) -> str:
    match value:
        case Mapping():
            return "".join(f"<{name}>{_xml(part)}</{name}>" for name, part in value.items())
        case list():
            return "".join(f"<item>{_xml(part)}</item>" for part in value)
    return escape(str(value))


def written(members: Mapping[str, Any], form: Form = Form.XML) -> bytes:
    """These members, as WeChat would write them in this form."""
    if form is Form.JSON:
        return json.dumps(members).encode()
    return f"<xml>{_xml(members)}</xml>".encode()


def plain_query(keys: Keys = PLAIN, stamp: str = STAMP, nonce: str = NONCE) -> dict[str, str]:
    """The address of a delivery that is not encrypted."""
    return {
        "signature": sign(keys.token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "openid": str(HEAD["FromUserName"]),
    }


def safe_query(sealed: str, keys: Keys = SAFE, stamp: str = STAMP) -> dict[str, str]:
    """The address of a delivery that is encrypted."""
    signature = sign(keys.token, stamp, NONCE, sealed)
    return {**plain_query(keys, stamp), "encrypt_type": "aes", "msg_signature": signature}


def sealed(body: bytes, keys: Keys = SAFE) -> str:
    """The body as ciphertext in base64, under the account's current key."""
    return encrypt(body, cipher_of(keys.aes_key), keys.app_id)


def opened(body: bytes, keys: Keys = SAFE, form: Form = Form.XML) -> Delivered:
    """What comes of the body when WeChat delivers it in the account's own mode."""
    if keys.mode is Mode.PLAIN:
        return open_envelope(keys, plain_query(keys), body, NOW)
    ciphertext = sealed(body, keys)
    envelope = written({"ToUserName": HEAD["ToUserName"], "Encrypt": ciphertext}, form)
    return open_envelope(keys, safe_query(ciphertext, keys), envelope, NOW)
