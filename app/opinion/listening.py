"""Going through what was said since the last time: counting, and raising alerts.

Messages are listened to once, in the order of their ids and half a minute after they came, so that
none is passed over that was written earlier and committed later. What is counted are messages of a
group in an hour; who said them is not.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, extract, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.groups.models import Group, GroupMessage
from app.opinion.events import AlertRaised
from app.opinion.matching import folded, hits, parts
from app.opinion.models import Alert, AlertState, Ear, Gravity, Tally, Watch
from app.people.access import system
from app.places.models import Place

AT_ONCE = 500
SETTLED = timedelta(seconds=30)
USUAL_DAYS = 14
"""What is usual is told by so many days before."""
_YOUNG = timedelta(days=1)
"""Less is no experience: only the least number counts."""
_GOES_ON = timedelta(hours=6)
"""A spike that goes on for hours is one alert."""


class _Message(NamedTuple):
    """What is read of a message."""

    id: UUID
    group_id: UUID
    received_at: datetime
    text: str


class _Group(NamedTuple):
    """Where a group is."""

    id: UUID
    place_id: UUID
    path: str


_Hit: TypeAlias = tuple["_Listener", _Message]


@dataclass(frozen=True, slots=True)
class _Listener:
    """A watch, ready to listen."""

    watch: Watch
    path: str
    wanted: tuple[str, ...]


async def listen(session: AsyncSession, community_id: UUID) -> int:
    """Listen to some messages of a community, and return how many there were.

    One at a time listens to a community; whoever comes second finds nothing to do.
    """
    ear = await _ear(session, community_id)
    if ear is None:
        return 0
    messages = await _messages(session, ear)
    if not messages:
        return 0
    ear.heard_to = messages[-1].id
    places = await _groups(session, community_id, {each.group_id for each in messages})
    found = _hits(await _listeners(session, community_id), messages, places)
    await _count(session, community_id, found)
    for listener, message in found:
        if listener.watch.gravity is Gravity.SERIOUS:
            await _raise_serious(session, listener, message, places[message.group_id])
    await _raise_spikes(session, found, places)
    return len(messages)


async def _ear(session: AsyncSession, community_id: UUID) -> Ear | None:
    mine = select(Ear).where(Ear.community_id == community_id)
    return await session.scalar(mine.with_for_update(skip_locked=True))


async def _messages(session: AsyncSession, ear: Ear) -> Sequence[_Message]:
    since = (
        select(GroupMessage.id, GroupMessage.group_id, GroupMessage.received_at, GroupMessage.text)
        .where(
            GroupMessage.community_id == ear.community_id,
            GroupMessage.id > ear.heard_to,
            GroupMessage.group_id.is_not(None),
            GroupMessage.received_at < now() - SETTLED,
        )
        .order_by(GroupMessage.id)
        .limit(AT_ONCE)
    )
    return [_Message._make(row) for row in await session.execute(since)]


async def _groups(
    session: AsyncSession, community_id: UUID, group_ids: Iterable[UUID]
) -> Mapping[UUID, _Group]:
    """Where these groups are: their places' ids and paths."""
    groups = (
        select(Group.id, Group.place_id, Place.path)
        .join(Group.place)
        .where(Group.community_id == community_id, Group.id.in_(group_ids))
    )
    found = [_Group._make(row) for row in await session.execute(groups)]
    return {group.id: group for group in found}


async def _listeners(session: AsyncSession, community_id: UUID) -> list[_Listener]:
    watches = (
        select(Watch, Place.path)
        .join(Place, (Place.community_id == Watch.community_id) & (Place.id == Watch.place_id))
        .where(Watch.community_id == community_id, Watch.ended_at.is_(None))
    )
    return [
        _Listener(watch, path, parts(watch.kind, watch.written))
        for watch, path in await session.execute(watches)
    ]


def _hits(
    listeners: Sequence[_Listener],
    messages: Sequence[_Message],
    places: Mapping[UUID, _Group],
) -> list[_Hit]:
    found: list[_Hit] = []
    for message in messages:
        said = folded(message.text)
        here = places[message.group_id].path
        found += [
            (each, message)
            for each in listeners
            if here.startswith(each.path) and hits(each.wanted, said)
        ]
    return found


async def begin(session: AsyncSession, community_id: UUID) -> None:
    """Listen to a community from now on: what was said before anybody listened is left alone."""
    latest = (
        select(GroupMessage.id)
        .where(GroupMessage.community_id == community_id)
        .order_by(GroupMessage.id.desc())
        .limit(1)
    )
    here = {"heard_to": await session.scalar(latest) or UUID(int=0)}
    fresh = insert(Ear).values(community_id=community_id, **here)
    moved = fresh.on_conflict_do_update(index_elements=[Ear.community_id], set_=here)
    await session.execute(moved)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


