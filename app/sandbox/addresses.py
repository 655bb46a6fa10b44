"""Which addresses may be followed."""

from urllib.parse import SplitResult, urlsplit


def web(address: str) -> SplitResult | None:
    """The parts of an http or https address; None for anything else."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.netloc else None
