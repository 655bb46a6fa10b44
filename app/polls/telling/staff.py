"""Telling staff what waits for them, and people what was decided about them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import N_, _, speaking
from app.notices import service as notices
from app.people import queries as people
from app.people.access import Permission
from app.people.models import Post
from app.places.models import Place
from app.polls.models import Objection, PaperBallot, PaperBox, Poll
from app.polls.permissions import OBJECTIONS, RUN
from app.polls.telling import wording

ATTENTION, OBJECTION, REFUSED = "poll.attention", "poll.objection", "poll.refused"

_UPHELD = N_("您对名册的异议成立，名册已更改，可以投票了")
_REJECTED = N_("您对名册的异议不成立")


async def holders(session: AsyncSession, poll: Poll, right: Permission) -> Sequence[UUID]:
    """Everybody who has this right at the poll's place."""
    posts = (
        select(Post.person_id)
        .join(Post.place)
        .where(
            Post.community_id == poll.community_id,
            Post.ended_at.is_(None),
            Post.role.in_(right.roles),
            func.starts_with(poll.place.path, Place.path),
        )
        .distinct()
    )
    return (await session.scalars(posts)).all()


async def _tell(  # noqa: PLR0917 - what is told, and of what
    session: AsyncSession,
    poll: Poll,
    person_ids: Iterable[UUID],
    purpose: str,
    sentence: str,
    note: str | None,
    *,
    once: str,
) -> None:
    for person_id in person_ids:
        with speaking(await people.language_of(session, poll.community_id, person_id)):
            lines = [
                (_("投票"), _("{number}号").format(number=poll.number)),
                (_("题目"), wording.line(poll.title)),
            ]
            if note:
                lines.append((_("说明"), wording.line(note, 100)))
            await notices.tell(
                session,
                community_id=poll.community_id,
                person_id=person_id,
                purpose=purpose,
                title=_(sentence),
                lines=lines,
                about=poll.id,
                once=f"{once}:{person_id}",
            )


async def tell_proposed(session: AsyncSession, poll: Poll) -> None:
    """Tell who runs polls there that residents want one."""
    said = N_("居民提议的投票够支持数了，请审核")
    ids = await holders(session, poll, RUN)
    await _tell(session, poll, ids, ATTENTION, said, None, once=f"polls.proposed:{poll.id}")


async def tell_refused(session: AsyncSession, poll: Poll) -> None:
    """Tell whoever proposed it that it will not be held, and why."""
    said = N_("您提议的投票没有通过审核")
    ids = [poll.proposed_by_id] if poll.proposed_by_id else []
    once = f"polls.refused:{poll.id}"
    await _tell(session, poll, ids, REFUSED, said, poll.reason, once=once)


async def tell_objection(session: AsyncSession, poll: Poll, objection: Objection) -> None:
    """Tell who decides on objections that there is one; not about whom."""
    said = N_("有人对投票名册提出异议，请处理")
    ids = await holders(session, poll, OBJECTIONS)
    once = f"polls.objection:{objection.id}"
    await _tell(session, poll, ids, ATTENTION, said, objection.text, once=once)


async def tell_decided(
    session: AsyncSession, poll: Poll, objection: Objection, *, upheld: bool
) -> None:
    """Tell whom an objection is about what was decided, and why."""
    said = _UPHELD if upheld else _REJECTED
    once = f"polls.objection_decided:{objection.id}"
    ids = [objection.person_id]
    await _tell(session, poll, ids, OBJECTION, said, objection.answer, once=once)


async def tell_disputed(session: AsyncSession, poll: Poll, paper: PaperBallot | PaperBox) -> None:
    """Tell both readers of a paper that they read different things; not what."""
    said = N_("一张纸质选票，两人读得不一样，请一起核对")
    ids = {each for each in (paper.entered_by_id, paper.read_by_id) if each}
    once = f"polls.disputed:{paper.id}"
    await _tell(session, poll, ids, ATTENTION, said, None, once=once)
