"""Exclusive areas: exact counts of 0.01 m², written as people do, `89.50`; never a float."""

import re
from decimal import Decimal, InvalidOperation

_WRITTEN = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")
_UNITS = re.compile(r"(?:㎡|m²|m2|平方米|平米)$", re.IGNORECASE)
_LONGEST = 40
_CENT = Decimal("0.01")
_NOISE = Decimal("1e-9")
"""A spreadsheet keeps 89.55 as 89.549999999999997; nobody has measured that."""
PATTERN = r"^[0-9]{1,7}(\.[0-9]{1,2})?$"


def read(written: str) -> int:
    """`89.5` as 8950, in 0.01 m²; `ValueError` for what is no area, and for none at all."""
    found = _WRITTEN.fullmatch(written)
    area = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0
    if area == 0:
        message = "is an area in square metres with at most two decimals, as text: 89.50"
        raise ValueError(message)
    return area


def write(area: int) -> str:
    """8950 as `89.50`."""
    return f"{area // 100}.{area % 100:02}"


def of_cell(written: str) -> int:
    """An area as it stands in a spreadsheet, with its unit or without; `ValueError` as `read`.

    Only the noise of a spreadsheet's own numbers is taken off; a third decimal is an error.
    """
    bare = _UNITS.sub("", written.strip()).strip()
    try:
        number = Decimal(bare) if len(bare) < _LONGEST and bare.isascii() else Decimal(0)
    except InvalidOperation:
        return read(bare)
    if not number.is_finite() or abs(number.adjusted()) > len("1234567"):
        return read("")
    rounded = number.quantize(_CENT)
    return read(str(rounded) if abs(number - rounded) < _NOISE else bare)
