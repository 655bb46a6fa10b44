"""Having somebody knock at the homes that a notice has not reached, once at each."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.ids import new_id
from app.core.jobs import defer, job
from app.core.problems import NotFound
from app.notices import policies, queries, quiet, reach
from app.notices.events import KnockAsked
from app.notices.models import PUBLISHED, Knock, Notice, NoticeKind
from app.people.access import system
from app.places.models import Place

_AT_ONCE = 200


async def knock_later(session: AsyncSession, notice: Notice) -> None:
    """Promise to look, some hours after people could be told, at which homes one must knock."""
    policy = await policies.of(session, notice.community_id)
    told = now()
    if notice.kind is not NoticeKind.EMERGENCY:
        told = quiet.opens_at(policy, told)
    after = timedelta(hours=notice.knock_after_hours or policy.knock_after_hours)
    await _promise(session, notice, at=quiet.opens_at(policy, told + after))


async def _promise(session: AsyncSession, notice: Notice, *, at: datetime | None) -> None:
    named = {"community_id": str(notice.community_id), "notice_id": str(notice.id)}
    await defer(session, ask_to_knock, at=at, **named)


@job("notices.ask_to_knock")
async def ask_to_knock(session: AsyncSession, *, community_id: str, notice_id: str) -> None:
    """Ask that somebody knock at each home that is not reached yet, some hundreds at a time."""
    notice = await queries.whole(session, UUID(community_id), UUID(notice_id))
    if notice is None or notice.state not in PUBLISHED:
        return
    left = reach.unreached(notice).where(
        ~exists().where(
            Knock.community_id == Place.community_id,
            Knock.notice_id == notice.id,
            Knock.home_id == Place.id,
        )
    )
    some = left.with_only_columns(Place.id).order_by(Place.path).limit(_AT_ONCE)
    home_ids = (await session.scalars(some)).all()
    for home_id in home_ids:
        await ask(session, notice, home_id)
    if len(home_ids) == _AT_ONCE:
        await _promise(session, notice, at=None)


async def ask(session: AsyncSession, notice: Notice, home_id: UUID) -> None:
    """Ask that somebody knock at this home; the second time it is asked already."""
    knock_id = new_id()
    made = insert(Knock).values(
        community_id=notice.community_id, id=knock_id, notice_id=notice.id, home_id=home_id
    )
    fresh = made.on_conflict_do_nothing().returning(Knock.id)
    if await session.scalar(fresh) is None:
        return
    event = KnockAsked(notice_id=notice.id, knock_id=knock_id, home_id=home_id)
    await record(session, event, by=system(notice.community_id))


async def waiting(session: AsyncSession, community_id: UUID, knock_id: UUID) -> Knock:
    """A knock, this transaction's alone; `NotFound` for none."""
    knock = await session.get(Knock, (community_id, knock_id), with_for_update=True)
    if knock is None:
        raise NotFound
    return knock
