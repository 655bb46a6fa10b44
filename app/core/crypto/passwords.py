"""Passwords of staff, as argon2id hashes, worked out beside the event loop."""

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
"""Each hash takes 64 MiB while it runs; two at a time, so that a flood cannot take all memory."""


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex())


def _bytes(password: str) -> bytes:
    """The same password however it was typed: full-width and composed forms are one."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _verify(stored: str | None, password: bytes) -> bool:
    nobodys = _nobodys()
    try:
        _hasher.verify(stored or nobodys, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


async def hash_password(password: str) -> str:
    """The hash to store; it carries its own salt and cost."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, _hasher.hash, _bytes(password))


async def verify_password(password: str, stored: str | None) -> bool:
    """Whether this is the password of the stored hash.

    Pass None when there is no such login: it takes as long as a wrong password, and is False.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, _verify, stored, _bytes(password))


def needs_rehash(stored: str) -> bool:
    """Whether a good password should be hashed again, because the cost was raised since."""
    return _hasher.check_needs_rehash(stored)
