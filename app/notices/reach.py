"""Which homes a notice has reached, and which not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.notices.audiences import Audience, groups_of, inside, people_of
from app.notices.models import Delivery, Knock, Notice, Reading, State
from app.people.models import Residence, Role
from app.people.queries import LIVING
from app.places.models import Kind, Place


@dataclass(frozen=True, slots=True)
class Unreached:
    """A home of the audience where nobody was told, or nobody has read."""

    id: UUID
    name: str
    path: str
    residents: int
    asked_at: datetime | None
    request_id: UUID | None


def _living_there() -> Select[UUID]:
    return select(Residence.id).where(
        Residence.community_id == Place.community_id,
        Residence.home_id == Place.id,
        Residence.standing.in_(LIVING),
    )


def homes(notice: Notice) -> Select[Place]:
    """The homes of the audience: all in its places, or those where somebody of it lives.

    None where nobody is told in person.
    """
    audience = Audience.model_validate(notice.audience)
    found = select(Place).where(
        Place.community_id == notice.community_id,
        Place.kind == Kind.HOME,
        inside(notice, audience),
    )
    if not audience.means_people:
        return found.where(Place.id.is_(None))
    everybody = not audience.roles or Role.RESIDENT in audience.roles
    if everybody and not audience.tags and not audience.followers:
        return found
    theirs = _living_there().where(Residence.person_id.in_(people_of(notice, audience)))
    return found.where(theirs.exists())


def _told(notice: Notice) -> ColumnElement[bool]:
    """Whether somebody who lives at the `Place` was told, or has read where that is asked for."""
    those: Select[Any]
    if notice.wants_receipt:
        those = select(Reading.person_id).where(
            Reading.community_id == notice.community_id, Reading.notice_id == notice.id
        )
    else:
        those = select(Delivery.person_id).where(
            Delivery.community_id == notice.community_id,
            Delivery.notice_id == notice.id,
            Delivery.person_id.is_not(None),
            Delivery.state == State.SENT,
        )
    return _living_there().where(Residence.person_id.in_(those)).exists()


def unreached(notice: Notice) -> Select[Place]:
    """The homes of the audience of which nobody was told; or, with a receipt, nobody has read."""
    return homes(notice).where(~_told(notice))


async def described(
    session: AsyncSession, notice: Notice, found: Sequence[Place]
) -> list[Unreached]:
    """These homes with how many people are known to live there, and whether one is to knock."""
    ids = [home.id for home in found]
    living = select(Residence.home_id, func.count()).where(
        Residence.community_id == notice.community_id,
        Residence.home_id.in_(ids),
        Residence.standing.in_(LIVING),
    )
    rows = await session.execute(living.group_by(Residence.home_id))
    people: dict[UUID, int] = {row[0]: row[1] for row in rows}
    asked = select(Knock).where(
        Knock.community_id == notice.community_id,
        Knock.notice_id == notice.id,
        Knock.home_id.in_(ids),
    )
    knocks = {knock.home_id: knock for knock in await session.scalars(asked)}
    return [
        Unreached(
            id=home.id,
            name=home.name,
            path=home.path,
            residents=people.get(home.id, 0),
            asked_at=knocks[home.id].created_at if home.id in knocks else None,
            request_id=knocks[home.id].request_id if home.id in knocks else None,
        )
        for home in found
    ]


async def counted(session: AsyncSession, notice: Notice) -> dict[str, int]:
    """How many people, homes and groups the audience of a notice is."""
    audience = Audience.model_validate(notice.audience)
    whole = {
        "people": people_of(notice, audience),
        "homes": homes(notice).with_only_columns(Place.id),
        "groups": groups_of(notice, audience),
    }
    counts = [
        select(func.count()).select_from(rows.subquery()).scalar_subquery().label(name)
        for name, rows in whole.items()
    ]
    return dict((await session.execute(select(*counts))).mappings().one())
