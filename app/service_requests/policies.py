"""How a community deals with requests, and when it works: what it set, or what all start with.

A change of hours or days holds for the clocks that start, are resumed or get more time afterwards;
when those that run already are due was said to somebody, and stays as it was.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import calendar as days
from app.core import policies
from app.core.calendar import Basis, Calendar, Day, Hours
from app.core.facts import record
from app.core.problems import NotFound
from app.people.access import Actor
from app.places.models import ROOT
from app.service_requests.events import PolicyChanged, SpecialDaySet
from app.service_requests.models import OFFICE_HOURS, Policy, SpecialDay
from app.service_requests.permissions import POLICY


async def of(session: AsyncSession, community_id: UUID) -> Policy:
    """The policy of this community, made with the usual amounts on first sight."""
    return await policies.of(session, Policy, community_id)


async def calendar(session: AsyncSession, community_id: UUID) -> Calendar:
    """When this community works, read once in a transaction however often it is asked for."""
    read: dict[UUID, Calendar] = session.info.setdefault("calendars", {})
    if community_id not in read:
        set_hours = select(Policy.office_hours).where(Policy.community_id == community_id)
        special = func.jsonb_object_agg(SpecialDay.day, SpecialDay.working)
        both = select(set_hours.scalar_subquery(), special)
        found = await session.execute(both.where(SpecialDay.community_id == community_id))
        hours, named = found.one()
        special_days = {date.fromisoformat(day): works for day, works in (named or {}).items()}
        read[community_id] = Calendar(Hours.of(hours or OFFICE_HOURS), special_days)
    return read[community_id]


def _read_anew(session: AsyncSession, community_id: UUID) -> None:
    session.info.get("calendars", {}).pop(community_id, None)


async def change(
    session: AsyncSession, policy: Policy, columns: Mapping[str, Any], *, by: Actor
) -> Policy:
    """Deal with requests differently from now on."""
    POLICY.demand(by, at=ROOT)
    was, new = await policies.change(session, policy, columns)
    if new:
        _read_anew(session, policy.community_id)
        changed = PolicyChanged(community_id=policy.community_id, was=was, now=new)
        await record(session, changed, by=by)
    return policy


async def set_day(session: AsyncSession, day: date, *, working: bool, note: str, by: Actor) -> Day:
    """Work, or do not work, on a day, whatever the state's calendar says of it."""
    POLICY.demand(by, at=ROOT)
    said = insert(SpecialDay).values(
        community_id=by.community_id, day=day.isoformat(), working=working, note=note
    )
    anew = said.on_conflict_do_update(
        index_elements=[SpecialDay.community_id, SpecialDay.day],
        set_={"working": working, "note": note},
        where=or_(SpecialDay.working != working, SpecialDay.note != note),
    )
    if await session.scalar(anew.returning(SpecialDay.day)):
        await _special(session, day, working=working, by=by)
    return Day(day, working, Basis.SPECIAL, note)


async def unset_day(session: AsyncSession, day: date, *, by: Actor) -> None:
    """Go by the state's calendar again on this day; `NotFound` when we do already."""
    POLICY.demand(by, at=ROOT)
    this = (SpecialDay.community_id == by.community_id, SpecialDay.day == day.isoformat())
    gone = await session.scalar(delete(SpecialDay).where(*this).returning(SpecialDay.day))
    if gone is None:
        raise NotFound
    await _special(session, day, working=None, by=by)


async def _special(session: AsyncSession, day: date, *, working: bool | None, by: Actor) -> None:
    _read_anew(session, by.community_id)
    said = SpecialDaySet(community_id=by.community_id, day=day.isoformat(), working=working)
    await record(session, said, by=by)


async def working_days(
    session: AsyncSession, community_id: UUID, first: date, last: date
) -> list[Day]:
    """What each day from the first to the last is to this community, and why."""
    here = (
        SpecialDay.community_id == community_id,
        SpecialDay.day.between(first.isoformat(), last.isoformat()),
    )
    special = {each.day: each for each in await session.scalars(select(SpecialDay).where(*here))}
    between = (first + timedelta(n) for n in range((last - first).days + 1))
    return [
        Day(day, found.working, Basis.SPECIAL, found.note)
        if (found := special.get(day.isoformat()))
        else days.ordinary(day)
        for day in between
    ]
