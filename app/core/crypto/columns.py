"""Columns the database cannot read, and the index that finds a row by them all the same."""

import hmac
import os
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, Dialect, LargeBinary, TypeDecorator
from sqlalchemy.sql.operators import OperatorType, is_, is_not
from typing_extensions import override

from app.core.crypto.keys import Unreadable, derived, keyring

_FORMAT = 1
_HEADER = 2
_NONCE = 12


class Tampered(Unreadable):
    """The bytes are not what was locked for this column."""


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(derived(key, "encrypt"))


def encrypt(text: str, label: str) -> bytes:
    """Lock a text: format byte, key number, 12 random bytes, AES-256-GCM of it and the label."""
    number, key = keyring().newest
    header, nonce = bytes([_FORMAT, number]), os.urandom(_NONCE)
    locked = _cipher(key).encrypt(
        nonce, text.encode("utf-8", "surrogatepass"), header + label.encode()
    )
    return header + nonce + locked


def decrypt(stored: bytes, label: str) -> str:
    """Open what `encrypt` locked under the same label; `Tampered` or `UnknownKey` otherwise."""
    if len(stored) < _HEADER + _NONCE or stored[0] != _FORMAT:
        raise Tampered
    header, nonce = stored[:_HEADER], stored[_HEADER : _HEADER + _NONCE]
    cipher = _cipher(keyring().key(header[1]))
    try:
        text = cipher.decrypt(nonce, stored[_HEADER + _NONCE :], header + label.encode())
    except InvalidTag:
        raise Tampered from None
    return text.decode("utf-8", "surrogatepass")


def blind_index(value: str, purpose: str) -> bytes:
    """32 bytes by which an encrypted value can be looked up, and nothing learnt about it.

    Equal values give equal bytes within a purpose only. Write the value in one form first. The
    index is made with the oldest key: taking that one off the ring orphans every index.
    """
    key = derived(keyring().oldest, f"index/{purpose}")
    return hmac.digest(key, value.encode("utf-8", "surrogatepass"), sha256)


class _ByIndexOnly(TypeDecorator.Comparator[str]):
    """Lets a query ask whether there is a value, and refuses to compare it."""

    @override
    def operate(  # type: ignore[override]
        self, op: OperatorType, *other: Any, **kwargs: Any
    ) -> ColumnElement[str]:
        if op not in (is_, is_not):
            message = "an encrypted column cannot be compared; look it up by its blind index"
            raise TypeError(message)
        return super().operate(op, *other, **kwargs)


class Encrypted(TypeDecorator[str]):
    """A text column that is stored locked: `mapped_column(Encrypted("people.phone"))`.

    The label `table.column` is part of the lock, so a value moved to another column does not open.
    A type does not know which row it is bound for: one moved to another row of its column does.
    """

    impl = LargeBinary
    cache_ok = True
    comparator_factory = _ByIndexOnly

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else encrypt(value, self.label)

    @override
    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else decrypt(bytes(value), self.label)

    @override
    def process_literal_param(self, value: str | None, dialect: Dialect) -> Any:
        """Written into a statement it is locked as well; an error here would quote the text."""
        locked = self.process_bind_param(value, dialect)
        return None if locked is None else f"\\x{locked.hex()}".encode()
