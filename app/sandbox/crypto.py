"""Signatures and message encryption as the platform's documents define them.

Written apart from the service's own, so that each is checked by a stranger.
"""

import base64
import binascii
import hashlib
import re
import secrets
import struct
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
_RANDOM = 16
_AES_BLOCK = 16
_KEY = re.compile("[A-Za-z0-9+/]{43}")


class Undecipherable(ValueError):  # noqa: N818 - reads as what the message is
    """The text was not signed or encrypted for this account."""


def sign(*parts: str) -> str:
    """The SHA-1 of the sorted parts, in hexadecimal."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def key_of(aes_key: str) -> bytes:
    """The 32 bytes behind a 43-character EncodingAESKey; `ValueError` when it is none."""
    if not _KEY.fullmatch(aes_key):
        message = "an EncodingAESKey has 43 characters of base64"
        raise ValueError(message)
    return base64.b64decode(f"{aes_key}=")


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = key_of(aes_key)
    return Cipher(algorithms.AES(key), modes.CBC(key[:_AES_BLOCK]))


def encrypt(message: str, *, aes_key: str, app_id: str) -> str:
    """The message as `Encrypt` carries it: base64 of random, length, text and app id."""
    text = message.encode()
    plain = secrets.token_bytes(_RANDOM) + struct.pack(">I", len(text)) + text + app_id.encode()
    padding = _BLOCK - len(plain) % _BLOCK
    encryptor = _cipher(aes_key).encryptor()
    sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(encrypted: str, *, aes_key: str, app_id: str) -> str:
    """The message inside `Encrypt`, after its padding, its length and its app id were checked."""
    try:
        decryptor = _cipher(aes_key).decryptor()
        sealed = base64.b64decode(encrypted, validate=True)
        plain = decryptor.update(sealed) + decryptor.finalize()
    except (ValueError, binascii.Error) as error:
        message = f"Encrypt: {error}"
        raise Undecipherable(message) from error
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
        message = "Encrypt has a wrong padding"
        raise Undecipherable(message)
    content = plain[_RANDOM:-padding]
    (length,) = struct.unpack(">I", content[:4].rjust(4, b"\xff"))
    if content[4 + length :] != app_id.encode() or len(content) < 4 + length:
        message = "Encrypt is not for this app id"
        raise Undecipherable(message)
    try:
        return content[4 : 4 + length].decode()
    except UnicodeDecodeError as error:
        message = f"Encrypt: {error}"
        raise Undecipherable(message) from error


def unsealed(reply: Mapping[str, Any], token: str, aes_key: str, app_id: str) -> str:
    """The message inside an encrypted reply, after its signature was checked."""
    parts = [str(reply.get(name, "")) for name in ("TimeStamp", "Nonce", "Encrypt")]
    if reply.get("MsgSignature") != sign(token, *parts):
        message = "wrong MsgSignature"
        raise Undecipherable(message)
    return decrypt(parts[2], aes_key=aes_key, app_id=app_id)
