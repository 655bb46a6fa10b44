"""What people are called where their neighbours read it: `王**`, a family name and no more."""

_GIVEN = "**"


def masked(name: str | None) -> str | None:
    """A name with the given part taken out; None for none."""
    plain = (name or "").strip()
    return f"{plain[0]}{_GIVEN}" if plain else None
