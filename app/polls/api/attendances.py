"""The endpoints of who came to a residents' meeting."""

from fastapi import APIRouter

from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.polls import attendance
from app.polls.api.held import Held
from app.polls.permissions import ROLL
from app.polls.problems import PollStep
from app.polls.proxy_schemas import AttendanceIn, AttendanceOut

router = APIRouter(prefix="/api/v1/polls/{poll_id}/attendances", tags=["polls"], route_class=Route)


@router.get("", response_model=AttendanceOut, responses=problems(NotFound, Forbidden))
async def count_attendances(session: Session, me: Me, poll: Held) -> attendance.Count:
    """How many votes of the roll have been checked in."""
    ROLL.demand(me, at=poll.place.path)
    return await attendance.count(session, poll)


@router.post(
    "",
    response_model=AttendanceOut,
    responses=problems(NotFound, Forbidden, Invalid, PollStep),
)
async def check_in(session: Session, me: Me, poll: Held, asked: AttendanceIn) -> attendance.Count:
    """Check in who came to a meeting; who is checked in already stays so."""
    return await attendance.check_in(session, poll, entries=asked.entries, by=me)
