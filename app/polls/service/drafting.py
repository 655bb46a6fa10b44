"""Writing polls: by staff, or by residents who gather support for theirs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Forbidden
from app.people.access import Actor
from app.people.queries import is_known_within
from app.places.models import Place
from app.polls import queries
from app.polls.events import (
    PollAccepted,
    PollChanged,
    PollDrafted,
    PollProposed,
    PollRefused,
    PollSupported,
)
from app.polls.models import (
    EDITABLE,
    Poll,
    PollFile,
    PollKind,
    PollNumber,
    PollState,
    PollSupport,
)
from app.polls.permissions import RUN
from app.polls.problems import PollLocked, PollStep
from app.polls.service import policies
from app.polls.service.soundness import demand_sound

_COPIED = (
    *("kind", "purpose", "topic_id", "title", "body", "form", "electorate", "rules", "secrecy"),
    *("names_shown", "results_shown", "public"),
)
_ASKED = frozenset({PollState.GATHERING, PollState.PROPOSED})


async def draft(session: AsyncSession, place: Place, *, by: Actor, **columns: Any) -> Poll:
    """Write a poll for a place: a draft of who runs polls there, a proposal of who lives there.

    `form`, `electorate` and `rules` are given as JSON values. Raises `Forbidden` for others, and
    `Invalid` for what makes no sense together.
    """
    staff = RUN.allows(by, at=place.path)
    if not staff and not await is_known_within(session, by, place.path):
        raise Forbidden(RUN.name)
    poll = Poll(
        community_id=by.community_id,
        id=new_id(),
        number=await next_number(session, by.community_id),
        place_id=place.id,
        state=PollState.DRAFT if staff else PollState.GATHERING,
        proposed_by_id=None if staff else by.id,
        **columns,
    )
    if not staff and poll.kind is not PollKind.POLL:
        raise Forbidden(RUN.name)
    set_committed_value(poll, "place", place)
    await demand_sound(session, poll)
    session.add(poll)
    await session.flush()
    await record(session, PollDrafted(poll_id=poll.id), by=by)
    if not staff:
        await _count_support(session, poll, by=by)
    return poll


async def next_number(session: AsyncSession, community_id: UUID) -> int:
    """The number that people of this community will call the next poll by."""
    first = insert(PollNumber).values(community_id=community_id, last=1)
    counted = first.on_conflict_do_update(
        index_elements=["community_id"], set_={"last": PollNumber.last + 1}
    )
    return (await session.scalars(counted.returning(PollNumber.last))).one()


async def change(
    session: AsyncSession,
    poll: Poll,
    columns: Mapping[str, Any],
    *,
    place: Place | None = None,
    by: Actor,
) -> Poll:
    """Let a poll that is not announced or open yet ask something else, of others, or otherwise.

    Its proposer may as long as nobody else supports it. Raises `PollLocked`, and `Forbidden` and
    `Invalid` as `draft`.
    """
    await _demand_writer(session, poll, by=by)
    demand_editable(poll)
    for name, value in columns.items():
        setattr(poll, name, value)
    if place:
        RUN.demand(by, at=place.path)
        poll.place_id = place.id
        set_committed_value(poll, "place", place)
    await demand_sound(session, poll)
    await session.flush()
    changed = sorted({*columns, *(["place_id"] if place else [])})
    await record(session, PollChanged(poll_id=poll.id, changed=changed), by=by)
    return poll


def demand_editable(poll: Poll) -> None:
    """Refuse with `PollLocked` to touch what has been announced, opened or put aside."""
    if poll.state not in EDITABLE:
        raise PollLocked


async def _demand_writer(session: AsyncSession, poll: Poll, *, by: Actor) -> None:
    own = poll.state is PollState.GATHERING and by.id == poll.proposed_by_id
    if not (own and await _supports(session, poll) <= 1):
        RUN.demand(by, at=poll.place.path)


async def copy(session: AsyncSession, poll: Poll, *, by: Actor) -> Poll:
    """Write a draft that asks the same, with its files and without its times."""
    RUN.demand(by, at=poll.place.path)
    made = Poll(
        community_id=by.community_id,
        id=new_id(),
        number=await next_number(session, by.community_id),
        place_id=poll.place_id,
        state=PollState.DRAFT,
        **{name: getattr(poll, name) for name in _COPIED},
    )
    set_committed_value(made, "place", poll.place)
    session.add(made)
    await session.flush()
    for file in await queries.files_of(session, poll.community_id, [poll.id]):
        twin = PollFile(
            community_id=by.community_id, poll_id=made.id, file_id=file.file_id, name=file.name
        )
        session.add(twin)
    await session.flush()
    await record(session, PollDrafted(poll_id=made.id), by=by)
    return made


async def support(session: AsyncSession, poll: Poll, *, by: Actor) -> int:
    """Want a proposed poll to be held, once however often; how many want it now.

    When it are as many as the policy asks for, staff look at it. Raises `Forbidden` for who is
    not known to live there, and `PollStep` for what is not proposed.
    """
    if not await is_known_within(session, by, poll.place.path):
        raise Forbidden
    if poll.state not in _ASKED:
        raise PollStep
    return await _count_support(session, poll, by=by)


async def _count_support(session: AsyncSession, poll: Poll, *, by: Actor) -> int:
    mine = insert(PollSupport).values(
        community_id=poll.community_id, poll_id=poll.id, person_id=by.id
    )
    counted = mine.on_conflict_do_nothing().returning(PollSupport.person_id)
    fresh = await session.scalar(counted) is not None
    supports = await _supports(session, poll)
    if not fresh:
        return supports
    await record(session, PollSupported(poll_id=poll.id), by=by)
    policy = await policies.of(session, poll.community_id)
    if poll.state is PollState.GATHERING and supports >= policy.supports_needed:
        poll.state = PollState.PROPOSED
        await session.flush()
        await record(session, PollProposed(poll_id=poll.id), by=by)
    return supports


async def _supports(session: AsyncSession, poll: Poll) -> int:
    return (await queries.supports_of(session, poll.community_id, [poll.id])).get(poll.id, 0)


async def accept(session: AsyncSession, poll: Poll, *, by: Actor) -> Poll:
    """Take a resident's poll on, with support enough or without; `PollStep` for any other."""
    RUN.demand(by, at=poll.place.path)
    if poll.state not in _ASKED:
        raise PollStep
    poll.state = PollState.DRAFT
    await session.flush()
    await record(session, PollAccepted(poll_id=poll.id), by=by)
    return poll


async def refuse(session: AsyncSession, poll: Poll, *, reason: str, by: Actor) -> Poll:
    """Say that a resident's poll is not held, and why; `PollStep` for any other."""
    RUN.demand(by, at=poll.place.path)
    if poll.state not in _ASKED:
        raise PollStep
    poll.state, poll.reason = PollState.REFUSED, reason
    await session.flush()
    await record(session, PollRefused(poll_id=poll.id), by=by)
    return poll
