"""Who has a vote: what the rule would give, the roll, the turnout, and the caller's own votes."""

from fastapi import APIRouter
from sqlalchemy.orm import selectinload

from app.core.facts import record
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.polls import queries
from app.polls.api.held import Held
from app.polls.events import RollRead
from app.polls.models import OVER, Entry, ResultsShown
from app.polls.permissions import ROLL, RUN
from app.polls.problems import PollLocked, ResultsNotYet
from app.polls.queries import Turnout
from app.polls.roll_schemas import EntryOut, MyVoteOut, RollCountOut, TurnoutOut
from app.polls.service import rolls
from app.polls.service.rolls import RollCount

router = APIRouter(prefix="/api/v1/polls/{poll_id}", tags=["polls"], route_class=Route)


@router.post(
    "/roll-counts",
    response_model=RollCountOut,
    responses=problems(NotFound, Forbidden, PollLocked),
)
async def count_roll(session: Session, me: Me, poll: Held) -> RollCount:
    """How many votes the rule of a poll would give now; nothing is kept of it."""
    return await rolls.counted(session, poll, by=me)


@router.get("/roll", response_model=Page[EntryOut], responses=problems(NotFound, Forbidden))
async def read_roll(session: Session, me: Me, poll: Held, cursor: Asked) -> dict[str, object]:
    """The roll with its names, and what objections changed; that you looked is recorded."""
    ROLL.demand(me, at=poll.place.path)
    await record(session, RollRead(poll_id=poll.id), by=me)
    entries = queries.roll_visible_to(me).where(Entry.poll_id == poll.id)
    return await paged(
        session,
        entries.options(selectinload(Entry.voters)),
        cursor,
        by=Entry.id,
        newest_first=False,
    )


@router.get("/turnout", response_model=TurnoutOut, responses=problems(NotFound, ResultsNotYet))
async def read_turnout(session: Session, me: Me, poll: Held) -> Turnout:
    """How many have voted: for who runs the poll at any time, for others as counts are shown."""
    shown = poll.state in OVER or poll.results_shown is ResultsShown.ALWAYS
    if not (shown or RUN.allows(me, at=poll.place.path)):
        raise ResultsNotYet
    return await queries.turnout(session, poll)


@router.get("/my-votes", responses=problems(NotFound))
async def list_my_votes(session: Session, me: Me, poll: Held) -> list[MyVoteOut]:
    """The votes that you may cast in this poll: your own, your home's, by proxy."""
    if me.kind != "person" or me.id is None:
        return []
    mine = queries.votes_of(me.community_id, poll.id, me.id)
    entries = (await session.scalars(mine)).all()
    cast = await queries.cast_of(session, poll, [entry.id for entry in entries])
    return [
        MyVoteOut(
            id=entry.id,
            code=entry.code,
            label=entry.label,
            area=entry.area,
            homes=entry.homes,
            cast=entry.id in cast,
        )
        for entry in entries
    ]
