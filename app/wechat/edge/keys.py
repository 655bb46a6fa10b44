"""What an account and WeChat have agreed on."""

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from string import ascii_letters, digits

_AES_KEY_LENGTH = 43


class Mode(StrEnum):
    """How the account's callback is protected, as chosen on WeChat's own console."""

    PLAIN = "plain"
    """The signature covers the address and never the body: who saw one can write another."""
    COMPATIBLE = "compatible"
    """Plain and encrypted side by side; only the encrypted part is believed."""
    SAFE = "safe"
    """Encrypted, and the signature covers it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one account's callback, none of them in its repr."""

    app_id: str
    token: str = field(repr=False)
    aes_key: str = field(default="", repr=False)
    """EncodingAESKey, 43 characters; needed in every mode but plain."""
    previous_aes_key: str = field(default="", repr=False)
    """The one before, which WeChat may still use for a while after a change."""
    original_id: str = ""
    """`gh_…`; empty while it is not known, and then not checked."""
    mode: Mode = Mode.SAFE

    @property
    def aes_keys(self) -> tuple[str, ...]:
        """The keys to try, in order."""
        return tuple(key for key in (self.aes_key, self.previous_aes_key) if key)


def new_aes_key() -> str:
    """A random EncodingAESKey: 43 letters and digits, as WeChat's console asks for."""
    return "".join(secrets.choice(ascii_letters + digits) for _ in range(_AES_KEY_LENGTH))
