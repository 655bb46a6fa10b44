"""The catalogue as a spreadsheet: read without trust, and written so that it reads back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import sheets
from app.core.sheets.reading import Numbered, Row, by_field, columns, rows_of
from app.organizations.models import Organization
from app.service_requests.catalogue_cells import COLUMNS, GUIDE, Column
from app.service_requests.models import Category, CategoryPartner
from app.service_requests.problems import (
    CatalogueHeadingsMissing,
    CatalogueTooLong,
)

MOST = 1000
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
"""How a workbook writes what XML cannot hold, and what looks like that."""


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

    Raises `SheetUnreadable`, `CatalogueHeadingsMissing` or `CatalogueTooLong`. It may take a
    second: call it beside the event loop.
    """
    return _sheet(rows_of(data), escaped=data.startswith(b"PK"))


def _sheet(rows: Iterator[Numbered], *, escaped: bool) -> Sheet:
    headings = next(rows, (0, []))[1]
    known = {column.field: column.headings for column in COLUMNS}
    places = columns((each.replace("_", "") for each in headings), known)
    if "code" not in places:
        raise CatalogueHeadingsMissing
    read = by_field(rows, places, most=MOST, too_many=CatalogueTooLong)
    if escaped:
        read = [_unescaped(row) for row in read]
    ignored = [name for at, name in enumerate(headings) if name and at not in places.values()]
    return Sheet([each for each in COLUMNS if each.field in places], read, ignored)


def _unescaped(row: Row) -> Row:
    cells = row.cells.items()
    return Row(row.number, {field: _ESCAPED.sub(_sign, cell) for field, cell in cells})


def _sign(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 16))


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
