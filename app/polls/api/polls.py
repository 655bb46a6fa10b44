"""Polls: writing, reading, changing and copying them, and the files that go with them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel

from app.core.files import TooManyPixels
from app.core.files.documents import DocumentUnsafe, NotADocument, download
from app.core.files.uploads import received
from app.core.pages import Page, paged
from app.core.problems import (
    Changed,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    Unavailable,
    problems,
)
from app.core.web import Route, Session, etag
from app.people.access import Me
from app.polls import queries
from app.polls.api.held import Held, HeldAlone, shown, shown_all, the_place
from app.polls.models import Poll, PollFile
from app.polls.problems import FileInUse, PollLocked, TooManyPollFiles
from app.polls.schemas import PollChange, PollFileOut, PollFilters, PollIn, PollOut
from app.polls.service import drafting, files

router = APIRouter(prefix="/api/v1/polls", tags=["polls"], route_class=Route)

_JSON = ("form", "electorate", "rules")


def _columns(asked: BaseModel, *, unset: bool) -> dict[str, Any]:
    """What was asked for, by column: what is kept as JSON as that."""
    columns = asked.model_dump(exclude_unset=not unset, exclude={"place_id", *_JSON})
    named = _JSON if unset else asked.model_fields_set & set(_JSON)
    return columns | {name: getattr(asked, name).model_dump(mode="json") for name in named}


@router.get("", response_model=Page[PollOut])
async def list_polls(
    session: Session, me: Me, asked: Annotated[PollFilters, Query()]
) -> dict[str, object]:
    """The polls you may see, the latest first: staff those of their places in every state."""
    rows = queries.visible_to(me)
    for column, wanted in ((Poll.kind, asked.kind), (Poll.state, asked.state)):
        rows = rows.where(column == wanted) if wanted else rows
    if asked.topic_id:
        rows = rows.where(Poll.topic_id == asked.topic_id)
    if asked.title:
        rows = rows.where(Poll.title.contains(asked.title, autoescape=True))
    page = await paged(session, rows, asked, by=Poll.id)
    return page | {"items": await shown_all(session, page["items"], me)}  # type: ignore[arg-type]


@router.post("", status_code=201, responses=problems(Forbidden, Invalid))
async def write_poll(session: Session, me: Me, asked: PollIn, response: Response) -> PollOut:
    """Write a poll: a draft of who runs polls there, a proposal of who is known to live there."""
    place = await the_place(session, me, asked.place_id)
    poll = await drafting.draft(session, place, **_columns(asked, unset=True), by=me)
    return await shown(session, poll, me, response)


@router.get("/{poll_id}", responses=problems(NotFound))
async def read_poll(session: Session, me: Me, poll: Held, response: Response) -> PollOut:
    """A poll: what it asks, of whom, by what rules, and how far it has come."""
    return await shown(session, poll, me, response)


@router.patch("/{poll_id}", responses=problems(NotFound, Forbidden, PollLocked, Changed, Invalid))
async def change_poll(
    session: Session, me: Me, poll: HeldAlone, asked: PollChange, response: Response
) -> PollOut:
    """Let a poll ask something else; `If-Match` guards against lost changes.

    Nothing of it changes once it is announced or open.
    """
    place = await the_place(session, me, asked.place_id) if asked.place_id else None
    columns = _columns(asked, unset=False)
    await drafting.change(session, poll, columns, place=place, by=me)
    return await shown(session, poll, me, response)


@router.post("/{poll_id}/copies", status_code=201, responses=problems(NotFound, Forbidden))
async def copy_poll(session: Session, me: Me, poll: Held, response: Response) -> PollOut:
    """Write a draft that asks the same, with its files and without its times."""
    return await shown(session, await drafting.copy(session, poll, by=me), me, response)


@router.post(
    "/{poll_id}/files",
    status_code=201,
    response_model=PollFileOut,
    responses=problems(
        *(NotFound, Forbidden, PollLocked, TooManyPollFiles, Changed, TooLarge),
        *(NotADocument, DocumentUnsafe, TooManyPixels, Unavailable),
    ),
)
async def add_poll_file(
    session: Session, me: Me, poll: HeldAlone, *, file: UploadFile, response: Response
) -> PollFile:
    """Put a picture for an option or a document with a poll: of at most 10 MB."""
    async with received(file) as data:
        attached = await files.attach(session, poll, data, file.filename, by=me)
    response.headers["ETag"] = etag(poll.version)
    return attached


@router.get(
    "/{poll_id}/files/{poll_file_id}", response_class=FileResponse, responses=problems(NotFound)
)
async def read_poll_file(session: Session, poll: Held, poll_file_id: UUID) -> FileResponse:
    """A picture or a document of a poll, to be saved."""
    found = await queries.file_of(session, poll, poll_file_id)
    if found is None:
        raise NotFound
    return download(*found)


@router.delete(
    "/{poll_id}/files/{poll_file_id}",
    status_code=204,
    responses=problems(NotFound, Forbidden, PollLocked, FileInUse, Changed),
)
async def remove_poll_file(session: Session, me: Me, poll: HeldAlone, poll_file_id: UUID) -> None:
    """Take a file from a poll that is written still."""
    await files.detach(session, poll, poll_file_id, by=me)
