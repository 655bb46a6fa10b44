"""Sending notices: at once or at their time, taking them back, and putting them right."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.problems import Invalid
from app.notices import drafting, following, knocking, planning, policies
from app.notices.audiences import Audience
from app.notices.events import NoticePublished, NoticeScheduled, NoticeWithdrawn
from app.notices.models import PUBLISHED, Notice, NoticeState
from app.notices.permissions import PUBLISH
from app.notices.problems import NeedsSecondPerson, NobodyToTell, NoticeStep
from app.people.access import Actor

_READY = frozenset({NoticeState.DRAFT, NoticeState.APPROVED, NoticeState.SCHEDULED})
_AHEAD = timedelta(days=366)


async def _demand_ready(session: AsyncSession, notice: Notice) -> None:
    """Refuse what waits for an answer, needs one, or would reach nobody.

    A community that asks for a second person asks for one in an emergency, too: who cannot wait
    for somebody has the rule changed first, on record.
    """
    if notice.state not in _READY:
        raise NoticeStep
    policy = await policies.of(session, notice.community_id)
    if policy.second_person and notice.reviewed_by_id is None:
        raise NeedsSecondPerson
    counted = await planning.count(session, notice)
    if not any(counted.values()):
        raise NobodyToTell


async def publish(session: AsyncSession, notice: Notice, *, by: Actor) -> Notice:
    """Send a notice, and have somebody knock later where it is not read, if that was asked for.

    Raises `NoticeStep`, `NeedsSecondPerson` and `NobodyToTell`.
    """
    PUBLISH.demand(by, at=notice.place.path)
    await _demand_ready(session, notice)
    notice.state, notice.published_at, notice.reason = NoticeState.SENDING, now(), None
    await session.flush()
    await record(session, NoticePublished(notice_id=notice.id), by=by)
    await following.begin(session, notice)
    if notice.knock:
        await knocking.knock_later(session, notice)
    return notice


async def schedule(session: AsyncSession, notice: Notice, *, at: datetime, by: Actor) -> Notice:
    """Send a notice at its time, to the minute; errors as `publish`, `Invalid` for a past one."""
    PUBLISH.demand(by, at=notice.place.path)
    await _demand_ready(session, notice)
    if not now() < at < now() + _AHEAD:
        message = "must be ahead of us, within a year"
        raise Invalid(errors=[{"path": "body.at", "message": message}])
    notice.state, notice.scheduled_at = NoticeState.SCHEDULED, at
    await session.flush()
    await record(session, NoticeScheduled(notice_id=notice.id), by=by)
    return notice


async def withdraw(session: AsyncSession, notice: Notice, *, reason: str, by: Actor) -> Notice:
    """Take a notice back: what has not gone out does not, and feeds show it no more.

    The groups in which it was said are told so.
    """
    PUBLISH.demand(by, at=notice.place.path)
    if notice.state not in PUBLISHED:
        raise NoticeStep
    notice.state, notice.withdrawn_at, notice.reason = NoticeState.WITHDRAWN, now(), reason
    await session.flush()
    await record(session, NoticeWithdrawn(notice_id=notice.id), by=by)
    await planning.cancel(session, notice)
    await following.tell_withdrawn(session, notice)
    return notice


async def correct(
    session: AsyncSession, notice: Notice, *, title: str | None, body: str, by: Actor
) -> Notice:
    """Write what is right, as a draft that goes where the notice went; `NoticeStep` for an unsent.

    What was withdrawn can be put right, too.
    """
    PUBLISH.demand(by, at=notice.place.path)
    if notice.published_at is None:
        raise NoticeStep
    return await drafting.draft(
        session,
        notice.place,
        audience=Audience.model_validate(notice.audience),
        corrects=notice,
        kind=notice.kind,
        title=title or notice.title,
        body=body,
        media_url=notice.media_url,
        channels=list(notice.channels),
        wants_receipt=notice.wants_receipt,
        knock=notice.knock,
        knock_after_hours=notice.knock_after_hours,
        by=by,
    )
