"""Signatures and encryption: wechatpy's signer and cipher, and every check they leave out."""

import binascii
import hmac
import secrets
from functools import lru_cache
from hashlib import sha1
from typing import Any, TypeAlias

from wechatpy.crypto.cryptography import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder

from app.wechat.problems import BadAesKey, NotFromWeChat

Cipher: TypeAlias = Any
"""A `WeChatCipher`: AES-256-CBC with the key's first half for IV, reusable."""

_AES_BLOCK = 16
_SALT = 16
_HEAD = _SALT + 4
_PADDED_TO = 32


@lru_cache(maxsize=4096)
def cipher_of(aes_key: str) -> Cipher:
    """The cipher of an EncodingAESKey; `BadAesKey` when it is not one."""
    try:
        key = binascii.a2b_base64(aes_key + "=", strict_mode=True)
    except ValueError:
        raise BadAesKey from None
    if len(key) != _PADDED_TO:
        raise BadAesKey
    return WeChatCipher(key)


def sign(*parts: str) -> str:
    """The hexadecimal SHA-1 of the parts, sorted and joined."""
    return sha1("".join(sorted(parts)).encode(errors="replace")).hexdigest()  # noqa: S324 - WeChat's choice


def demand_signature(given: str, *parts: str) -> None:
    """Compare in constant time; raise `NotFromWeChat` when it is another."""
    if not hmac.compare_digest(sign(*parts).encode(), given.encode(errors="replace")):
        raise NotFromWeChat


def decrypt(encrypted: str, aes_keys: tuple[str, ...], app_id: str) -> tuple[bytes, Cipher]:
    """The message within, and the cipher of the key that opened it.

    Damage of every kind is the same `NotFromWeChat`, so that no one learns from the difference.
    """
    try:
        sealed = binascii.a2b_base64(encrypted.encode(), strict_mode=True)
    except ValueError:
        raise NotFromWeChat from None
    if sealed and len(sealed) % _AES_BLOCK == 0:
        for aes_key in aes_keys:
            cipher = cipher_of(aes_key)
            message = _within(cipher.decrypt(sealed), app_id.encode())
            if message is not None:
                return message, cipher
    raise NotFromWeChat


def _within(plain: bytes, app_id: bytes) -> bytes | None:
    """The message in salt, length, message, AppID and padding; none if one of them is wrong."""
    padding = plain[-1]
    if not 1 <= padding <= _PADDED_TO or not plain.endswith(bytes((padding,)) * padding):
        return None
    end = _HEAD + int.from_bytes(plain[_SALT:_HEAD], "big")
    return plain[_HEAD:end] if plain[end : len(plain) - padding] == app_id else None


def encrypt(message: bytes, cipher: Cipher, app_id: str, salt: bytes | None = None) -> str:
    """The message sealed for WeChat, in base64; `salt` is 16 bytes, random unless given."""
    salt = salt or secrets.token_hex(_SALT // 2).encode()
    length = len(message).to_bytes(4, "big")
    padded = PKCS7Encoder.encode(b"".join((salt, length, message, app_id.encode())))
    return binascii.b2a_base64(cipher.encrypt(padded), newline=False).decode()
