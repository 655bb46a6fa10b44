"""A second person looks at a notice before it goes out."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.problems import Forbidden
from app.notices.events import NoticeApproved, NoticeReturned, NoticeSubmitted
from app.notices.models import Notice, NoticeState
from app.notices.permissions import REVIEW, WRITE
from app.notices.problems import NeedsSecondPerson, NoticeStep
from app.people.access import Actor

_UNSENT = frozenset({NoticeState.SUBMITTED, NoticeState.APPROVED, NoticeState.SCHEDULED})


async def submit(session: AsyncSession, notice: Notice, *, by: Actor) -> Notice:
    """Ask a second person to agree."""
    WRITE.demand(by, at=notice.place.path)
    if notice.state is not NoticeState.DRAFT:
        raise NoticeStep
    notice.state, notice.reason = NoticeState.SUBMITTED, None
    await session.flush()
    await record(session, NoticeSubmitted(notice_id=notice.id), by=by)
    return notice


async def approve(session: AsyncSession, notice: Notice, *, by: Actor) -> Notice:
    """Agree to a notice that somebody else wrote; a program is nobody's second person."""
    REVIEW.demand(by, at=notice.place.path)
    if notice.state is not NoticeState.SUBMITTED:
        raise NoticeStep
    if by.kind != "person" or by.id == notice.author_id:
        raise NeedsSecondPerson
    notice.state, notice.reviewed_by_id = NoticeState.APPROVED, by.id
    await session.flush()
    await record(session, NoticeApproved(notice_id=notice.id), by=by)
    return notice


async def send_back(session: AsyncSession, notice: Notice, *, reason: str, by: Actor) -> Notice:
    """Let a notice that has not gone out be a draft again; its author may take it back as well.

    Whoever agreed to it has agreed to nothing then, and its time is forgotten.
    """
    own = by.kind == "person" and by.id == notice.author_id
    if not REVIEW.allows(by, at=notice.place.path) and not own:
        raise Forbidden(REVIEW.name)
    if notice.state not in _UNSENT:
        raise NoticeStep
    notice.state, notice.reason = NoticeState.DRAFT, reason
    notice.reviewed_by_id = notice.scheduled_at = None
    await session.flush()
    await record(session, NoticeReturned(notice_id=notice.id), by=by)
    return notice
