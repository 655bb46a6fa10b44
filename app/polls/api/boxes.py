"""The endpoints of secret votes on paper, entered by the box."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.polls import boxes
from app.polls.api.held import Held as HeldPoll
from app.polls.models import PaperBox, Poll
from app.polls.paper_schemas import BoxIn, BoxOut
from app.polls.permissions import PAPER
from app.polls.problems import (
    BallotInvalid,
    BoxTooSmall,
    PaperDone,
    PollNotOpen,
    PollStep,
    SamePerson,
)

router = APIRouter(prefix="/api/v1/polls/{poll_id}/boxes", tags=["polls"], route_class=Route)


async def entering(me: Me, poll: HeldPoll) -> Poll:
    """The poll, for who enters papers of all of it."""
    PAPER.demand(me, at=poll.place.path)
    return poll


Entering = Annotated[Poll, Depends(entering)]


async def held(session: Session, poll: Entering, box_id: UUID) -> PaperBox:
    """The box of this id."""
    return await existing(session, boxes.of(poll).where(PaperBox.id == box_id))


Held = Annotated[PaperBox, Depends(held)]


@router.get("", response_model=Page[BoxOut], responses=problems(NotFound, Forbidden))
async def list_boxes(session: Session, poll: Entering, cursor: Asked) -> dict[str, object]:
    """The boxes of a poll, newest first, and how far each has come; not what is in them."""
    return await paged(session, boxes.of(poll), cursor, by=PaperBox.id)


@router.post(
    "",
    status_code=201,
    response_model=BoxOut,
    responses=problems(
        NotFound, Forbidden, Invalid, BallotInvalid, BoxTooSmall, PollNotOpen, PollStep
    ),
)
async def enter_box(session: Session, me: Me, poll: Entering, asked: BoxIn) -> PaperBox:
    """Enter a box as the first of two; nothing counts until another has entered the same.

    A box that was closed before the poll has to be entered and read before it closes.
    """
    return await boxes.enter(session, poll, entries=asked.entries, choices=_counted(asked), by=me)


@router.post(
    "/{box_id}/reading",
    response_model=BoxOut,
    responses=problems(
        *(NotFound, Forbidden, Invalid, BallotInvalid, BoxTooSmall),
        *(PaperDone, PollNotOpen, PollStep, SamePerson),
    ),
)
async def read_box(session: Session, me: Me, poll: Entering, held: Held, asked: BoxIn) -> PaperBox:
    """Enter the same box as the second of two: `counted` when it is the same, else `differs`."""
    counted = _counted(asked)
    return await boxes.read(session, poll, held, entries=asked.entries, choices=counted, by=me)


@router.post(
    "/{box_id}/discarding",
    response_model=BoxOut,
    responses=problems(NotFound, Forbidden, PaperDone, PollStep),
)
async def discard_box(session: Session, me: Me, poll: Entering, held: Held) -> PaperBox:
    """Put a box aside that does not count, so that it may be entered anew."""
    return await boxes.discard(session, poll, held, by=me)


def _counted(asked: BoxIn) -> boxes.Counted:
    return [(each.choice, each.count) for each in asked.choices]
