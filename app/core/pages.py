"""Pages that stay put while rows are added: the last row's place in the order is the cursor."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.problems import Invalid

T = TypeVar("T")
Column: TypeAlias = InstrumentedAttribute[Any] | ColumnElement[Any]
Order: TypeAlias = Column | tuple[Column, ...]
"""One column that is unique among the rows, or several that are so together."""

_LONGEST = 512


class Page(BaseModel, Generic[T]):
    """Some of the rows, and where the next ones begin; `next` is null on the last page."""

    model_config = ConfigDict(from_attributes=True)

    items: list[T]
    next: str | None


class Cursor(BaseModel):
    """Which page is asked for: `after` is the `next` of the page before."""

    after: Annotated[str | None, Query(max_length=_LONGEST)] = None
    limit: Annotated[int, Query(ge=1, le=100)] = 20


Asked = Annotated[Cursor, Query()]


def _columns(by: Order) -> tuple[Column, ...]:
    return by if isinstance(by, tuple) else (by,)


def _form(by: Order) -> TypeAdapter[Any]:
    """What a cursor holds: the value of the column, or those of the columns in a list."""
    kinds = tuple(column.type.python_type for column in _columns(by))
    form: Any = tuple[kinds] if isinstance(by, tuple) else kinds[0]  # type: ignore[valid-type]
    return TypeAdapter(form)


def _encode(by: Order, row: object) -> str:
    values = tuple(getattr(row, str(column.key)) for column in _columns(by))
    value = _form(by).dump_json(values if isinstance(by, tuple) else values[0])
    return urlsafe_b64encode(value).decode().rstrip("=")


def position(cursor: Cursor, *, by: Order) -> tuple[Any, ...] | None:
    """Where in this order the page before ended; None for the first page.

    Raises `Invalid` for what is no cursor of this order.
    """
    if not cursor.after:
        return None
    try:
        value = urlsafe_b64decode(cursor.after + "=" * (-len(cursor.after) % 4))
        found = _form(by).validate_json(value)
    except (ValueError, ValidationError) as error:
        raise Invalid(errors=[{"path": "query.after", "message": "not a cursor"}]) from error
    return found if isinstance(by, tuple) else (found,)


def cut(rows: Select[T], cursor: Cursor, *, by: Order, newest_first: bool = True) -> Select[T]:
    """The rows of one page, and one more that tells whether another page follows."""
    columns = _columns(by)
    if (after := position(cursor, by=by)) is not None:
        here = columns[0] if len(columns) == 1 else tuple_(*columns)
        there = after[0] if len(columns) == 1 else after
        rows = rows.where(here < there if newest_first else here > there)
    ordered = rows.order_by(*(column.desc() if newest_first else column for column in columns))
    return ordered.limit(cursor.limit + 1)


async def paged(
    session: AsyncSession,
    rows: Select[T],
    cursor: Cursor,
    *,
    by: Order,
    newest_first: bool = True,
) -> dict[str, object]:
    """One page of the rows, in the order of columns that are together unique among them."""
    found = list(await session.scalars(cut(rows, cursor, by=by, newest_first=newest_first)))
    page = found[: cursor.limit]
    return {
        "items": page,
        "next": _encode(by, page[-1]) if len(found) > cursor.limit else None,
    }
