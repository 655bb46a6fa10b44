"""Links that are somebody's own: ids under our signature, checked without asking the database.

Whoever has such a link is taken for the one it was made for, so it is sent to them alone. It holds
until the key that signed it is put away (`PALM_SECRET_KEYS`).
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from app.core.crypto import blind_index

_ID = 16
_MAC = 16


def sealed(purpose: str, *ids: UUID) -> str:
    """The token of these ids, good for this purpose alone: 86 characters for three."""
    plain = b"".join(each.bytes for each in ids)
    mac = blind_index(plain.hex(), purpose)[:_MAC]
    return urlsafe_b64encode(plain + mac).decode().rstrip("=")


def opened(purpose: str, token: str, *, count: int) -> tuple[UUID, ...] | None:
    """The so many ids of a token; None when it is not one that we made for this purpose."""
    length = count * _ID + _MAC
    if not token.isascii() or len(token) != -(-length * 8 // 6):
        return None
    plain = urlsafe_b64decode(token + "=" * (-len(token) % 4))[:-_MAC]
    ids = tuple(UUID(bytes=plain[i : i + _ID]) for i in range(0, len(plain) - _ID + 1, _ID))
    return ids if hmac.compare_digest(token, sealed(purpose, *ids)) else None
