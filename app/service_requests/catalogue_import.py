"""Reading a spreadsheet into the catalogue: all of it, or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.i18n import N_, _
from app.core.sheets.reading import Row
from app.people.access import Actor
from app.places.models import ROOT
from app.service_requests import catalogue
from app.service_requests.catalogue_cells import GUIDE
from app.service_requests.catalogue_sheet import Around, Sheet, around
from app.service_requests.events import CatalogueImported
from app.service_requests.models import Category
from app.service_requests.permissions import CATALOGUE
from app.service_requests.problems import CatalogueWrong
from app.service_requests.schemas.categories import CategoryIn, CategoryOut

_MOST_ERRORS = 200
_NOT_ASKED = {"id", "version"}
_TOO_LONG = N_("太长，或含有不能用的字符")
_WRONG = {
    "code": N_("代码应为字母、数字、横线或下划线，最多64个"),
    "warn_percent": N_("应为1到99"),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a sheet: codes that are new, and by code the columns that changed."""

    rows: int
    added: list[str]
    changed: dict[str, list[str]]
    ignored: Sequence[str]
    dry_run: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row that makes sense; `partners` are None when the sheet does not speak of them."""

    code: str
    category: Category | None
    columns: dict[str, Any]
    partners: frozenset[UUID] | None


async def import_catalogue(
    session: AsyncSession, sheet: Sheet, *, by: Actor, dry_run: bool = False
) -> Imported:
    """Add the kinds of matter that a sheet has more, and change those it has otherwise.

    What has no column or no row stays as it is; an empty cell empties its field, or makes it what
    is usual. Raises `CatalogueWrong`, with each error by row and column as in `7.name`, before
    anything is written; with `dry_run` nothing is written either way.
    """
    CATALOGUE.demand(by, at=ROOT)
    all_of_them = select(Category).where(Category.community_id == by.community_id)
    found = await session.scalars(all_of_them.order_by(Category.id).with_for_update())
    known = {category.code: category for category in found}
    others = await around(session, by.community_id)
    entries = _checked(sheet, known, others)
    news = {entry.code: _news(entry, others) for entry in entries if entry.category}
    result = Imported(
        rows=len(sheet.rows),
        added=[entry.code for entry in entries if entry.category is None],
        changed={code: columns for code, columns in news.items() if columns},
        ignored=sheet.ignored,
        dry_run=dry_run,
    )
    if not dry_run:
        last = max((category.position for category in known.values()), default=0)
        await _write(session, entries, result, count(last + 1), by)
    return result


def _checked(sheet: Sheet, known: Mapping[str, Category], others: Around) -> list[_Entry]:
    """Look at every row; `CatalogueWrong` names all that is wrong with any."""
    entries, errors = [], []
    first: dict[str, int] = {}
    for row in sheet.rows:
        wrong: dict[str, str] = {}
        code = row["code"]
        if first.setdefault(code, row.number) != row.number and code:
            wrong["code"] = _("与第{row}行重复").format(row=first[code])
        entries.append(_entry(row, sheet, known.get(code), others, wrong))
        errors += [
            {"path": f"{row.number}.{column}", "message": said} for column, said in wrong.items()
        ]
    if errors:
        raise CatalogueWrong(errors=errors[:_MOST_ERRORS])
    return entries


def _entry(
    row: Row, sheet: Sheet, category: Category | None, others: Around, wrong: dict[str, str]
) -> _Entry:
    """What a row means; what is `wrong` with it is put there by column."""
    given = _read(row, sheet, wrong)
    partners = _partners(given, category, others, wrong)
    _find_organization(given, category, others, wrong)
    guide = {part: given.pop(part) for part in GUIDE if part in given}
    if guide:
        given["guide"] = (category.guide if category else {}) | guide
    if given.get("position", 0) is None:
        del given["position"]
    whole = _whole(given, category, wrong)
    kept = whole.keys() - {"position"} if category is None else set()
    columns = {name: each for name, each in whole.items() if name in kept | given.keys()}
    return _Entry(row["code"], category, columns, partners)


def _read(row: Row, sheet: Sheet, wrong: dict[str, str]) -> dict[str, Any]:
    """The cells as values, by column."""
    given = {}
    for column in sheet.columns:
        cell = row[column.field]
        try:
            given[column.field] = column.read(cell) if cell else column.usual
        except ValueError as error:
            wrong[column.field] = str(error)
    return given


def _partners(
    given: dict[str, Any], category: Category | None, others: Around, wrong: dict[str, str]
) -> frozenset[UUID] | None:
    codes = given.pop("partners", None)
    if codes is None:
        return None
    now = others.partners.get(category.id, frozenset()) if category else frozenset()
    found = [others.known(code, or_one_of=now) for code in codes]
    if unknown := [code for code, each in zip(codes, found, strict=True) if each is None]:
        wrong["partners"] = _("没有这个单位：{code}").format(code="、".join(unknown))
    return frozenset(each for each in found if each)


def _find_organization(
    given: dict[str, Any], category: Category | None, others: Around, wrong: dict[str, str]
) -> None:
    """Put the id where the code was."""
    if "organization" not in given:
        return
    code = given.pop("organization")
    now = frozenset({category.organization_id} if category and category.organization_id else ())
    given["organization_id"] = others.known(code, or_one_of=now) if code else None
    if code and given["organization_id"] is None:
        wrong["organization"] = _("没有这个单位：{code}").format(code=code)


def _whole(
    given: dict[str, Any], category: Category | None, wrong: dict[str, str]
) -> dict[str, Any]:
    """The category as it would be, every column read as the API reads it; empty when wrong."""
    was = CategoryOut.model_validate(category).model_dump(exclude=_NOT_ASKED) if category else {}
    try:
        whole = CategoryIn.model_validate(was | given)
    except ValidationError as error:
        for found in error.errors():
            where = found["loc"][0] if found["loc"][0] != "guide" else found["loc"][1]
            wrong.setdefault(str(where), _message(str(where), found["input"]))
        return {}
    if whole.public and whole.confidential:
        wrong["public"] = _("保密的类别不能公开")
    return whole.model_dump()


def _message(column: str, value: object) -> str:
    if value in (None, "") or isinstance(value, Mapping):
        return _("不能为空")
    return _(_WRONG.get(column, _TOO_LONG))


def _news(entry: _Entry, others: Around) -> list[str]:
    """The columns that become another."""
    if entry.category is None:
        return []
    news = list(catalogue.differences(entry.category, entry.columns))
    now = others.partners.get(entry.category.id, frozenset())
    return news if entry.partners in (None, now) else [*news, "partners"]


async def _write(
    session: AsyncSession,
    entries: Sequence[_Entry],
    result: Imported,
    position: Iterator[int],
    by: Actor,
) -> None:
    for entry in entries:
        if entry.category is None:
            columns = {"position": next(position), **entry.columns}
            category = await catalogue.add(session, columns, by=by)
        else:
            category = await catalogue.change(session, entry.category, entry.columns, by=by)
        if entry.partners is not None:
            await catalogue.set_partners(session, category, sorted(entry.partners), by=by)
    if result.added or result.changed:
        imported = CatalogueImported(
            community_id=by.community_id, added=result.added, changed=list(result.changed)
        )
        await record(session, imported, by=by)
