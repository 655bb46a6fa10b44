"""Lists of requests, a page at a time: as fast among a million as among a thousand.

Whoever may see a request may do so for several reasons. One condition made of all of them would be
tried on row after row; so the page is first found for each reason in the order of its own index,
and what is found is then read whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, text, true, union
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

    on_request: filters.Atoms
    on_place: filters.Atoms
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
    conditions = [await filters.conditions(session, each, me=me) for each in asked]
    words = [word for each in asked if each.q for word in search.words(each.q)]
    order = next((each.order for each in reversed(asked) if each.order), "newest")
    atoms = [atom for each in conditions for atom in each.on_request]
    by: Order = ServiceRequest.id
    if order == "due":
        atoms.append(filters.undone)
        by = (ServiceRequest.due_at, ServiceRequest.id)
    elif words and me.is_staff:
        by = ServiceRequest.number
    elif any(each.filed_from or each.filed_before for each in asked):
        by = (ServiceRequest.filed_at, ServiceRequest.id)
    return _Wanted(
        on_request=list({id(atom): atom for atom in atoms}.values()),
        on_place=[atom for each in conditions for atom in each.on_place],
        words=words,
        by=by,
        newest_first=order != "due",
        own=any(filters.own(each, me) for each in asked),
    )


async def page(
    session: AsyncSession, asked: Sequence[Filters], cursor: Cursor, *, me: Actor
) -> dict[str, object]:
    """One page of what this actor may see and all of these filters let through."""
    await _plan_for_these_values(session)
    wanted = await _wanted(session, asked, me)
    reasons = [] if wanted.own else await _reasons(session, me)
    if wanted.by is ServiceRequest.number:
        ids = await _found(session, wanted, reasons, cursor, me)
    else:
        each = [_candidates(wanted, reason, cursor, me) for reason in reasons or [true()]]
        ids = (await session.scalars(each[0] if len(each) == 1 else union(*each))).all()
    if not ids:
        return {"items": [], "next": None}
    rows = queries.listed(me.community_id).where(ServiceRequest.id.in_(ids))
    return await paged(session, rows, cursor, by=wanted.by, newest_first=wanted.newest_first)


async def _reasons(session: AsyncSession, me: Actor) -> list[ColumnElement[bool]]:
    """Each reason for which this actor may see a request; none if they may see all."""
    if queries.sees_everything(me):
        return []
    return queries.reasons(me, await queries.organizations_of(session, me))


async def _found(
    session: AsyncSession,
    wanted: _Wanted,
    reasons: Sequence[ColumnElement[bool]],
    cursor: Cursor,
    me: Actor,
) -> Sequence[UUID]:
    """What says the words that are wanted."""
    seen = [or_(*reasons)] if reasons else []
    return await search.newest(
        session,
        me.community_id,
        wanted.words,
        cursor,
        conditions=wanted.on_request,
        about_place=[*wanted.on_place, *seen],
    )


def _candidates(
    wanted: _Wanted, reason: ColumnElement[bool], cursor: Cursor, me: Actor
) -> Select[UUID]:
    """What one reason to see requests has for the page."""
    rows = (
        select(ServiceRequest.id)
        .join(ServiceRequest.place)
        .where(ServiceRequest.community_id == me.community_id, reason)
        .where(*wanted.on_request, *wanted.on_place)
    )
    if wanted.words:
        rows = rows.where(search.says(wanted.words))
    return cut(rows, cursor, by=wanted.by, newest_first=wanted.newest_first)


def _open(me: Actor, reasons: Sequence[ColumnElement[bool]]) -> filters.Atoms:
    """The condition that selects what is left to do and this actor may see."""
    here = ServiceRequest.community_id == me.community_id
    if not reasons:
        return [here, filters.undone]
    seen = select(ServiceRequest.id).join(ServiceRequest.place).where(here, filters.undone)
    ids = union(*(seen.where(reason) for reason in reasons)).subquery()
    return [here, ServiceRequest.id.in_(select(ids.c.id))]


def _several(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """How many of what is left to do fulfil these conditions, read from the index alone."""
    others = (each for each in conditions if each is not filters.undone)
    return func.least(func.count().filter(and_(true(), *others)), MOST_COUNTED)


def _some(me: Actor, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """How many there are, of a kind of which there are few."""
    found = (
        select(literal(1))
        .select_from(ServiceRequest)
        .join(ServiceRequest.place)
        .where(ServiceRequest.community_id == me.community_id, *conditions)
        .limit(MOST_COUNTED)
    )
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


async def counts(session: AsyncSession, *, me: Actor) -> Counts:
    """How many requests of each kind this actor has to see to."""
    await _plan_for_these_values(session)
    reasons = await _reasons(session, me)
    seen = or_(*reasons) if reasons else true()
    kinds = {
        "mine": _several(ServiceRequest.assignee_id == me.id),
        "offered": _some(me, seen, *filters.offered()),
        "undone": _several(),
        "overdue": _several(*filters.overdue()),
        "due_today": _several(*filters.due_today()),
        "to_visit": _some(me, seen, *filters.to_visit()),
        "to_decide": _some(me, seen, filters.undecided(), ADJUDICATE.places(me)),
        "suspended": _several(filters.suspended),
    }
    columns = [kind.label(name) for name, kind in kinds.items()]
    counted = select(*columns).select_from(ServiceRequest).where(*_open(me, reasons))
    return Counts(**(await session.execute(counted)).mappings().one())
