"""并案: of two requests about the same matter one goes on, and everybody who asked hears of it."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.core.clock import now
from app.core.facts import record
from app.core.i18n import N_, _
from app.core.ids import new_id
from app.core.problems import Invalid
from app.people.access import Actor
from app.service_requests import clocks, following, pauses, queries, telling
from app.service_requests.events import RequestJoined, RequestMerged
from app.service_requests.models import ENDED, Follower, ServiceRequest, State
from app.service_requests.permissions import MERGE
from app.service_requests.problems import NotMergeable, SameRequest
from app.service_requests.workflow import shown


async def target(
    session: AsyncSession,
    request: ServiceRequest,
    *,
    number: int | None = None,
    request_id: UUID | None = None,
    by: Actor,
) -> UUID:
    """The id of the one to merge this request into, if the actor may see it; else `Invalid`.

    One that was merged itself stands for the one it goes on in. Raises `Forbidden` for who may
    merge nothing here.
    """
    MERGE.demand(by, at=request.place.path)
    field = "into_number" if request_id is None else "into_id"
    wanted = (
        ServiceRequest.number == number if request_id is None else ServiceRequest.id == request_id
    )
    final = func.coalesce(ServiceRequest.merged_into_id, ServiceRequest.id)
    named = await session.scalar(queries.seen_by(by).with_only_columns(final).where(wanted))
    seen = queries.seen_by(by).with_only_columns(ServiceRequest.id)
    into_id = await session.scalar(seen.where(ServiceRequest.id == named))
    if into_id is None:
        raise Invalid(errors=[{"path": field, "message": "there is no such thing here"}])
    return into_id


async def hold(session: AsyncSession, request: ServiceRequest, into_id: UUID) -> None:
    """Let nobody else change these two, or what was merged into the first, until we are done.

    A community merges one after the other: what hangs together may grow while one waits for a
    lock, and would not be locked in the order of its ids any more.
    """
    turn = func.hashtextextended(f"merge:{request.community_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(turn)))
    both = (request.id, into_id)
    await session.execute(
        select(ServiceRequest.id)
        .where(
            ServiceRequest.community_id == request.community_id,
            or_(ServiceRequest.id.in_(both), ServiceRequest.merged_into_id == request.id),
        )
        .order_by(ServiceRequest.id)
        .with_for_update()
    )
    await session.refresh(request, ["version"])


async def merge(
    session: AsyncSession, request: ServiceRequest, *, into_id: UUID, by: Actor
) -> ServiceRequest:
    """Let a request go on in another one, which everybody who asked for it follows from now on.

    Raises `Forbidden` without the right at both places, `SameRequest`, and `NotMergeable` when one
    of them is over, or confidential.
    """
    MERGE.demand(by, at=request.place.path)
    await hold(session, request, into_id)
    request, into = await _both(session, request, into_id)
    MERGE.demand(by, at=into.place.path)
    _check(request, into)
    waiting = await following.followers(session, request)
    before = await _merged_before(session, request)
    who = _shown(by, request, into, *before)
    await pauses.lift(session, request)
    await clocks.finish(session, request, met=False)
    request.state, request.closed_at = State.MERGED, now()
    for each in (request, *before):
        await _redirect(session, each, into, who)
    await _hand_over(session, request, into, waiting)
    into.updated_at = now()
    joined = RequestJoined(request_id=into.id, joined_id=request.id, number=request.number)
    await record(session, joined, by=who)
    request, into = await _both(session, request, into_id)
    await _tell(session, request, into, waiting, by)
    return request


async def _both(
    session: AsyncSession, request: ServiceRequest, into_id: UUID
) -> tuple[ServiceRequest, ServiceRequest]:
    gone = await queries.whole(session, request.community_id, request.id)
    return gone, await queries.whole(session, request.community_id, into_id)


async def _merged_before(
    session: AsyncSession, request: ServiceRequest
) -> Sequence[ServiceRequest]:
    """What was merged into this one, which goes on in the other one as well."""
    rows = (
        select(ServiceRequest)
        .where(
            ServiceRequest.community_id == request.community_id,
            ServiceRequest.merged_into_id == request.id,
        )
        .options(selectinload(ServiceRequest.followers))
    )
    return (await session.scalars(rows.order_by(ServiceRequest.id))).all()


def _shown(by: Actor, *requests: ServiceRequest) -> Actor:
    """The actor as the record may name them: who is nobody in one of these is so in all."""
    named = [shown(by, each) for each in requests]
    return next((each for each in named if each != by), by)


async def _redirect(
    session: AsyncSession, request: ServiceRequest, into: ServiceRequest, who: Actor
) -> None:
    """Let it go on in the other one."""
    request.merged_into_id = into.id
    await session.flush()
    merged = RequestMerged(request_id=request.id, into_id=into.id, number=into.number)
    await record(session, merged, by=who)


def _check(request: ServiceRequest, into: ServiceRequest) -> None:
    if request.id in (into.id, into.merged_into_id):
        raise SameRequest
    for each in (request, into):
        if each.state in ENDED or each.confidential:
            raise NotMergeable


async def _hand_over(
    session: AsyncSession,
    request: ServiceRequest,
    into: ServiceRequest,
    waiting: Sequence[Follower],
) -> None:
    """Whoever reported or followed the one that goes, follows the other one."""
    rows = {each.person_id: (each.merged_from_id, each.hidden, each.at) for each in waiting}
    if request.reporter_id:
        rows[request.reporter_id] = (request.id, request.anonymous, now())
    for person_id, (merged_from_id, hidden, at) in rows.items():
        if person_id == into.reporter_id:
            continue
        row = insert(Follower).values(
            community_id=into.community_id,
            id=new_id(),
            request_id=into.id,
            person_id=person_id,
            merged_from_id=merged_from_id,
            hidden=hidden,
            at=at,
        )
        either = row.on_conflict_do_update(
            index_elements=[Follower.community_id, Follower.request_id, Follower.person_id],
            set_={
                "merged_from_id": func.coalesce(
                    Follower.merged_from_id, row.excluded.merged_from_id
                ),
                "hidden": or_(Follower.hidden, row.excluded.hidden),
            },
        )
        await session.execute(either)
    gone = Follower.community_id == request.community_id, Follower.request_id == request.id
    await session.execute(delete(Follower).where(*gone))


async def _tell(
    session: AsyncSession,
    request: ServiceRequest,
    into: ServiceRequest,
    waiting: Sequence[Follower],
    by: Actor,
) -> None:
    """Tell both reporters, who followed the one that goes, and who need not work on it."""

    def said(text: str) -> Callable[[ServiceRequest], str]:
        return lambda _request: _(text).format(number=into.number)

    merged = said(N_("您反映的事项与工单{number}是同一件事，已合并办理，后续进展会继续告诉您。"))
    await telling.tell_all(session, request, merged, waiting)
    if into.reporter_id and into.reporter_id != request.reporter_id:
        await telling.tell(
            session,
            into,
            into.reporter_id,
            purpose=telling.PROGRESS,
            sentence=N_("有居民反映同一件事，已与您的工单合并办理。"),
        )
    if request.assignee_id != by.id:
        spared = said(N_("这张工单已并入工单{number}，您无需单独处理。"))
        await telling.tell_worker(session, request, spared)
