"""Pages that stay put while rows are added: the last row's place in the order is the cursor."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.problems import Invalid

T = TypeVar("T")

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


def _encode(column: InstrumentedAttribute[Any], row: object) -> str:
    value = TypeAdapter(column.type.python_type).dump_json(getattr(row, column.key))
    return urlsafe_b64encode(value).decode().rstrip("=")


def _decode(column: InstrumentedAttribute[Any], after: str) -> object:
    try:
        value = urlsafe_b64decode(after + "=" * (-len(after) % 4))
        return TypeAdapter(column.type.python_type).validate_json(value)
    except (ValueError, ValidationError) as error:
        raise Invalid(errors=[{"path": "query.after", "message": "not a cursor"}]) from error


async def paged(
    session: AsyncSession,
    rows: Select[T],
    cursor: Cursor,
    *,
    by: InstrumentedAttribute[Any],
    newest_first: bool = True,
) -> dict[str, object]:
    """One page of the rows, in the order of a column that is unique among them."""
    if cursor.after:
        after = _decode(by, cursor.after)
        rows = rows.where(by < after if newest_first else by > after)
    ordered = rows.order_by(by.desc() if newest_first else by).limit(cursor.limit + 1)
    found = list(await session.scalars(ordered))
    page = found[: cursor.limit]
    return {
        "items": page,
        "next": _encode(by, page[-1]) if len(found) > cursor.limit else None,
    }
