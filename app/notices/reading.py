"""Who has read a notice and studied a lesson."""

from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.notices.events import LessonStudied, NoticeRead
from app.notices.links import Link
from app.notices.models import PUBLISHED, Delivery, Notice, NoticeKind, Reading, State
from app.notices.permissions import REACH
from app.notices.problems import NotALesson, NoticeStep
from app.people.access import Actor
from app.people.models import Person, Residence
from app.people.queries import LIVING

LINK, WORD, DESK = "link", "word", "desk"
"""How we know that somebody has read."""


async def reader_of(session: AsyncSession, link: Link) -> UUID | None:
    """Whose link it is, by the entry of the register that they are now."""
    if link.person_id is None:
        return None
    person = await session.get(Person, (link.community_id, link.person_id))
    return (person.merged_into_id or person.id) if person else None


async def read(
    session: AsyncSession, notice: Notice, person_id: UUID, *, way: str, by: Actor
) -> None:
    """Note that somebody has read a notice; only the first time counts."""
    if notice.state not in PUBLISHED:
        raise NoticeStep
    made = (
        insert(Reading)
        .values(
            community_id=notice.community_id,
            id=new_id(),
            notice_id=notice.id,
            person_id=person_id,
            way=way,
        )
        .on_conflict_do_nothing()
    )
    if await session.scalar(made.returning(Reading.id)) is None:
        return
    theirs = update(Delivery).where(
        Delivery.community_id == notice.community_id,
        Delivery.notice_id == notice.id,
        Delivery.person_id == person_id,
        Delivery.read_at.is_(None),
    )
    await session.execute(theirs.values(read_at=now()))
    await record(session, NoticeRead(notice_id=notice.id, person_id=person_id), by=by)


async def study(
    session: AsyncSession, notice: Notice, person_id: UUID, *, way: str, by: Actor
) -> None:
    """Note that somebody has gone through a lesson; `NotALesson` for anything else."""
    if notice.kind is not NoticeKind.LESSON:
        raise NotALesson
    await read(session, notice, person_id, way=way, by=by)
    studied = (
        update(Reading)
        .where(
            Reading.community_id == notice.community_id,
            Reading.notice_id == notice.id,
            Reading.person_id == person_id,
            Reading.studied_at.is_(None),
        )
        .values(studied_at=now())
    )
    if await session.scalar(studied.returning(Reading.id)) is not None:
        await record(session, LessonStudied(notice_id=notice.id, person_id=person_id), by=by)


async def has_studied(session: AsyncSession, notice: Notice, person_id: UUID) -> bool:
    """Whether somebody has said that they have gone through a lesson."""
    studied = select(Reading.id).where(
        Reading.community_id == notice.community_id,
        Reading.notice_id == notice.id,
        Reading.person_id == person_id,
        Reading.studied_at.is_not(None),
    )
    return await session.scalar(studied) is not None


def readings(notice: Notice, me: Actor) -> Select[Reading]:
    """Who has read a notice, with the people; those of the caller's places."""
    found = select(Reading).where(
        Reading.community_id == notice.community_id, Reading.notice_id == notice.id
    )
    if not REACH.allows(me, at=notice.place.path):
        lives = (
            select(Residence.id)
            .join(Residence.home)
            .where(
                Residence.community_id == Reading.community_id,
                Residence.person_id == Reading.person_id,
                Residence.standing.in_(LIVING),
                REACH.places(me),
            )
        )
        found = found.where(lives.exists())
    return found


async def counted(session: AsyncSession, rows: Select[Reading]) -> dict[str, int]:
    """How many of these have read, and how many have studied."""
    chosen = rows.subquery()
    both = select(func.count(), func.count(chosen.c.studied_at)).select_from(chosen)
    read_, studied = (await session.execute(both)).one()
    return {"read": read_, "studied": studied}


async def last_sent_to(session: AsyncSession, community_id: UUID, person_id: UUID) -> Notice | None:
    """The notice that was sent to somebody last and still holds, if any."""
    newest = (
        select(Notice)
        .join(
            Delivery,
            (Delivery.community_id == Notice.community_id) & (Delivery.notice_id == Notice.id),
        )
        .where(
            Delivery.community_id == community_id,
            Delivery.person_id == person_id,
            Delivery.state == State.SENT,
            Notice.state.in_(PUBLISHED),
        )
        .order_by(Delivery.sent_at.desc(), Delivery.id.desc())
        .limit(1)
    )
    return await session.scalar(newest)
