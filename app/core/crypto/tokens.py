"""Opaque tokens: random, recognisable by their prefix, and checkable for typing errors."""

import secrets
import string
import zlib
from hashlib import sha256

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_BYTES = 32
_SECRET_LENGTH = 43
_CHECK_LENGTH = 6


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def _check(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECK_LENGTH)


def new_token(prefix: str) -> str:
    """A fresh secret of 32 random bytes: `palm_st_` + 43 characters + a checksum of 6."""
    secret = int.from_bytes(secrets.token_bytes(_SECRET_BYTES))
    text = f"{prefix}_{_base62(secret, _SECRET_LENGTH)}"
    return text + _check(text)


def looks_like_token(text: str, prefix: str) -> bool:
    """Whether this could be a token of ours; it says nothing about whether it is good."""
    if not text.isascii() or not text.startswith(f"{prefix}_"):
        return False
    if len(text) != len(prefix) + 1 + _SECRET_LENGTH + _CHECK_LENGTH:
        return False
    return text[-_CHECK_LENGTH:] == _check(text[:-_CHECK_LENGTH])


def sha256_token(token: str) -> bytes:
    """What is stored of a token. It has 256 random bits, so a slow hash would add nothing."""
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
