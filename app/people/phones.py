"""Mobile numbers of mainland China: as people write them, as we keep and as we show them."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from app.core.crypto import blind_index

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_FILLING = re.compile(r"[\s\-()·.]")
_COUNTRY = re.compile(r"(?:\+|00)?86(?=1[0-9]{10}$)")
_LONGEST = 40


def normalized(written: str) -> str | None:
    """Eleven digits, whichever way the number was written; None when it is no mobile number."""
    if len(written) > _LONGEST:
        return None
    digits = _FILLING.sub("", unicodedata.normalize("NFKC", written))
    digits = _COUNTRY.sub("", digits, count=1)
    return digits if _MOBILE.fullmatch(digits) else None


def masked(phone: str) -> str:
    """The number without its middle four digits: `138****5678`."""
    return f"{phone[:3]}****{phone[-4:]}"


def index(phone: str) -> bytes:
    """What a person is found by who has this number, in its normal form."""
    return blind_index(phone, "people.phone")


def _valid(written: str) -> str:
    if phone := normalized(written):
        return phone
    message = "is not a mobile number"
    raise ValueError(message)


Phone = Annotated[str, StringConstraints(max_length=_LONGEST), AfterValidator(_valid)]
"""A mobile number in any writing; eleven digits once read."""
