"""Pictures of options, and documents to read before one votes."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.files import File
from app.core.files.documents import store_either
from app.core.ids import new_id
from app.core.problems import NotFound
from app.people.access import Actor
from app.polls.events import PollChanged
from app.polls.forms import Form
from app.polls.models import Poll, PollFile
from app.polls.permissions import RUN
from app.polls.problems import FileInUse, TooManyPollFiles
from app.polls.service.drafting import demand_editable
from app.polls.service.soundness import pictures_of

MOST_FILES = 40


async def attach(
    session: AsyncSession, poll: Poll, data: bytes, name: str | None, *, by: Actor
) -> PollFile:
    """Put a picture or a document with a poll that is written still; its bytes say which.

    Raises `TooLarge` (413), `NotADocument`, `DocumentUnsafe`, `TooManyPixels` (422), `PollLocked`
    and `TooManyPollFiles` (409).
    """
    RUN.demand(by, at=poll.place.path)
    demand_editable(poll)
    if len(await _files(session, poll)) >= MOST_FILES:
        raise TooManyPollFiles
    file, called = await store_either(session, data, name or "", community_id=by.community_id)
    attached = PollFile(
        community_id=poll.community_id,
        id=new_id(),
        poll_id=poll.id,
        file_id=file.id,
        name=called,
    )
    session.add(attached)
    await session.flush()
    await record(session, PollChanged(poll_id=poll.id, changed=["files"]), by=by)
    return attached


async def _files(session: AsyncSession, poll: Poll) -> set[UUID]:
    files = select(PollFile.file_id).where(
        PollFile.community_id == poll.community_id, PollFile.poll_id == poll.id
    )
    return set(await session.scalars(files))


async def detach(session: AsyncSession, poll: Poll, file_id: UUID, *, by: Actor) -> None:
    """Take a file from a poll, and forget it unless a copy of the poll has it, too.

    Raises `PollLocked`, and `FileInUse` for the picture of an option.
    """
    RUN.demand(by, at=poll.place.path)
    demand_editable(poll)
    if file_id not in await _files(session, poll):
        raise NotFound
    if any(file_id == each for _, each in pictures_of(Form.model_validate(poll.form))):
        raise FileInUse
    held = PollFile.community_id == poll.community_id, PollFile.file_id == file_id
    await session.execute(delete(PollFile).where(*held, PollFile.poll_id == poll.id))
    if not await session.scalar(select(func.count()).select_from(PollFile).where(*held)):
        gone = delete(File).where(File.community_id == poll.community_id, File.id == file_id)
        await session.execute(gone)
    await record(session, PollChanged(poll_id=poll.id, changed=["files"]), by=by)
