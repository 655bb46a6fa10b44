"""Our signature under a receipt: the promise that this ballot will be in the published list."""

from base64 import b64encode
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.core.crypto.keys import derived, keyring


@lru_cache(maxsize=8)
def _signer(key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived(key, "sign/polls"))


def _key() -> Ed25519PrivateKey:
    """Made of the oldest key of the ring, as receipts outlive a change of keys."""
    return _signer(keyring().oldest)


def public_key() -> bytes:
    """The 32 bytes that anybody checks promises by; link 0 of every chain covers them."""
    return _key().public_key().public_bytes_raw()


def promised(poll_id: UUID, leaf: bytes) -> bytes:
    """The text under which the signature stands, so that `openssl pkeyutl` can check it."""
    return f"palm/promise/1 {poll_id} {leaf.hex()}".encode()


def promise(poll_id: UUID, leaf: bytes) -> str:
    """An Ed25519 signature (RFC 8032) of `promised`, in base64."""
    return b64encode(_key().sign(promised(poll_id, leaf))).decode()
