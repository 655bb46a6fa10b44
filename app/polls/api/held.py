"""The poll an endpoint is about, and a poll as its reader sees it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import existing
from app.core.problems import Invalid
from app.core.web import Session, etag, matches
from app.people.access import Actor, Me
from app.places import queries as places
from app.places.models import Place
from app.polls import queries
from app.polls.models import Poll, PollKind, PollState
from app.polls.permissions import RUN
from app.polls.schemas import PollFileOut, PollOut
from app.polls.service import policies

_PROPOSED = (PollState.GATHERING, PollState.PROPOSED)


async def held(session: Session, me: Me, poll_id: UUID) -> Poll:
    """The poll of this id with its place, if the caller may see it."""
    return await existing(session, queries.visible_to(me).where(Poll.id == poll_id))


Held = Annotated[Poll, Depends(held)]


async def held_alone(session: Session, poll: Held, http: Request) -> Poll:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    alone = await existing(session, queries.locking(poll.community_id, poll.id))
    matches(http, alone.version)
    return alone


HeldAlone = Annotated[Poll, Depends(held_alone)]


async def the_place(session: AsyncSession, me: Actor, place_id: UUID) -> Place:
    """A place of the community that a body names; `Invalid` for one that is none."""
    if place := await session.scalar(places.visible_to(me).where(Place.id == place_id)):
        return place
    message = "there is no such thing here"
    raise Invalid(errors=[{"path": "body.place_id", "message": message}])


async def shown_all(session: AsyncSession, polls: Sequence[Poll], me: Actor) -> list[PollOut]:
    """The polls as this caller sees them, with their files."""
    files = defaultdict(list)
    ids = [poll.id for poll in polls]
    for file in await queries.files_of(session, me.community_id, ids):
        files[file.poll_id].append(PollFileOut.model_validate(file))
    accepted = False
    if any(poll.kind is PollKind.ASSEMBLY for poll in polls):
        accepted = (await policies.of(session, me.community_id)).accepted_by is not None
    supports = await queries.supports_of(
        session, me.community_id, [poll.id for poll in polls if poll.state in _PROPOSED]
    )
    return [
        _one(poll, me).model_copy(
            update={
                "consultation": poll.kind is PollKind.ASSEMBLY and not accepted,
                "files": files[poll.id],
                "supports": supports.get(poll.id, 0) if poll.state in _PROPOSED else None,
            }
        )
        for poll in polls
    ]


def _one(poll: Poll, me: Actor) -> PollOut:
    columns = {name: getattr(poll, name, None) for name in PollOut.model_fields}
    staff = RUN.allows(me, at=poll.place.path)
    told = staff or (me.kind == "person" and me.id == poll.proposed_by_id)
    hidden: dict[str, object] = {
        "head": poll.head and poll.head.hex(),
        "proposed_by_id": poll.proposed_by_id if told else None,
        "files": [],
        "consultation": False,
    }
    return PollOut.model_validate(columns | hidden)


async def shown(session: AsyncSession, poll: Poll, me: Actor, response: Response) -> PollOut:
    """One poll as this caller sees it."""
    response.headers["ETag"] = etag(poll.version)
    return (await shown_all(session, [poll], me))[0]
