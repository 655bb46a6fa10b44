"""How a message is signed, and by whom: Standard Webhooks 1.0, symmetric."""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A secret of 32 random bytes, as it is shown to whoever will check by it."""
    return _PREFIX + b64encode(secrets.token_bytes(_BYTES)).decode()


def _signature(secret: str, signed: bytes) -> str:
    key = b64decode(secret.removeprefix(_PREFIX))
    return "v1," + b64encode(hmac.digest(key, signed, sha256)).decode()


def signed(
    secrets: Sequence[str], message_id: str, moment: datetime, body: bytes
) -> Mapping[str, str]:
    """The headers of a message with this body; each secret signs, the newest first."""
    timestamp = str(int(moment.timestamp()))
    text = b".".join([message_id.encode(), timestamp.encode(), body])
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, text) for secret in secrets),
    }
