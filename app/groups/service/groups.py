"""Opening a group or proposing one, deciding about it, changing and closing it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.core.facts import record
from app.core.ids import new_id
from app.core.limits import take
from app.core.problems import Forbidden, Invalid
from app.groups.events import (
    GroupChanged,
    GroupClosed,
    GroupOpened,
    GroupProposed,
    GroupRefused,
)
from app.groups.models import Bot, Group, GroupMember, GroupState, Title
from app.groups.permissions import MANAGE, PROPOSE
from app.groups.problems import GroupDecided, GroupNotOpen
from app.groups.service.bots import known_platform
from app.groups.service.members import owned_by, title
from app.people.access import Actor
from app.people.models import Person
from app.places.models import Place

_DAY = 86_400.0
_PER_DAY = 5
"""Groups that a resident may propose."""
_TO_PROPOSE = frozenset({"kind", "name", "purpose", "platform"})


async def add(
    session: AsyncSession,
    *,
    place: Place,
    columns: Mapping[str, Any],
    owner: Person | None = None,
    bot: Bot | None = None,
    by: Actor,
) -> Group:
    """Open a group with an owner, for who manages the place; propose one, for anybody else.

    `columns` are those of `Group`: kind, name and platform at least. Who proposes says no more
    than that and what it is for, or is refused with `Forbidden`. Raises `UnknownPlatform`,
    `GroupKnown`, `Invalid` for an owner or a bot that do not go with it, and `TooManyRequests` for
    a resident's sixth proposal in a day.
    """
    PROPOSE.demand(by, at=place.path)
    manages = MANAGE.allows(by, at=place.path)
    if not manages and (owner or bot or columns.keys() - _TO_PROPOSE):
        raise Forbidden(MANAGE.name)
    if not by.is_staff:
        await take(session, f"groups proposed by {by.id}", burst=_PER_DAY, per_seconds=_DAY)
    group = Group(
        community_id=place.community_id,
        id=new_id(),
        place_id=place.id,
        state=GroupState.PROPOSED,
        proposed_by_id=by.id if by.kind == "person" and not manages else None,
        **columns,
    )
    set_committed_value(group, "place", place)
    _heard_by(group, bot)
    if manages:
        return await _open(session, group, await _owner(session, owner, by), by=by)
    session.add(group)
    await session.flush()
    await record(session, GroupProposed(group_id=group.id), by=by)
    return group


async def approve(
    session: AsyncSession,
    group: Group,
    columns: Mapping[str, Any],
    *,
    owner: Person | None = None,
    bot: Bot | None = None,
    by: Actor,
) -> Group:
    """Open a proposed group; who proposed it owns it, unless somebody else is named."""
    MANAGE.demand(by, at=group.place.path)
    if group.state is not GroupState.PROPOSED:
        raise GroupDecided
    for name, value in columns.items():
        setattr(group, name, value)
    if bot:
        _heard_by(group, bot)
    known_platform(group.platform)
    if owner is None and group.proposed_by_id:
        owner = await session.get(Person, (group.community_id, group.proposed_by_id))
    return await _open(session, group, await _owner(session, owner, by), by=by)


async def refuse(session: AsyncSession, group: Group, *, reason: str, by: Actor) -> Group:
    """Let a proposed group not be; its proposer reads why."""
    MANAGE.demand(by, at=group.place.path)
    if group.state is not GroupState.PROPOSED:
        raise GroupDecided
    group.state, group.reason, group.decided_by_id = GroupState.REFUSED, reason, by.id
    await session.flush()
    await record(session, GroupRefused(group_id=group.id), by=by)
    return group


async def change(
    session: AsyncSession,
    group: Group,
    columns: Mapping[str, Any],
    *,
    place: Place | None = None,
    owner: Person | None = None,
    bot: Bot | None = None,
    by: Actor,
) -> Group:
    """Describe an open group otherwise, let another bot hear it, or somebody else answer for it.

    `bot_id: None` in the columns takes its bot away. Raises `GroupNotOpen`.
    """
    MANAGE.demand(by, at=group.place.path)
    if place:
        MANAGE.demand(by, at=place.path)
        columns = {**columns, "place_id": place.id}
    if group.state is not GroupState.OPEN:
        raise GroupNotOpen
    if owner:
        columns = {**columns, "owner_id": owner.id}
    if bot:
        columns = {**columns, "bot_id": bot.id}
    was = {name: getattr(group, name) for name in columns}
    changed = sorted(name for name, value in columns.items() if value != was[name])
    for name in changed:
        setattr(group, name, columns[name])
    await _check(session, group, bot)
    if changed:
        await session.flush()
        await _follow(session, group, changed, place=place, owner=owner, by=by)
        event = GroupChanged(
            group_id=group.id,
            changed=changed,
            owner_was=was["owner_id"] if "owner_id" in changed else None,
            owner_now=group.owner_id if "owner_id" in changed else None,
        )
        await record(session, event, by=by)
    return group


async def close(session: AsyncSession, group: Group, *, reason: str, by: Actor) -> Group:
    """Let an open group be one of the community's no more; what was said stays its time."""
    MANAGE.demand(by, at=group.place.path)
    if group.state is not GroupState.OPEN:
        raise GroupNotOpen
    group.state, group.reason = GroupState.CLOSED, reason
    await session.flush()
    await record(session, GroupClosed(group_id=group.id), by=by)
    return group


async def _open(session: AsyncSession, group: Group, owner: Person, *, by: Actor) -> Group:
    group.state, group.owner_id, group.decided_by_id = GroupState.OPEN, owner.id, by.id
    session.add(group)
    await session.flush()
    await record(session, GroupOpened(group_id=group.id, owner_id=owner.id), by=by)
    await owned_by(session, group, owner, by=by)
    return group


async def _owner(session: AsyncSession, owner: Person | None, by: Actor) -> Person:
    """Who answers for a group: who was named, or who opens it."""
    if owner is None and by.kind == "person":
        owner = await session.get(Person, (by.community_id, by.id))
    if owner is None:
        message = "say who answers for the group"
        raise Invalid(errors=[{"path": "body.owner_id", "message": message}])
    return owner


def _heard_by(group: Group, bot: Bot | None) -> None:
    known_platform(group.platform)
    group.bot_id = bot.id if bot else None
    _check_bot(group, bot)


async def _check(session: AsyncSession, group: Group, bot: Bot | None) -> None:
    known_platform(group.platform)
    if bot is None and group.bot_id:
        bot = await session.get(Bot, (group.community_id, group.bot_id))
    _check_bot(group, bot)


def _check_bot(group: Group, bot: Bot | None) -> None:
    wrong = {}
    if bot and bot.platform != group.platform:
        wrong["bot_id"] = "is on another platform than the group"
    if (bot is None) is not (group.external_id is None):
        wrong["external_id"] = "a bot hears a group by its external_id: give both, or neither"
    if wrong:
        errors = [{"path": f"body.{name}", "message": text} for name, text in wrong.items()]
        raise Invalid(errors=errors)


async def _follow(
    session: AsyncSession,
    group: Group,
    changed: list[str],
    *,
    place: Place | None,
    owner: Person | None,
    by: Actor,
) -> None:
    """What a change of a group means for who is what in it."""
    if place:
        set_committed_value(group, "place", place)
    if owner and "owner_id" in changed:
        await owned_by(session, group, owner, by=by)
    if "organization_id" in changed:
        company = select(GroupMember).where(
            GroupMember.community_id == group.community_id,
            GroupMember.group_id == group.id,
            GroupMember.title == Title.COMPANY,
        )
        await title(session, await session.scalars(company), Title.MEMBER, by=by)
