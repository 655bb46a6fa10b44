"""What the callback and an account's settings are refused for, and how WeChat refuses us.

Failure
├── Passing        later, perhaps
│   └── StaleToken
├── Permanent      never
└── Ambiguous      perhaps it was done
"""

from datetime import timedelta

from app.core.problems import Problem


class NotFromWeChat(Problem, status=403):
    """WeChat did not sign this for this account."""


class Malformed(Problem, status=400):
    """No message from WeChat looks like this."""


class MessageTooLarge(Problem, status=413):
    """A message from WeChat is at most 64 kB."""


class BadAesKey(Problem, status=422):
    """An EncodingAESKey has 43 letters and digits."""


class Failure(Problem, status=502):
    """WeChat did not do what it was asked to."""

    def __init__(self, code: str, *, wait: timedelta | None = None) -> None:
        super().__init__(code)
        self.code = code
        """WeChat's errcode, or a word of ours such as `timeout` or `http_503`."""
        self.wait = wait
        """How long asking again is known to be useless."""


class Passing(Failure, status=503):
    """WeChat cannot do this just now."""


class StaleToken(Passing, status=503):
    """WeChat does not take this access token any more."""


class Permanent(Failure, status=502):
    """WeChat refuses to do this, and would again."""


class Ambiguous(Failure, status=502):
    """WeChat may have done this; its answer does not say."""
