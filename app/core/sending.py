"""What became of something we sent: the words that every way out has in common."""

from datetime import timedelta


class Refused(Exception):  # noqa: N818 - what the other side did
    """The other side will never take this message; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Failed(Exception):  # noqa: N818 - what the other side did
    """The other side did not take it this time, or did not say whether it did.

    `wait` is how long another attempt is known to be useless; with `lane`, for everything else
    that goes the same way, too. `sent` says that it may have been taken all the same.
    """

    def __init__(
        self, code: str, *, wait: timedelta | None = None, lane: bool = False, sent: bool = True
    ) -> None:
        self.code = code
        self.wait = wait
        self.lane = lane
        self.sent = sent
        super().__init__(code)
