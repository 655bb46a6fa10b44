"""What anybody needs to count a closed poll again: its bundle, and the script that does it."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.problems import Forbidden, NotFound, Unauthenticated, problems
from app.core.web import Route, Session
from app.people.access import Actor, signed_in
from app.polls import bundles, queries, recount
from app.polls.models import Poll, PollState, Secrecy
from app.polls.problems import ResultsNotYet

router = APIRouter(prefix="/api/v1", tags=["polls"], route_class=Route)

_SCRIPT = Path(recount.__file__).read_bytes()


async def perhaps(session: Session, http: Request) -> Actor | None:
    """Whoever's token the request carries, or nobody in particular."""
    return await signed_in(session, http) if "Authorization" in http.headers else None


Anybody = Annotated[Actor | None, Depends(perhaps)]


async def there(session: Session, me: Anybody, poll_id: UUID) -> Poll:
    """The poll of this id, if the caller may see it; to nobody in particular, what is public."""
    if me is None:
        known = select(Poll).options(joinedload(Poll.place, innerjoin=True))
        rows = known.where(Poll.public, Poll.secrecy == Secrecy.SECRET)
        rows = rows.where(Poll.state == PollState.PUBLISHED)
    else:
        rows = queries.visible_to(me)
    if poll := await session.scalar(rows.where(Poll.id == poll_id)):
        return poll
    raise NotFound if me else Unauthenticated


@router.get(
    "/polls/{poll_id}/bundle",
    response_class=Response,
    responses=problems(Unauthenticated, Forbidden, NotFound, ResultsNotYet),
)
async def read_bundle(
    session: Session, me: Anybody, poll: Annotated[Poll, Depends(there)]
) -> Response:
    """Roll, ballots, chain and result of a closed poll, to be checked by `recount.py`.

    A secret poll's bundle is for everybody where the poll stands on the site, with or without a
    token. A recorded one's is for auditors, for the roll where names are shown, and for the owners
    of an assembly; each such look is kept.
    """
    data = await bundles.taken(session, poll, by=me)
    kept = "public, max-age=300" if me is None else "no-store"
    name = f'attachment; filename="poll-{poll.number}.json"'
    headers = {"Content-Disposition": name, "Cache-Control": kept, "Vary": "Authorization"}
    return Response(data, media_type="application/json", headers=headers)


@router.get("/recount.py", response_class=Response)
async def read_recount() -> Response:
    """The script that counts a bundle again and checks its chain; the standard library is enough.

    `python3 recount.py poll-3.json --head … --receipt …`
    """
    name = 'attachment; filename="recount.py"'
    headers = {"Content-Disposition": name, "Cache-Control": "public, max-age=3600"}
    return Response(_SCRIPT, media_type="text/x-python", headers=headers)
