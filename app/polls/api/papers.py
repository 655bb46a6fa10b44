"""The endpoints of votes on paper: one by one where they are recorded, by the box in secret."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse

from app.core.database import existing
from app.core.files import File, respond
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.polls import paper
from app.polls.api.held import Held as HeldPoll
from app.polls.entries import of_home, on_roll
from app.polls.models import PaperBallot, Poll
from app.polls.paper_schemas import PaperIn, PaperOut, ReadingIn
from app.polls.permissions import PAPER
from app.polls.problems import (
    BallotInvalid,
    HasVoted,
    PaperDone,
    PaperExists,
    PollNotOpen,
    PollStep,
    SamePerson,
)

router = APIRouter(prefix="/api/v1/polls/{poll_id}/papers", tags=["polls"], route_class=Route)


async def entering(me: Me, poll: HeldPoll) -> Poll:
    """The poll, for who enters papers somewhere."""
    PAPER.demand_somewhere(me)
    return poll


Entering = Annotated[Poll, Depends(entering)]


async def held(session: Session, me: Me, poll: Entering, paper_id: UUID) -> PaperBallot:
    """The paper of this id, if the caller may see it."""
    found = paper.visible_to(me, poll).where(PaperBallot.id == paper_id)
    return await existing(session, found)


Held = Annotated[PaperBallot, Depends(held)]


@router.get("", response_model=Page[PaperOut], responses=problems(NotFound, Forbidden))
async def list_papers(session: Session, me: Me, poll: Entering, cursor: Asked) -> dict[str, object]:
    """The papers of a poll, newest first, and how far each has come; not what they say."""
    return await paged(session, paper.visible_to(me, poll), cursor, by=PaperBallot.id)


@router.post(
    "",
    status_code=201,
    response_model=PaperOut,
    responses=problems(
        NotFound, Forbidden, Invalid, BallotInvalid, HasVoted, PaperExists, PollNotOpen, PollStep
    ),
)
async def enter_paper(session: Session, me: Me, poll: Entering, asked: PaperIn) -> PaperBallot:
    """Enter a paper as the first of two; it does not count until another has read the same.

    A paper that was handed in before the close has to be entered and read before the close.
    """
    if asked.home_id:
        entry = await of_home(session, poll, asked.home_id)
    else:
        (entry,) = await on_roll(session, poll, [asked.code or ""], path="body.code")
    given = asked.model_dump(exclude={"code", "home_id"})
    return await paper.enter(session, poll, entry, **given, by=me)


@router.post(
    "/{paper_id}/reading",
    response_model=PaperOut,
    responses=problems(
        *(NotFound, Forbidden, BallotInvalid, HasVoted, PaperDone),
        *(PollNotOpen, PollStep, SamePerson),
    ),
)
async def read_paper(
    session: Session, me: Me, poll: Entering, held: Held, asked: ReadingIn
) -> PaperBallot:
    """Read a paper as the second of two: `counted` when you read the same, else `differs`."""
    return await paper.read(session, poll, held, choice=asked.choice, by=me)


@router.post(
    "/{paper_id}/discarding",
    response_model=PaperOut,
    responses=problems(NotFound, Forbidden, PaperDone),
)
async def discard_paper(session: Session, me: Me, poll: Entering, held: Held) -> PaperBallot:
    """Put a paper aside that does not count, so that it may be entered anew."""
    return await paper.discard(session, poll, held, by=me)


@router.get(
    "/{paper_id}/photo", response_class=FileResponse, responses=problems(NotFound, Forbidden)
)
async def read_photo(session: Session, held: Held) -> FileResponse:
    """The photo of a paper, for the second of two to read."""
    if held.file_id is None:
        raise NotFound
    return respond(await session.get_one(File, (held.community_id, held.file_id)))
