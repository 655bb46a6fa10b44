"""What text may look like when it crosses the wire: nothing PostgreSQL or XML could not hold."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("[\t\r\n\u2028\u2029]")


def _clean(text: str) -> str:
    if _UNPRINTABLE.search(text):
        message = "contains a control character"
        raise ValueError(message)
    return text


def _single(text: str) -> str:
    if _BREAKS.search(text):
        message = "must be one line"
        raise ValueError(message)
    return _clean(text)


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_single),
]
"""A name, a title: one line of 1 to 200 characters."""

Prose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_clean),
]
"""What somebody wrote: 1 to 4,000 characters, line breaks allowed."""

Article = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
    AfterValidator(_clean),
]
"""What is published: 1 to 20,000 characters."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A name that stands in an address."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""A name that programs use, safe in every outside protocol."""


class In(BaseModel):
    """What a caller sends: an unknown field is an error, not a silent loss."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Out(BaseModel):
    """What a caller gets, read from the attributes of a row."""

    model_config = ConfigDict(from_attributes=True)
