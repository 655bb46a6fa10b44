"""Reminding by hand."""

from fastapi import APIRouter

from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.core.wire import Out
from app.people.access import Me
from app.polls.api.held import HeldAlone
from app.polls.problems import PollNotOpen, RemindedToday
from app.polls.telling import reminding

router = APIRouter(prefix="/api/v1/polls/{poll_id}/reminders", tags=["polls"], route_class=Route)


class RemindersOut(Out):
    """How many people have a vote that is not cast; whoever of them can be reached is told."""

    people: int


@router.post(
    "",
    response_model=RemindersOut,
    responses=problems(NotFound, Forbidden, PollNotOpen, RemindedToday),
)
async def remind(session: Session, me: Me, poll: HeldAlone) -> dict[str, int]:
    """Remind everybody whose vote is not cast, with their link; at most once a day."""
    return {"people": await reminding.remind(session, poll, by=me)}
