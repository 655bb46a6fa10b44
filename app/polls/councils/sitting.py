"""The sittings of a council: called, put on the agenda, held, and minuted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified, set_committed_value

from app.core.clock import CHINA, now
from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.people.access import Actor, system
from app.polls.councils import queries
from app.polls.events import SittingCalled, SittingChanged, SittingHeld
from app.polls.models import AgendaItem, Council, Sitting, Topic
from app.polls.permissions import TOPICS
from app.polls.problems import CouncilOver, SittingStep
from app.polls.topics import queries as topics

AHEAD = timedelta(days=14)
"""So long before it the next sitting is called."""
USUAL_HOUR = time(19, 0)
"""When a council sits that never sat before, Chinese time."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point to be put on an agenda: free, or a topic."""

    title: str | None = None
    topic_id: UUID | None = None


async def call(
    session: AsyncSession,
    council: Council,
    *,
    starts_at: datetime,
    where: str | None = None,
    by: Actor,
) -> Sitting:
    """Call a sitting; `SittingExists` for a second one on a day, `CouncilOver` after its end."""
    TOPICS.demand(by, at=council.place.path)
    if council.ended_at is not None:
        raise CouncilOver
    sitting = Sitting(
        community_id=council.community_id,
        id=new_id(),
        council_id=council.id,
        starts_at=starts_at,
        starts_on=starts_at.astimezone(CHINA).date(),
        where=where,
    )
    session.add(sitting)
    set_committed_value(sitting, "council", council)
    await session.flush()
    event = SittingCalled(council_id=council.id, sitting_id=sitting.id)
    await record(session, event, by=by)
    return sitting


async def call_next(session: AsyncSession, council: Council) -> Sitting | None:
    """Call the sitting that is due within fourteen days, unless one is called already.

    It is at the hour and the place of the last one. Where the turn was missed, the next day from
    now on that keeps to the rhythm.
    """
    newest = queries.sittings_of(council).order_by(Sitting.starts_at.desc()).limit(1)
    last = await session.scalar(newest)
    if last is not None and last.starts_at > now():
        return None
    starts_at = _due(council, last)
    if starts_at > now() + AHEAD:
        return None
    where = last.where if last else None
    by = system(council.community_id)
    return await call(session, council, starts_at=starts_at, where=where, by=by)


def _due(council: Council, last: Sitting | None) -> datetime:
    rhythm = timedelta(days=council.every_days)
    if last is None:
        founded = council.created_at.astimezone(CHINA).date()
        first = datetime.combine(founded, USUAL_HOUR, CHINA) + rhythm
    else:
        first = last.starts_at + rhythm
    missed = max(-((first - now()) // rhythm), 0)
    return first + missed * rhythm


async def change(
    session: AsyncSession,
    sitting: Sitting,
    changes: Mapping[str, Any],
    *,
    by: Actor,
) -> Sitting:
    """Sit at another time or place; `SittingStep` once it was held."""
    _demand_to_come(sitting, by)
    changed = {name: new for name, new in changes.items() if getattr(sitting, name) != new}
    for name, new in changed.items():
        setattr(sitting, name, new)
    if changed:
        sitting.starts_on = sitting.starts_at.astimezone(CHINA).date()
        await _changed(session, sitting, by)
    return sitting


async def set_agenda(
    session: AsyncSession,
    sitting: Sitting,
    points: Sequence[Point],
    *,
    by: Actor,
) -> Sitting:
    """Say what a sitting is about, instead of what was said before; `SittingStep` once held.

    A topic is called by its own title where no other is given; `Invalid` for one that is not
    there for the caller.
    """
    _demand_to_come(sitting, by)
    titles = await _titles(session, points, by)
    await session.execute(
        delete(AgendaItem).where(
            AgendaItem.community_id == sitting.community_id, AgendaItem.sitting_id == sitting.id
        )
    )
    for position, point in enumerate(points, 1):
        session.add(
            AgendaItem(
                community_id=sitting.community_id,
                id=new_id(),
                sitting_id=sitting.id,
                position=position,
                title=point.title or titles[point.topic_id],
                topic_id=point.topic_id,
            )
        )
    flag_modified(sitting, "where")
    await _changed(session, sitting, by)
    return sitting


async def _titles(
    session: AsyncSession, points: Sequence[Point], by: Actor
) -> dict[UUID | None, str]:
    wanted = {point.topic_id for point in points if point.topic_id}
    seen = topics.visible_to(by).where(Topic.id.in_(wanted))
    titles: dict[UUID | None, str] = {each.id: each.title for each in await session.scalars(seen)}
    message = "there is no such thing here"
    errors = [
        {"path": f"body.items.{n}.topic_id", "message": message}
        for n, point in enumerate(points)
        if point.topic_id and point.topic_id not in titles
    ]
    if errors:
        raise Invalid(errors=errors)
    return titles


def _demand_to_come(sitting: Sitting, by: Actor) -> None:
    TOPICS.demand(by, at=sitting.council.place.path)
    if sitting.held_at is not None:
        raise SittingStep


async def _changed(session: AsyncSession, sitting: Sitting, by: Actor) -> None:
    await session.flush()
    event = SittingChanged(council_id=sitting.council_id, sitting_id=sitting.id)
    await record(session, event, by=by)


async def minute(
    session: AsyncSession,
    sitting: Sitting,
    *,
    minutes: str,
    attended: int,
    outcomes: Mapping[int, str],
    by: Actor,
) -> Sitting:
    """Keep what was said, how many came, and what came of each point, by its number from 1 on.

    Minutes may be put right afterwards. Raises `SittingStep` before the sitting has begun, and
    `Invalid` for a point that is not on the agenda.
    """
    TOPICS.demand(by, at=sitting.council.place.path)
    if sitting.starts_at > now():
        raise SittingStep
    items = (await queries.agendas(session, sitting.community_id, [sitting.id]))[sitting.id]
    unknown = outcomes.keys() - {item.position for item in items}
    if unknown:
        message = "there is no such point on the agenda"
        raise Invalid(
            errors=[{"path": f"body.outcomes.{n}", "message": message} for n in sorted(unknown)]
        )
    for item in items:
        item.outcome = outcomes.get(item.position, item.outcome)
    sitting.minutes, sitting.attended = minutes, attended
    sitting.held_at = sitting.held_at or now()
    flag_modified(sitting, "minutes")
    await session.flush()
    event = SittingHeld(council_id=sitting.council_id, sitting_id=sitting.id)
    await record(session, event, by=by)
    return sitting
