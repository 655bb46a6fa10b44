"""What stands of a poll for everybody: its files, its chain, and the result once it is out."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.core.files import File
from app.notices.markdown import rendered
from app.people.access import Actor
from app.polls import chain, counting
from app.polls.forms import Form
from app.polls.models import OVER, Link, Poll, PollFile, PollState
from app.polls.problems import ResultsNotYet
from app.web.site.reading import Attached

_SHOWN = (PollState.ANNOUNCED, PollState.OPEN, *OVER)


def public_in(community_id: UUID) -> Select[Poll]:
    """The polls that stand on a community's site; a cancelled one, if it was announced."""
    told = or_(Poll.announced_at.is_not(None), Poll.opened_at.is_not(None))
    return (
        select(Poll)
        .options(joinedload(Poll.place, innerjoin=True))
        .where(
            Poll.community_id == community_id,
            Poll.public,
            or_(Poll.state.in_(_SHOWN), (Poll.state == PollState.CANCELLED) & told),
        )
    )


def everybody(community_id: UUID) -> Actor:
    """Who reads the site without saying who they are."""
    return Actor(community_id, "client", None)


async def result_of(session: AsyncSession, poll: Poll, *, by: Actor) -> dict[str, Any] | None:
    """The result, or the counts so far where those are shown; None where neither is."""
    try:
        return (await counting.shown(session, poll, by=by)).result
    except ResultsNotYet:
        return None


async def links_of(session: AsyncSession, poll: Poll) -> list[Link]:
    """The chain of a poll, from its opening."""
    return list(await session.scalars(chain.links_of(poll.community_id, poll.id)))


async def files_of(session: AsyncSession, poll: Poll, where: str) -> dict[UUID, Attached]:
    """The pictures and documents of a poll, each fetched from below this address."""
    files = (
        select(PollFile.file_id, PollFile.name, File.media_type)
        .join(File, (File.community_id == PollFile.community_id) & (File.id == PollFile.file_id))
        .where(PollFile.community_id == poll.community_id, PollFile.poll_id == poll.id)
        .order_by(PollFile.id)
    )
    return {
        row[0]: Attached(url=f"{where}/files/{row[0]}", name=row[1], media_type=row[2])
        for row in await session.execute(files)
    }


async def described(session: AsyncSession, poll: Poll, form: Form, where: str) -> dict[str, Any]:
    """The poll's own words for a page, with its documents and pictures; those of options apart."""
    files = await files_of(session, poll, where)
    pictured = {option.file_id for question in form.questions for option in question.options}
    beside = [file for key, file in files.items() if key not in pictured]
    return {
        "body": rendered(poll.body) if poll.body else "",
        "photos": [file for file in beside if file.is_photo],
        "documents": [file for file in beside if not file.is_photo],
        "pictures": {key: file.path for key, file in files.items()},
    }
