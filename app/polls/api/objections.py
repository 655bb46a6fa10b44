"""Objections against the roll of a poll, and what is decided about them."""

from uuid import UUID

from fastapi import APIRouter

from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.polls import queries
from app.polls.api.held import Held
from app.polls.models import Objection
from app.polls.problems import (
    EntryExists,
    EntryStruck,
    HasVoted,
    ObjectionDecided,
    ObjectionPending,
    PollNotOpen,
)
from app.polls.roll_schemas import DecisionIn, ObjectionIn, ObjectionOut
from app.polls.service import objections

router = APIRouter(prefix="/api/v1/polls/{poll_id}/objections", tags=["polls"], route_class=Route)


@router.get("", response_model=Page[ObjectionOut], responses=problems(NotFound))
async def list_objections(session: Session, me: Me, poll: Held, cursor: Asked) -> dict[str, object]:
    """The objections to the roll: all of them for who keeps it, for others those about them."""
    rows = queries.objections_visible_to(me).where(Objection.poll_id == poll.id)
    return await paged(session, rows, cursor, by=Objection.id)


@router.post(
    "",
    status_code=201,
    response_model=ObjectionOut,
    responses=problems(NotFound, Forbidden, PollNotOpen, ObjectionPending, Invalid),
)
async def raise_objection(session: Session, me: Me, poll: Held, asked: ObjectionIn) -> Objection:
    """Object to the roll while the poll is open: that you are missing, or an area is wrong."""
    person_id = asked.person_id or (me.id if me.kind == "person" else None)
    if person_id is None:
        message = "must be said by who is no person"
        raise Invalid(errors=[{"path": "body.person_id", "message": message}])
    return await objections.raise_against(
        session,
        poll,
        kind=asked.kind,
        person_id=person_id,
        entry_id=asked.entry_id,
        text=asked.text,
        by=me,
    )


@router.post(
    "/{objection_id}/decision",
    response_model=ObjectionOut,
    responses=problems(
        *(NotFound, Forbidden, PollNotOpen, ObjectionDecided, EntryExists, EntryStruck),
        *(HasVoted, Invalid),
    ),
)
async def decide_objection(
    session: Session, me: Me, poll: Held, objection_id: UUID, asked: DecisionIn
) -> Objection:
    """Uphold an objection, which changes the roll by one more link of its chain, or reject it."""
    return await objections.decide(
        session,
        poll,
        objection_id,
        upheld=asked.upheld,
        answer=asked.answer,
        remedy=asked.remedy(),
        by=me,
    )
