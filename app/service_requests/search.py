"""Finding requests by what is said in them: words of two characters and more, newest first.

Texts are read in one spelling and without blanks. Every pair of neighbouring characters is a
number in an array under an inverted index, which finds the few requests that can hold a word; the
text itself decides. Such an index knows no order, and would bring every request that ever said
`漏水` to find the newest twenty. So a number stands for the pair, the community and the era of
8,192 requests: a search looks at the newest eras, and goes on to older ones until its page is full.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID
from zlib import crc32

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.pages import Cursor, cut, position
from app.core.spelling import spelling
from app.places.models import Place
from app.service_requests.models import RequestNumber, ServiceRequest

SHORTEST = 2
_LONGEST = 6000
"""Characters of all that is said in one request that are searched."""
_ERA = 8192
_FIRST, _GROWTH = 2, 8
"""How many eras are searched at first, and how many times as many after that."""
_LARGEST = 2**31 - 1
"""A longer row of digits is no request's number."""


def folded(text: str) -> str:
    """The text as it is searched: one spelling, lower case, no blanks.

    A part of a text folds to a part of what the whole folds to.
    """
    return "".join(text.translate(spelling).split())


def words(query: str) -> list[str]:
    """The words of a query, each of which must be there; blanks in a text do not count.

    Single characters are looked for beside a longer word; a query of nothing else is one word,
    as `漏 水` is. Raises `ValueError` for less than two characters.
    """
    found = list(dict.fromkeys(filter(None, map(folded, query.split()))))
    if not any(len(word) >= SHORTEST for word in found):
        found = ["".join(map(folded, query.split()))]
    if len(found[0]) < SHORTEST and len(found) == 1:
        message = "at least two characters are needed"
        raise ValueError(message)
    return found


def _pairs(text: str) -> set[str]:
    return {pair for at in range(len(text) - 1) if "\n" not in (pair := text[at : at + 2])}


def _salt(community_id: UUID, era: int) -> int:
    return crc32(era.to_bytes(8), crc32(community_id.bytes))


def _number(pair: str, salt: int) -> int:
    return crc32(pair.encode(), salt) - 2**31


def grams(community_id: UUID, number: int, said: str) -> list[int]:
    """The pairs of a folded text, as the request of this number has them."""
    salt = _salt(community_id, number // _ERA)
    return sorted(_number(pair, salt) for pair in _pairs(said))


def _keep(request: ServiceRequest, said: str) -> None:
    request.said = said[:_LONGEST]
    request.grams = grams(request.community_id, request.number, request.said)


def put(request: ServiceRequest, *texts: str | None) -> None:
    """Let a new request, numbered already, be found by these texts."""
    _keep(request, "\n".join(filter(None, (folded(text) for text in texts if text))))


async def add(session: AsyncSession, request: ServiceRequest, text: str) -> None:
    """Let a request be found by what was added to it as well."""
    await session.refresh(request, ["said"])
    _keep(request, "\n".join(filter(None, (request.said, folded(text)))))


def texts_of(answers: dict[str, Any]) -> Iterator[str]:
    """What was written in answer to a category's questions."""
    return (answer for answer in answers.values() if isinstance(answer, str))


def says(found: Sequence[str]) -> ColumnElement[bool]:
    """The condition that selects requests with all these words in them, or with that number."""
    said = and_(*(func.strpos(ServiceRequest.said, word) > 0 for word in found))
    number = _as_number(found)
    return said if number is None else or_(said, ServiceRequest.number == number)


def _as_number(found: Sequence[str]) -> int | None:
    alone = found[0] if len(found) == 1 else ""
    number = int(alone) if alone.isascii() and alone.isdigit() else None
    return number if number is not None and number <= _LARGEST else None


def _eras(newest: int) -> Iterator[range]:
    """Batches of eras from the newest back to the first, ever larger ones."""
    size = _FIRST
    while newest >= 0:
        yield range(max(0, newest - size + 1), newest + 1)
        newest, size = newest - size, size * _GROWTH


def _within(community_id: UUID, found: Sequence[str], eras: range) -> ColumnElement[bool]:
    """The condition that selects what can say these words, among the requests of some eras.

    A request has the numbers of one era alone: who has one of each pair has all of one era.
    """
    salts = [_salt(community_id, era) for era in eras]
    pairs = sorted(set[str]().union(*map(_pairs, found)))
    said = and_(
        *(ServiceRequest.grams.overlap([_number(pair, salt) for salt in salts]) for pair in pairs)
    )
    number = _as_number(found)
    if number is not None and number // _ERA in eras:
        said = or_(said, ServiceRequest.number == number)
    # Not as a range of numbers: the planner might rather read through all of it.
    return and_(said, (ServiceRequest.number // _ERA).between(eras.start, eras.stop - 1))


def _afterwards(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Conditions on a request and its place, to be tried on what is found and not before.

    The offset keeps the planner from beginning with the places, and searching once for each.
    """
    place = select(Place.id).where(
        Place.community_id == ServiceRequest.community_id,
        Place.id == ServiceRequest.place_id,
        *conditions,
    )
    return place.correlate(ServiceRequest).offset(0).exists()


async def newest(
    session: AsyncSession,
    community_id: UUID,
    found: Sequence[str],
    cursor: Cursor,
    *,
    conditions: Sequence[ColumnElement[bool]] = (),
    about_place: Sequence[ColumnElement[bool]] = (),
) -> list[UUID]:
    """The ids of one page and one more, in order of their numbers, of what says these words.

    What an era holds is collected before it is sorted: no statistics know which words go together,
    and a planner that hopes to meet twenty hits soon may read a million requests in vain.
    """
    last = select(RequestNumber.last).where(RequestNumber.community_id == community_id)
    number = await session.scalar(last) or 0
    if before := position(cursor, by=ServiceRequest.number):
        number = min(number, before[0])
    also = [*conditions, *([_afterwards(about_place)] if about_place else [])]
    ids: list[UUID] = []
    for eras in _eras(number // _ERA):
        hits = (
            select(ServiceRequest.id, ServiceRequest.number)
            .where(ServiceRequest.community_id == community_id, *also)
            .where(_within(community_id, found, eras), says(found))
            .cte("hits")
            .prefix_with("MATERIALIZED")
        )
        ids += await session.scalars(cut(select(hits.c.id), cursor, by=hits.c.number))
        if len(ids) > cursor.limit:
            break
    return ids[: cursor.limit + 1]
