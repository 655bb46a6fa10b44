from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.pages import Cursor, Order, cut, paged, position
from app.core.problems import Invalid
from app.core.web import Answer

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
BY: Order = (Answer.at, Answer.key)
NOBODY = UUID(int=1)


async def answers(session: AsyncSession, *keys: str, at: datetime = NOON) -> None:
    """Rows of one moment, told apart by their keys."""
    rows = [
        {
            "community_id": NOBODY,
            "caller_id": NOBODY,
            "key": key,
            "fingerprint": b"",
            "status": 200,
            "headers": {},
            "body": "",
            "at": at,
        }
        for key in keys
    ]
    await session.execute(insert(Answer), rows)


async def one_page(
    session: AsyncSession, after: str | None = None, **how: Any
) -> tuple[str, str | None]:
    cursor = Cursor(after=after, limit=2)
    page: Any = await paged(session, select(Answer), cursor, **{"by": BY, **how})
    return "".join(row.key for row in page["items"]), page["next"]


async def all_pages(session: AsyncSession, **how: Any) -> list[str]:
    keys, after = await one_page(session, **how)
    pages = [keys]
    while after:
        keys, after = await one_page(session, after, **how)
        pages.append(keys)
    return pages


async def test_pages_in_the_order_of_two_columns_repeat_nothing_and_leave_nothing_out(
    session: AsyncSession,
) -> None:
    await answers(session, "c", "a", "b", at=NOON)
    await answers(session, "e", "d", at=NOON + timedelta(hours=1))

    assert await all_pages(session, newest_first=True) == ["ed", "cb", "a"]
    assert await all_pages(session, newest_first=False) == ["ab", "cd", "e"]


async def test_a_page_stays_where_it_was_when_rows_are_added_before_it(
    session: AsyncSession,
) -> None:
    await answers(session, "a", "b", "c", "d")
    first, after = await one_page(session, newest_first=False)
    await answers(session, "aa", "ab")

    second, _ = await one_page(session, after, newest_first=False)

    assert (first, second) == ("ab", "cd")


async def test_the_last_page_has_no_next_even_when_it_is_full(session: AsyncSession) -> None:
    await answers(session, "a", "b")

    assert await one_page(session) == ("ba", None)
    assert await one_page(session, by=Answer.key) == ("ba", None)


async def test_a_page_is_one_row_more_than_what_is_shown_of_it(session: AsyncSession) -> None:
    await answers(session, "a", "b", "c", "d")

    rows = await session.scalars(cut(select(Answer), Cursor(limit=2), by=BY))

    assert [row.key for row in rows] == ["d", "c", "b"]


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_cursor_tells_where_the_page_before_ended() -> None:
    after = encoded('["2026-11-23T04:00:00Z","a"]')

    assert position(Cursor(after=after), by=BY) == (NOON, "a")
    assert position(Cursor(after=encoded('"a"')), by=Answer.key) == ("a",)
    assert position(Cursor(), by=BY) is None


@pytest.mark.parametrize(
    ("after", "by"),
    [
        ("no cursor at all", BY),
        (encoded('"a"'), BY),
        (encoded('["2026-11-23T04:00:00Z"]'), BY),
        (encoded('["2026-11-23T04:00:00Z","a","b"]'), BY),
        (encoded('["noon","a"]'), BY),
        (encoded('["2026-11-23T04:00:00Z","a"]'), Answer.key),
        (encoded("17"), Answer.key),
    ],
)
def test_what_is_no_cursor_of_this_order_is_refused(after: str, by: Order) -> None:
    with pytest.raises(Invalid) as refused:
        position(Cursor(after=after), by=by)

    assert refused.value.errors == [{"path": "query.after", "message": "not a cursor"}]
