"""Results that should have been published by now: recorded once, and told to who runs polls."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact, record
from app.core.i18n import _
from app.notices import service as notices
from app.people.access import system
from app.people.models import Post
from app.places.models import Place
from app.polls.events import PollOverdue
from app.polls.models import Poll
from app.polls.permissions import RUN

PURPOSE = "polls.overdue"


def warned() -> ColumnElement[bool]:
    """The condition on `Poll` that it was said already."""
    said = select(Fact.id).where(
        Fact.community_id == Poll.community_id,
        Fact.subject_id == Poll.id,
        Fact.kind == PollOverdue.kind,
    )
    return said.correlate(Poll).exists()


async def warn(session: AsyncSession, poll: Poll) -> None:
    """Record that the result is overdue, and tell everybody who may publish it."""
    await record(session, PollOverdue(poll_id=poll.id), by=system(poll.community_id))
    runs = (
        select(Post.person_id)
        .join(Post.place)
        .where(
            Post.community_id == poll.community_id,
            Post.ended_at.is_(None),
            Post.role.in_(RUN.roles),
            func.starts_with(poll.place.path, Place.path),
        )
        .distinct()
    )
    for person_id in (await session.scalars(runs.order_by(Post.person_id))).all():
        await notices.tell(
            session,
            community_id=poll.community_id,
            person_id=person_id,
            purpose=PURPOSE,
            title=_("表决结果逾期未公布"),
            lines=[(_("事项"), poll.title), (_("编号"), str(poll.number))],
            about=poll.id,
            once=f"{PURPOSE}:{poll.id}:{person_id}",
        )