async def _count(session: AsyncSession, community_id: UUID, found: Sequence[_Hit]) -> None:
    """Add to the tallies what was heard."""
    heard = Counter(
        (each.watch.id, message.group_id, _hour(message.received_at)) for each, message in found
    )
    if not heard:
        return
    rows = [
        {
            "community_id": community_id,
            "id": new_id(),
            "watch_id": watch_id,
            "group_id": group_id,
            "hour": hour,
            "messages": messages,
        }
        for (watch_id, group_id, hour), messages in heard.items()
    ]
    added = insert(Tally).values(rows)
    await session.execute(
        added.on_conflict_do_update(
            index_elements=["community_id", "watch_id", "group_id", "hour"],
            set_={"messages": Tally.messages + added.excluded.messages},
        )
    )


async def _raise_serious(
    session: AsyncSession,
    listener: _Listener,
    message: _Message,
    group: _Group,
) -> None:
    await _raise(
        session,
        Alert(
            community_id=listener.watch.community_id,
            id=new_id(),
            watch_id=listener.watch.id,
            group_id=group.id,
            place_id=group.place_id,
            once=f"message:{message.id}",
            messages=1,
            usual=None,
            first_at=message.received_at,
            last_at=message.received_at,
        ),
    )


async def _raise(session: AsyncSession, alert: Alert) -> None:
    session.add(alert)
    await session.flush()
    event = AlertRaised(alert_id=alert.id, watch_id=alert.watch_id, group_id=alert.group_id)
    await record(session, event, by=system(alert.community_id))


async def _raise_spikes(
    session: AsyncSession,
    found: Sequence[_Hit],
    places: Mapping[UUID, _Group],
) -> None:
    """Compare each hour that was heard of with what is usual at that time of the day."""
    last: dict[tuple[UUID, UUID, datetime], tuple[_Listener, datetime]] = {}
    for listener, message in found:
        if listener.watch.gravity is Gravity.SPIKE:
            key = (listener.watch.id, message.group_id, _hour(message.received_at))
            last[key] = (listener, message.received_at)
    for (_, group_id, hour), (listener, at) in last.items():
        await _compare(session, listener.watch, places[group_id], hour, at)


async def _compare(
    session: AsyncSession,
    watch: Watch,
    group: _Group,
    hour: datetime,
    at: datetime,
) -> None:
    said = await session.scalar(
        select(Tally.messages).where(*_tallied(watch, group.id), Tally.hour == hour)
    )
    usual = await usually(session, watch, group.id, hour)
    if not said or said < watch.least or said < watch.times * usual:
        return
    goes_on = (
        update(Alert)
        .where(
            Alert.community_id == watch.community_id,
            Alert.watch_id == watch.id,
            Alert.group_id == group.id,
            Alert.state == AlertState.OPEN,
            Alert.last_at > at - _GOES_ON,
        )
        .values(messages=func.greatest(Alert.messages, said), last_at=at)
        .returning(Alert.id)
    )
    known = Alert.community_id == watch.community_id, Alert.watch_id == watch.id
    raised = select(Alert.id).where(
        *known, Alert.group_id == group.id, Alert.once == f"hour:{hour.isoformat()}"
    )
    if await session.scalar(goes_on) is not None or await session.scalar(raised) is not None:
        return
    await _raise(
        session,
        Alert(
            community_id=watch.community_id,
            id=new_id(),
            watch_id=watch.id,
            group_id=group.id,
            place_id=group.place_id,
            once=f"hour:{hour.isoformat()}",
            messages=said,
            usual=usual,
            first_at=hour,
            last_at=at,
        ),
    )


def _tallied(watch: Watch, group_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        Tally.community_id == watch.community_id,
        Tally.watch_id == watch.id,
        Tally.group_id == group_id,
    )


async def usually(session: AsyncSession, watch: Watch, group_id: UUID, hour: datetime) -> float:
    """How many messages in an hour are usual at this time of the day, give or take an hour.

    The mean of three hours a day in the days before, as many as the watch has listened and two
    weeks at most; 0 for a watch of less than a day.
    """
    days = min((hour - watch.created_at) // timedelta(days=1), USUAL_DAYS)
    if hour - watch.created_at < _YOUNG or days < 1:
        return 0.0
    around = [(hour + timedelta(hours=off)).hour for off in (-1, 0, 1)]
    before = select(func.coalesce(func.sum(Tally.messages), 0)).where(
        *_tallied(watch, group_id),
        Tally.hour < hour,
        Tally.hour >= hour - timedelta(days=days),
        extract("hour", func.timezone("UTC", Tally.hour)).in_(around),
    )
    return float(await session.scalar(before) or 0) / (3 * days)
