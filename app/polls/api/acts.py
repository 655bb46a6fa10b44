"""What is done with a poll: supported, accepted, announced, opened, closed, published."""

from fastapi import APIRouter, Response

from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.polls.api.held import HeldAlone, shown
from app.polls.problems import NoticeTooShort, PollLocked, PollStep, RollEmpty
from app.polls.schemas import ExtensionIn, PollOut, ReasonIn, SupportOut, TighteningIn
from app.polls.service import drafting, lifecycle, policies

router = APIRouter(prefix="/api/v1/polls/{poll_id}", tags=["polls"], route_class=Route)

_ACT = problems(NotFound, Forbidden, PollStep, Changed)


@router.post("/support", responses=_ACT)
async def support_poll(session: Session, me: Me, poll: HeldAlone) -> SupportOut:
    """Want a proposed poll to be held; each counts once, however often they say so."""
    supports = await drafting.support(session, poll, by=me)
    policy = await policies.of(session, me.community_id)
    return SupportOut(supports=supports, supports_needed=policy.supports_needed, state=poll.state)


@router.post("/acceptance", responses=_ACT)
async def accept_poll(session: Session, me: Me, poll: HeldAlone, response: Response) -> PollOut:
    """Take a resident's poll on, as a draft of staff."""
    return await shown(session, await drafting.accept(session, poll, by=me), me, response)


@router.post("/refusal", responses=_ACT)
async def refuse_poll(
    session: Session, me: Me, poll: HeldAlone, asked: ReasonIn, response: Response
) -> PollOut:
    """Say that a resident's poll is not held, and why."""
    refused = await drafting.refuse(session, poll, reason=asked.reason, by=me)
    return await shown(session, refused, me, response)


@router.post(
    "/announcement",
    responses=problems(NotFound, Forbidden, PollStep, NoticeTooShort, Changed, Invalid),
)
async def announce_poll(session: Session, me: Me, poll: HeldAlone, response: Response) -> PollOut:
    """Publish and lock what will be asked; the poll opens by itself at its time."""
    return await shown(session, await lifecycle.announce(session, poll, by=me), me, response)


@router.post(
    "/opening",
    responses=problems(
        *(NotFound, Forbidden, PollStep, NoticeTooShort, RollEmpty, Changed, Invalid)
    ),
)
async def open_poll(session: Session, me: Me, poll: HeldAlone, response: Response) -> PollOut:
    """Take votes from now on: the roll is made by the stated rule, and frozen."""
    return await shown(session, await lifecycle.open_now(session, poll, by=me), me, response)


@router.post("/extension", responses=problems(NotFound, Forbidden, PollStep, Changed, Invalid))
async def extend_poll(
    session: Session, me: Me, poll: HeldAlone, asked: ExtensionIn, response: Response
) -> PollOut:
    """Take votes for longer; never for less."""
    extended = await lifecycle.extend(session, poll, closes_at=asked.closes_at, by=me)
    return await shown(session, extended, me, response)


@router.post("/tightening", responses=problems(NotFound, Forbidden, PollStep, PollLocked, Changed))
async def tighten_poll(
    session: Session, me: Me, poll: HeldAlone, asked: TighteningIn, response: Response
) -> PollOut:
    """Show names or counts less, or later, than was said; never more, or sooner."""
    tightened = await lifecycle.tighten(
        session, poll, names_shown=asked.names_shown, results_shown=asked.results_shown, by=me
    )
    return await shown(session, tightened, me, response)


@router.post("/closing", responses=_ACT)
async def close_poll(session: Session, me: Me, poll: HeldAlone, response: Response) -> PollOut:
    """Take no more votes, and count; the result of a poll or a survey is published with it."""
    return await shown(session, await lifecycle.close(session, poll, by=me), me, response)


@router.post("/publication", responses=_ACT)
async def publish_poll(session: Session, me: Me, poll: HeldAlone, response: Response) -> PollOut:
    """Publish the result of a meeting or an assembly."""
    return await shown(session, await lifecycle.publish(session, poll, by=me), me, response)


@router.post("/cancellation", responses=_ACT)
async def cancel_poll(
    session: Session, me: Me, poll: HeldAlone, asked: ReasonIn, response: Response
) -> PollOut:
    """Do not hold a poll, or not to its end, and say why."""
    cancelled = await lifecycle.cancel(session, poll, reason=asked.reason, by=me)
    return await shown(session, cancelled, me, response)
