"""The chain of a poll for everybody to keep, and where the ballot of a receipt stands in it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from sqlalchemy import select

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import NotFound, Unauthenticated, problems
from app.core.web import Route, Session
from app.core.wire import Out
from app.people.access import signed_in
from app.polls import chain
from app.polls.models import Link, LinkKind, Poll
from app.polls.queries import visible_to
from app.polls.recount import receipt_of

router = APIRouter(prefix="/api/v1/polls", tags=["polls"], route_class=Route)


class LinkOut(Out):
    """A link of the chain: its head covers everything before it."""

    number: int
    kind: LinkKind
    size: int
    """How many ballots, or lines of the roll, it holds."""
    at: datetime
    head: str
    """64 hexadecimal digits."""


class ReceiptOut(Out):
    """Where a secret ballot stands; never what it says."""

    code: str
    leaf: str
    """64 hexadecimal digits, of which the code is the beginning."""
    sealed: bool
    """Whether it stands in the list already; until then it waits for others."""
    batch: int | None
    """The number of the link that it is sealed under."""


async def to_see(session: Session, request: Request, poll_id: UUID) -> Poll:
    """The poll of this id once it has opened: a public one for everybody, signed in or not."""
    opened = Poll.id == poll_id, Poll.opened_at.is_not(None)
    if poll := await session.scalar(select(Poll).where(*opened, Poll.public)):
        return poll
    if "Authorization" not in request.headers:
        raise NotFound
    me = await signed_in(session, request)
    return await existing(session, visible_to(me).where(*opened))


ToSee = Annotated[Poll, Depends(to_see)]


@router.get(
    "/{poll_id}/links",
    response_model=Page[LinkOut],
    responses=problems(Unauthenticated, NotFound),
)
async def list_links(session: Session, poll: ToSee, cursor: Asked) -> dict[str, object]:
    """The heads of the chain from the opening on; of a public poll nobody needs to sign in.

    Keep them: whoever has a head of the time can show that what it covers was changed since.
    """
    links = chain.links_of(poll.community_id, poll.id).order_by(None)
    page = await paged(session, links, cursor, by=Link.number, newest_first=False)
    return {**page, "items": [_shown(link) for link in page["items"]]}  # type: ignore[attr-defined]


def _shown(link: Link) -> LinkOut:
    return LinkOut(
        number=link.number, kind=link.kind, size=link.size, at=link.at, head=link.head.hex()
    )


@router.get(
    "/{poll_id}/receipts/{code}",
    responses=problems(Unauthenticated, NotFound),
)
async def read_receipt(
    session: Session, poll: ToSee, code: Annotated[str, Path(max_length=40)]
) -> ReceiptOut:
    """Whether the ballot of a receipt is in the list, however the code is written."""
    found = await chain.find(session, poll, code)
    if found is None:
        raise NotFound
    return ReceiptOut(
        code=receipt_of(found.leaf),
        leaf=found.leaf.hex(),
        sealed=found.batch is not None,
        batch=found.batch,
    )
