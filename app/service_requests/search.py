"""Finding requests by what they say, two characters at a time, within one community."""

import unicodedata
from uuid import UUID
from zlib import crc32

from sqlalchemy import ColumnElement

from app.service_requests.models import ServiceRequest


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams(community_id: UUID, text: str) -> list[int]:
    """The pairs of neighbouring characters of a text as numbers, different in each community.

    A number stands for the pair and the community, so that one index serves all communities and
    each looks at its own rows alone.
    """
    plain = _plain(text)
    salt = crc32(community_id.bytes)
    pairs = {plain[at : at + 2] for at in range(len(plain) - 1)}
    return sorted(crc32(pair.encode(), salt) - 2**31 for pair in pairs)


def says(community_id: UUID, words: str) -> ColumnElement[bool]:
    """The condition that selects requests whose text has these words in it."""
    return ServiceRequest.grams.contains(grams(community_id, words))
