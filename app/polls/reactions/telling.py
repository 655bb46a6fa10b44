"""What happens to polls is told: to who may vote, to the groups of the place, to staff."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.polls import queries
from app.polls.events import (
    HeadPublished,
    ObjectionDecided,
    ObjectionRaised,
    PaperDisputed,
    PollAnnounced,
    PollCancelled,
    PollClosed,
    PollExtended,
    PollOpened,
    PollProposed,
    PollPublished,
    PollRefused,
)
from app.polls.models import Objection, PaperBallot, PaperBox, Poll, PollState
from app.polls.telling import announcing, groups, staff


async def _poll(session: AsyncSession, community_id: UUID, poll_id: UUID) -> Poll | None:
    return await queries.whole(session, community_id, poll_id)


@reacts_to(PollAnnounced)
async def tell_of_announced(
    session: AsyncSession, event: PollAnnounced, community_id: UUID
) -> None:
    """The groups hear what will be asked, and when."""
    if poll := await _poll(session, community_id, event.poll_id):
        await groups.tell_announced(session, poll)


@reacts_to(PollOpened)
async def tell_of_opened(session: AsyncSession, event: PollOpened, community_id: UUID) -> None:
    """Everybody who may vote gets their link, and the groups hear of it."""
    poll = await _poll(session, community_id, event.poll_id)
    if poll and poll.state is PollState.OPEN:
        once = f"{event.kind}:{poll.id}"
        await announcing.begin(session, poll, announcing.OPENED, once=once)
        await groups.tell_opened(session, poll)


@reacts_to(PollExtended)
async def tell_of_extended(session: AsyncSession, event: PollExtended, community_id: UUID) -> None:
    """Who may vote and the groups hear until when it is open now."""
    poll = await _poll(session, community_id, event.poll_id)
    if poll and poll.closes_at and poll.state is PollState.OPEN:
        once = f"{event.kind}:{poll.id}:{poll.closes_at.timestamp():.0f}"
        await announcing.begin(session, poll, announcing.EXTENDED, once=once)
        await groups.tell_extended(session, poll)


@reacts_to(PollCancelled)
async def tell_of_cancelled(
    session: AsyncSession, event: PollCancelled, community_id: UUID
) -> None:
    """Who heard of it hears that it is not held; of a draft nobody had."""
    poll = await _poll(session, community_id, event.poll_id)
    if poll is None or not (poll.announced_at or poll.opened_at):
        return
    await announcing.begin(session, poll, announcing.CANCELLED, once=f"{event.kind}:{poll.id}")
    await groups.tell_cancelled(session, poll)


@reacts_to(PollClosed)
async def tell_of_closed(session: AsyncSession, event: PollClosed, community_id: UUID) -> None:
    """The groups hear that it is over, where the result comes later."""
    poll = await _poll(session, community_id, event.poll_id)
    if poll and poll.state is PollState.CLOSED:
        await groups.tell_closed(session, poll, ballots=event.ballots)


@reacts_to(PollPublished)
async def tell_of_result(session: AsyncSession, event: PollPublished, community_id: UUID) -> None:
    """Who voted or might have, and the groups, hear what came of it."""
    if poll := await _poll(session, community_id, event.poll_id):
        await announcing.begin(session, poll, announcing.RESULT, once=f"{event.kind}:{poll.id}")
        await groups.tell_result(session, poll)


@reacts_to(HeadPublished)
async def tell_of_head(session: AsyncSession, event: HeadPublished, community_id: UUID) -> None:
    """The groups keep a copy of the chain's head that nobody here can change."""
    await groups.tell_head(session, community_id, event.poll_id, event.number)


@reacts_to(PollProposed)
async def tell_of_proposed(session: AsyncSession, event: PollProposed, community_id: UUID) -> None:
    """Who runs polls there looks at what residents want."""
    if poll := await _poll(session, community_id, event.poll_id):
        await staff.tell_proposed(session, poll)


@reacts_to(PollRefused)
async def tell_of_refused(session: AsyncSession, event: PollRefused, community_id: UUID) -> None:
    """Whoever proposed it hears why not."""
    if poll := await _poll(session, community_id, event.poll_id):
        await staff.tell_refused(session, poll)


@reacts_to(ObjectionRaised)
async def tell_of_objection(
    session: AsyncSession, event: ObjectionRaised, community_id: UUID
) -> None:
    """Who decides on objections hears of it."""
    if poll := await _poll(session, community_id, event.poll_id):
        objection = await session.get_one(Objection, (community_id, event.objection_id))
        await staff.tell_objection(session, poll, objection)


@reacts_to(ObjectionDecided)
async def tell_of_decided(
    session: AsyncSession, event: ObjectionDecided, community_id: UUID
) -> None:
    """Whom it is about hears what was decided."""
    if poll := await _poll(session, community_id, event.poll_id):
        objection = await session.get_one(Objection, (community_id, event.objection_id))
        await staff.tell_decided(session, poll, objection, upheld=event.upheld)


@reacts_to(PaperDisputed)
async def tell_of_disputed(session: AsyncSession, event: PaperDisputed, community_id: UUID) -> None:
    """Both readers look at the paper together."""
    poll = await _poll(session, community_id, event.poll_id)
    paper: PaperBallot | PaperBox | None = await session.get(
        PaperBallot, (community_id, event.paper_id)
    ) or await session.get(PaperBox, (community_id, event.paper_id))
    if poll and paper:
        await staff.tell_disputed(session, poll, paper)
