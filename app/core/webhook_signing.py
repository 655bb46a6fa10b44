"""Standard Webhooks 1.0, symmetric: messages that whoever shares a secret can check."""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

_PREFIX = "whsec_"
_BYTES = 32
_BYTES_AT_LEAST = 16


def new_secret() -> str:
    """A secret of 32 random bytes, as it is shown to whoever will check by it."""
    return _PREFIX + b64encode(secrets.token_bytes(_BYTES)).decode()


def keys_of(secrets: Iterable[str]) -> list[bytes]:
    """The keys behind the secrets, in their order; what is no secret is left out."""
    found = []
    for secret in secrets:
        text = secret.removeprefix(_PREFIX).rstrip("=")
        try:
            key = b64decode(text + "=" * (-len(text) % 4), validate=True)
        except ValueError:
            continue
        if len(key) >= _BYTES_AT_LEAST:
            found.append(key)
    return found


def signatures(keys: Iterable[bytes], message_id: str, timestamp: str, body: bytes) -> list[str]:
    """What each key signs the id, the time and the body with, as it stands in the header."""
    signed = b".".join([message_id.encode(), timestamp.encode(), body])
    macs = (hmac.digest(key, signed, sha256) for key in keys)
    return [f"v1,{b64encode(mac).decode()}" for mac in macs]


def signed(
    keys: Iterable[bytes], message_id: str, moment: datetime, body: bytes
) -> Mapping[str, str]:
    """The headers of a message with this body; each key signs, the newest first."""
    timestamp = str(int(moment.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures(keys, message_id, timestamp, body)),
    }
