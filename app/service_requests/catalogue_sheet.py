"""The catalogue as a spreadsheet: read without trust, and written so that it reads back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import sheets
from app.organizations.models import Organization
from app.people.problems import RosterUnreadable
from app.people.roster.sheets import Numbered, rows_of
from app.service_requests.catalogue_cells import COLUMNS, GUIDE, Column, plain
from app.service_requests.models import Category, CategoryPartner
from app.service_requests.problems import (
    CatalogueHeadingsMissing,
    CatalogueTooLong,
    CatalogueUnreadable,
)

MOST = 1000
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
"""How a workbook writes what XML cannot hold, and what looks like that."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the sheet by field, as it was written; `number` is the one Excel shows."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read: the columns that are there, the rows, and headings that mean nothing."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    ignored: Sequence[str]


@dataclass(frozen=True, slots=True)
class Around:
    """The organisations of a community, and which of them work along on what."""

    organizations: Mapping[UUID, Organization]
    partners: Mapping[UUID, frozenset[UUID]]

    def code(self, organization_id: UUID | None) -> str:
        """The code of an organisation, nothing for none."""
        return self.organizations[organization_id].code if organization_id else ""

    def known(self, code: str, *, or_one_of: frozenset[UUID]) -> UUID | None:
        """The organisation of this code that works here, or does not any more but is named."""
        return next(
            (
                each.id
                for each in self.organizations.values()
                if each.code == code and (each.active or each.id in or_one_of)
            ),
            None,
        )


async def around(session: AsyncSession, community_id: UUID) -> Around:
    """The organisations of a community, also those that do not work here any more."""
    known = select(Organization).where(Organization.community_id == community_id)
    pairs = select(CategoryPartner.category_id, CategoryPartner.organization_id).where(
        CategoryPartner.community_id == community_id
    )
    partners: dict[UUID, frozenset[UUID]] = {}
    for category_id, organization_id in await session.execute(pairs):
        partners[category_id] = partners.get(category_id, frozenset()) | {organization_id}
    return Around({each.id: each for each in await session.scalars(known)}, partners)


def read(data: bytes) -> Sheet:
    """The rows of a .csv or .xlsx of at most 5 MB and 1,000 rows, under a line of headings.

    Raises `CatalogueUnreadable`, `CatalogueHeadingsMissing` or `CatalogueTooLong`. It may take a
    second: call it beside the event loop.
    """
    try:
        return _sheet(rows_of(data), escaped=data.startswith(b"PK"))
    except RosterUnreadable as error:
        raise CatalogueUnreadable from error


def _sheet(rows: Iterator[Numbered], *, escaped: bool) -> Sheet:
    headings = next(rows, (0, []))[1]
    places = _places(headings)
    read: list[Row] = []
    for number, cells in rows:
        if len(read) == MOST:
            raise CatalogueTooLong
        found = {field: cells[at] for field, at in places.items() if at < len(cells)}
        if escaped:
            found = {field: _unescaped(cell) for field, cell in found.items()}
        read.append(Row(number, found))
    ignored = [name for at, name in enumerate(headings) if name and at not in places.values()]
    return Sheet([each for each in COLUMNS if each.field in places], read, ignored)


def _places(headings: Sequence[str]) -> dict[str, int]:
    """Which field stands in which column, the first of several."""
    written = [plain(heading) for heading in headings]
    places = {
        column.field: at
        for column in COLUMNS
        for at, heading in reversed(list(enumerate(written)))
        if heading in column.headings
    }
    if "code" not in places:
        raise CatalogueHeadingsMissing
    return places


def _unescaped(cell: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)


async def written(session: AsyncSession, community_id: UUID) -> bytes:
    """The catalogue of a community as a workbook that imports without changing anything."""
    known = await around(session, community_id)
    categories = await session.scalars(
        select(Category)
        .where(Category.community_id == community_id)
        .order_by(Category.position, Category.code)
    )
    head = [column.heading for column in COLUMNS]
    return sheets.xlsx("诉求类别", head, [_cells(each, known) for each in categories])


def _cells(category: Category, known: Around) -> list[str]:
    return [column.write(_value(category, column.field, known)) for column in COLUMNS]


def _value(category: Category, field: str, known: Around) -> object:
    if field in GUIDE:
        return category.guide.get(field) or ([] if field == "bring" else None)
    if field == "organization":
        return known.code(category.organization_id)
    if field == "partners":
        return sorted(map(known.code, known.partners.get(category.id, ())))
    value: object = getattr(category, field)
    return value
