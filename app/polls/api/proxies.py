"""The endpoints of written authority to cast another's vote."""

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
from app.polls import proxies
from app.polls.api.held import Held as HeldPoll
from app.polls.models import Proxy
from app.polls.permissions import ROLL
from app.polls.problems import PollStep, ProxyExists, ProxyOver, RollFrozen
from app.polls.proxy_schemas import ProxyIn, ProxyOut

router = APIRouter(prefix="/api/v1/polls/{poll_id}/proxies", tags=["polls"], route_class=Route)


async def held(session: Session, me: Me, poll: HeldPoll, proxy_id: UUID) -> Proxy:
    """The authority of this id, theirs alone until we are done, for who may see the roll."""
    ROLL.demand(me, at=poll.place.path)
    found = proxies.of(poll).where(Proxy.id == proxy_id).with_for_update()
    return await existing(session, found)


Held = Annotated[Proxy, Depends(held)]


@router.get("", response_model=Page[ProxyOut], responses=problems(NotFound, Forbidden))
async def list_proxies(
    session: Session, me: Me, poll: HeldPoll, cursor: Asked
) -> dict[str, object]:
    """Who may cast whose votes in a poll, newest first; also what was taken back."""
    ROLL.demand(me, at=poll.place.path)
    return await paged(session, proxies.of(poll), cursor, by=Proxy.id)


@router.post(
    "",
    status_code=201,
    response_model=ProxyOut,
    responses=problems(NotFound, Forbidden, Invalid, ProxyExists, RollFrozen, PollStep),
)
async def give_proxy(session: Session, me: Me, poll: HeldPoll, asked: ProxyIn) -> Proxy:
    """Let somebody cast another's votes, by a paper that says so, before the poll opens."""
    return await proxies.give(session, poll, **asked.model_dump(), by=me)


@router.post(
    "/{proxy_id}/revocation",
    response_model=ProxyOut,
    responses=problems(NotFound, Forbidden, ProxyOver, RollFrozen, PollStep),
)
async def revoke_proxy(session: Session, me: Me, poll: HeldPoll, proxy: Held) -> Proxy:
    """Take an authority back before the poll opens."""
    return await proxies.revoke(session, poll, proxy, by=me)


@router.get(
    "/{proxy_id}/scan", response_class=FileResponse, responses=problems(NotFound, Forbidden)
)
async def read_scan(session: Session, proxy: Held) -> FileResponse:
    """The paper, scanned."""
    if proxy.file_id is None:
        raise NotFound
    return respond(await session.get_one(File, (proxy.community_id, proxy.file_id)))
