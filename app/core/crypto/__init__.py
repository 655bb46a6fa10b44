"""Secrets: columns that are stored locked, blind indexes, tokens and passwords."""

from app.core.crypto.columns import Encrypted, Tampered, blind_index, decrypt, encrypt
from app.core.crypto.keys import Keyring, KeyringInvalid, UnknownKey, Unreadable, load_keyring
from app.core.crypto.passwords import hash_password, needs_rehash, verify_password
from app.core.crypto.tokens import looks_like_token, new_token, sha256_token

__all__ = [
    "Encrypted",
    "Keyring",
    "KeyringInvalid",
    "Tampered",
    "UnknownKey",
    "Unreadable",
    "blind_index",
    "decrypt",
    "encrypt",
    "hash_password",
    "load_keyring",
    "looks_like_token",
    "needs_rehash",
    "new_token",
    "sha256_token",
    "verify_password",
]
