"""What came of a poll: the counts, the charts, and who voted what where that is shown."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.polls import counting
from app.polls.api.held import Held
from app.polls.forms import Form
from app.polls.models import Ballot, Entry, Poll
from app.polls.problems import ResultsNotYet
from app.polls.schemas_results import ChartsOut, ResultOut, VotedOut

router = APIRouter(prefix="/api/v1/polls/{poll_id}", tags=["polls"], route_class=Route)


@router.get("/results", response_model=ResultOut, responses=problems(NotFound, ResultsNotYet))
async def read_result(session: Session, me: Me, poll: Held) -> dict[str, Any]:
    """The counts: live ones as they may be seen before the close, the result from the close on.

    Of a residents' meeting and an owners' assembly there are no live counts, and their results are
    for who runs them until they are published. Of a secret ballot nothing is counted before the
    close.
    """
    shown = await counting.shown(session, poll, by=me)
    return {
        "poll_id": poll.id,
        "live": shown.live,
        "counted_at": shown.counted_at,
        **shown.result,
    }


@router.get(
    "/results/charts", response_model=ChartsOut, responses=problems(NotFound, ResultsNotYet)
)
async def read_charts(session: Session, me: Me, poll: Held) -> dict[str, Any]:
    """The same as charts, in your language; answers in one's own words are not drawn."""
    shown = await counting.shown(session, poll, by=me)
    drawn = counting.charts_of(Form.model_validate(poll.form), shown.result)
    return {"poll_id": poll.id, "live": shown.live, "charts": drawn}


@router.get(
    "/ballots",
    response_model=Page[VotedOut],
    responses=problems(NotFound, Forbidden, ResultsNotYet),
)
async def list_ballots(session: Session, me: Me, poll: Held, cursor: Asked) -> dict[str, object]:
    """Who voted what on a recorded ballot, by the vote of the roll.

    Where names are shown, everybody on the roll may read it as soon as they may see the counts.
    Otherwise it is for auditors from the close on, and that they looked is recorded. A secret poll
    has no such list.
    """
    await counting.look(session, poll, by=me)
    rows = select(Ballot).where(Ballot.community_id == poll.community_id, Ballot.poll_id == poll.id)
    page = await paged(session, rows, cursor, by=Ballot.entry_id, newest_first=False)
    ballots: list[Ballot] = page["items"]  # type: ignore[assignment]
    return page | {"items": await _named(session, poll, ballots)}


async def _named(
    session: AsyncSession, poll: Poll, ballots: Sequence[Ballot]
) -> list[dict[str, Any]]:
    known = select(Entry).where(
        Entry.community_id == poll.community_id,
        Entry.id.in_([ballot.entry_id for ballot in ballots]),
    )
    entries: dict[UUID, Entry] = {entry.id: entry for entry in await session.scalars(known)}
    return [
        {
            "entry_id": ballot.entry_id,
            "label": entries[ballot.entry_id].label,
            "choice": json.loads(ballot.choice),
            "channel": ballot.channel,
            "cast_at": ballot.cast_at,
            "counted": entries[ballot.entry_id].struck_by_id is None,
        }
        for ballot in ballots
    ]
