"""Asking for requests: one, some by their numbers, or those of a time."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.i18n import _
from app.core.problems import NotFound
from app.open311.arguments import Arguments
from app.open311.callers import Caller
from app.open311.documents import Document
from app.open311.problems import ServiceUnknown, wrong
from app.open311.queries import find
from app.open311.showing import requests
from app.service_requests.models import UNDONE, Category, ServiceRequest

MOST = 1000
SPAN = timedelta(days=90)
_LAST_PAGE = 10_000
_LONGEST_NUMBER = 18
_STATUSES = frozenset({"open", "closed"})


async def one(session: AsyncSession, caller: Caller, asked: Arguments, number: str) -> Document:
    """The request of this number; `NotFound` for one that the caller may not see."""
    wanted = ServiceRequest.number.in_(_numbers([number]))
    found = await find(session, caller, wanted, limit=1)
    if not found:
        raise NotFound
    return await requests(session, caller.community, found, extended=extended(asked))


async def several(session: AsyncSession, caller: Caller, asked: Arguments) -> Document:
    """The requests that are asked for, newest first, a thousand at most."""
    limit, offset = page(asked)
    if numbers := asked.listed("service_request_id"):
        if len(numbers) > MOST:
            raise wrong(_("最多{count}个").format(count=MOST), at="service_request_id")
        conditions: list[ColumnElement[bool]] = [ServiceRequest.number.in_(_numbers(numbers))]
    else:
        conditions = await _conditions(session, caller, asked)
    found = await find(session, caller, *conditions, limit=limit, offset=offset)
    return await requests(session, caller.community, found, extended=extended(asked))


def extended(asked: Arguments) -> bool:
    """Whether more is asked for than GeoReport has names for."""
    return (asked.text("extensions") or "").lower() in ("true", "1")


def page(asked: Arguments) -> tuple[int, int]:
    """How many, and how many to pass over; some call the number on a page `count`."""
    count = asked.number("count", largest=MOST)
    size = asked.number("page_size", largest=MOST) or count or MOST
    return size, size * ((asked.number("page", largest=_LAST_PAGE) or 1) - 1)


def span(asked: Arguments) -> tuple[datetime, datetime]:
    """The time that is asked for: 90 days at most, and without a word the last 90."""
    start, end = asked.moment("start_date"), asked.moment("end_date")
    if end is None:
        end = now() if start is None else max(start, min(now(), start + SPAN))
    if start is None:
        start = end - SPAN
    if not start <= end:
        raise wrong(_("早于start_date"), at="end_date")
    if end - start > SPAN:
        raise wrong(_("时间跨度最多{count}天").format(count=SPAN.days), at="end_date")
    return start, end


def _numbers(written: list[str]) -> list[int]:
    """The numbers among what was written; what is none is nobody's."""
    return [
        int(each)
        for each in written
        if each.isascii() and each.isdecimal() and len(each) <= _LONGEST_NUMBER
    ]


async def _conditions(
    session: AsyncSession, caller: Caller, asked: Arguments
) -> list[ColumnElement[bool]]:
    start, end = span(asked)
    conditions: list[ColumnElement[bool]] = [ServiceRequest.filed_at.between(start, end)]
    if codes := set(asked.listed("service_code")):
        known = await session.execute(
            select(Category.code, Category.id).where(
                Category.community_id == caller.community.id, Category.code.in_(codes)
            )
        )
        ids = {row.code: row.id for row in known}
        if codes - ids.keys():
            raise ServiceUnknown
        conditions.append(ServiceRequest.category_id.in_(ids.values()))
    statuses = {each.lower() for each in asked.listed("status")}
    if statuses - _STATUSES:
        raise wrong(_("应为open或closed"), at="status")
    if statuses == {"open"}:
        conditions.append(ServiceRequest.state.in_(UNDONE))
    if statuses == {"closed"}:
        conditions.append(ServiceRequest.state.not_in(UNDONE))
    return conditions
