"""The keys that personal data is locked with: a ring, so that they can be changed."""

import base64
import binascii
import os
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.settings import settings

_KEY_BYTES = 32
_LARGEST_ID = 255


class Unreadable(Exception):  # noqa: N818 - what it is, in a word
    """What is stored cannot be read, and must not be guessed."""


class KeyringInvalid(Unreadable):
    """The configured keys are not `number:base64 of 32 bytes`, separated by commas."""


class UnknownKey(Unreadable):
    """What is stored was locked with a key that is not on the ring."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys by number, oldest first: the newest locks, all of them open, the oldest indexes."""

    keys: tuple[tuple[int, bytes], ...] = field(repr=False)

    @property
    def newest(self) -> tuple[int, bytes]:
        """The key that new values are locked with."""
        return self.keys[-1]

    @property
    def oldest(self) -> bytes:
        """The key blind indexes are made with, so that they outlive a change of keys."""
        return self.keys[0][1]

    def key(self, number: int) -> bytes:
        """The key of this number; `UnknownKey` when it was taken off the ring."""
        for known, key in self.keys:
            if known == number:
                return key
        message = f"key {number} is not on the ring"
        raise UnknownKey(message)


def _parsed(entry: str) -> tuple[int, bytes]:
    number, _, text = entry.strip().partition(":")
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise KeyringInvalid from None
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= _LARGEST_ID:
        raise KeyringInvalid
    if len(key) != _KEY_BYTES:
        raise KeyringInvalid
    return int(number), key


def parsed(text: str) -> Keyring:
    """The ring that `1:base64,2:base64` describes; numbers 1 to 255, keys of 32 bytes."""
    entries = sorted(_parsed(entry) for entry in text.replace("\n", ",").split(",") if entry)
    if not entries or len({number for number, _ in entries}) < len(entries):
        raise KeyringInvalid
    return Keyring(tuple(entries))


def _create(path: Path) -> None:
    """Write a ring of one random key, unless another process was first.

    The file appears complete or not at all: it is written and flushed under another name, then
    linked to its own, which fails when that is taken.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    key = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f"1:{key}\n")
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@lru_cache(maxsize=8)
def load_keyring(data_dir: Path, configured: str | None) -> Keyring:
    """The configured ring, or the one in `secret.keys` under `data_dir`, made at first use.

    Processes on several machines must share one ring, and so need it configured.
    """
    if configured is not None:
        return parsed(configured)
    path = data_dir / "secret.keys"
    if not path.exists():
        _create(path)
    return parsed(path.read_text().strip())


def keyring() -> Keyring:
    """The ring of this process."""
    configured = settings().secret_keys
    text = configured.get_secret_value() if configured else None
    return load_keyring(settings().data_dir, text)


@lru_cache(maxsize=64)
def derived(key: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, from which neither the key nor the others follow."""
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"palm/{purpose}".encode()).derive(key)
