"""Lists of requests, a page at a time: as fast among a million as among a thousand.

Whoever may see a request may do so for several reasons. One condition made of all of them would be
tried on row after row; so the page is first found for each reason in the order of its own index,
and what is found is then read whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, text, true, union
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.pages import Cursor, Order, cut, paged
from app.people.access import Actor
from app.service_requests import filters, queries, search
from app.service_requests.models import ServiceRequest
from app.service_requests.permissions import ADJUDICATE
from app.service_requests.schemas.lists import Counts, Filters

MOST_COUNTED = 1001


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a list is to show, and in which order."""

    conditions: Sequence[ColumnElement[bool]]
    words: Sequence[str]
    by: Order
    newest_first: bool
    own: bool


async def _plan_for_these_values(session: AsyncSession) -> None:
    """Have this transaction's statements planned for what is asked, not once for everything.

    One state holds 97 of 100 requests and another one of 1,000: the same plan cannot serve both.
    """
    await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


async def _wanted(session: AsyncSession, asked: Sequence[Filters], me: Actor) -> _Wanted:
    """What all of these filters ask for together; the order is that of the last to name one."""
    conditions = [
        condition for each in asked for condition in await filters.conditions(session, each, me=me)
    ]
    words = [word for each in asked if each.q for word in search.words(each.q)]
    order = next((each.order for each in reversed(asked) if each.order), "newest")
    by: Order = ServiceRequest.id
    if order == "due":
        conditions.append(filters.undone)
        by = (ServiceRequest.due_at, ServiceRequest.id)
    elif words and me.is_staff:
        by = ServiceRequest.number
    elif any(each.filed_from or each.filed_before for each in asked):
        by = (ServiceRequest.filed_at, ServiceRequest.id)
    return _Wanted(
        conditions, words, by, order != "due", any(filters.own(each, me) for each in asked)
    )


async def page(
    session: AsyncSession, asked: Sequence[Filters], cursor: Cursor, *, me: Actor
) -> dict[str, object]:
    """One page of what this actor may see and all of these filters let through."""
    await _plan_for_these_values(session)
    wanted = await _wanted(session, asked, me)
    reasons = [true()] if wanted.own else await _reasons(session, me)
    if wanted.by is ServiceRequest.number:
        seen = (or_(*reasons), *wanted.conditions)
        ids = await search.newest(session, me.community_id, wanted.words, cursor, *seen)
    else:
        ids = await _ids(session, [_candidates(wanted, each, cursor, me) for each in reasons])
    rows = queries.listed(me.community_id).where(ServiceRequest.id.in_(ids))
    return await paged(session, rows, cursor, by=wanted.by, newest_first=wanted.newest_first)


async def _reasons(session: AsyncSession, me: Actor) -> list[ColumnElement[bool]]:
    return queries.reasons(me, await queries.organizations_of(session, me))


def _candidates(
    wanted: _Wanted, reason: ColumnElement[bool], cursor: Cursor, me: Actor
) -> Select[UUID]:
    """What one reason to see requests has for the page."""
    rows = (
        select(ServiceRequest.id)
        .join(ServiceRequest.place)
        .where(ServiceRequest.community_id == me.community_id, reason, *wanted.conditions)
    )
    if wanted.words:
        rows = rows.where(search.says(wanted.words))
    return cut(rows, cursor, by=wanted.by, newest_first=wanted.newest_first)


async def _ids(session: AsyncSession, found: Sequence[Select[UUID]]) -> Sequence[UUID]:
    """What any of these selects, each by itself."""
    one = found[0] if len(found) == 1 else union(*found)
    return (await session.scalars(one)).all()


def _counted(me: Actor, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    some = (
        select(literal(1))
        .select_from(ServiceRequest)
        .join(ServiceRequest.place)
        .where(ServiceRequest.community_id == me.community_id, *conditions)
        .limit(MOST_COUNTED)
    )
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


async def counts(session: AsyncSession, *, me: Actor) -> Counts:
    """How many requests of each kind this actor has to see to."""
    await _plan_for_these_values(session)
    seen = or_(*await _reasons(session, me))
    kinds = {
        "mine": _counted(me, filters.undone, ServiceRequest.assignee_id == me.id),
        "offered": _counted(me, seen, filters.offered()),
        "undone": _counted(me, seen, filters.undone),
        "overdue": _counted(me, seen, filters.overdue()),
        "due_today": _counted(me, seen, filters.due_today()),
        "to_visit": _counted(me, seen, filters.to_visit()),
        "to_decide": _counted(me, seen, filters.undecided(), ADJUDICATE.places(me)),
        "suspended": _counted(me, seen, filters.suspended),
    }
    counted = select(*(kind.label(name) for name, kind in kinds.items()))
    return Counts(**(await session.execute(counted)).mappings().one())
