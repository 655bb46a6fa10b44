"""What people are told about a request, in their own language."""

from collections.abc import Callable, Sequence
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA
from app.core.i18n import _, speaking
from app.notices import service as notices
from app.people import queries as people
from app.places.models import Kind, Place
from app.places.words import address
from app.service_requests import duplicates, following, queries, words
from app.service_requests.models import Follower, ServiceRequest

PROGRESS = "request.progress"
ASSIGNED = "request.assigned_to_you"
ATTENTION = "request.attention"

Sentence: TypeAlias = str | Callable[[ServiceRequest], str | None]
"""What is said: a message id, or what fits the request as it stands, None when nothing does."""

_LONGEST = 100


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


async def where(session: AsyncSession, place: Place) -> str:
    """The place as it is spoken of, with its building and unit."""
    around = select(Place.kind, Place.name).where(
        Place.community_id == place.community_id,
        Place.path.in_(queries.above(place.path)),
        Place.id != place.id,
        Place.kind.in_((Kind.BUILDING, Kind.UNIT)),
    )
    names: dict[Kind, str] = {each.kind: each.name for each in await session.execute(around)}
    return address(names.get(Kind.BUILDING), names.get(Kind.UNIT), place.name)


async def _lines(
    session: AsyncSession, request: ServiceRequest, note: str | None, *, discreet: bool
) -> list[tuple[str, str]]:
    """The lines of every message about a request, so that one template serves them all.

    Discreet ones do not say whose it is, from which home, or in which words.
    """
    matter, path = request.category.name, request.place.path
    if discreet:
        buildings = await duplicates.buildings_of(session, request.community_id, [path])
    lines = [
        (_("工单编号"), str(request.number)),
        (_("诉求内容"), matter if discreet else _short(f"{matter}：{request.summary}")),
        (_("地点"), buildings[path] if discreet else await where(session, request.place)),
        (_("当前进度"), words.label(request.state)),
    ]
    if request.assignee and request.assignee.name:
        lines.append((_("处理人"), request.assignee.name))
    if note := note or request.suspended_reason or request.outcome or request.reason:
        said = request.discreet(note) if discreet else note
        lines.append((_("说明"), _short(said or "")))
    if request.right_channel:
        lines.append((_("办理途径"), _short(request.right_channel)))
    return lines


async def tell(
    session: AsyncSession,
    request: ServiceRequest,
    person_id: UUID,
    *,
    purpose: str,
    sentence: Sentence,
    note: str | None = None,
    follower: Follower | None = None,
) -> None:
    """Tell one person how a request stands; one who follows it, without whose it is.

    A message about an anonymous request does not say which one in the record of deliveries, so
    that nobody finds the reporter there.
    """
    hidden = request.anonymous or (follower is not None and follower.hidden)
    with speaking(await people.language_of(session, request.community_id, person_id)):
        title = _(sentence) if isinstance(sentence, str) else sentence(request)
        if title is None:
            return
        await notices.tell(
            session,
            community_id=request.community_id,
            person_id=person_id,
            purpose=purpose,
            title=title,
            lines=await _lines(session, request, note, discreet=follower is not None),
            about=None if hidden else request.id,
        )


async def tell_concerned(
    session: AsyncSession,
    request: ServiceRequest,
    sentence: Sentence,
    *,
    note: str | None = None,
    others: Sentence | None = None,
) -> None:
    """Tell whoever reported it, if anybody did, and everybody who follows it, or the others else.

    The note is for all of them to read.
    """
    followers = await following.followers(session, request)
    await tell_all(session, request, sentence, followers, note=note, others=others)


async def tell_all(
    session: AsyncSession,
    request: ServiceRequest,
    sentence: Sentence,
    followers: Sequence[Follower],
    *,
    note: str | None = None,
    others: Sentence | None = None,
) -> None:
    """Tell whoever reported it, and these followers."""
    if reporter_id := request.reporter_id:
        await tell(session, request, reporter_id, purpose=PROGRESS, sentence=sentence, note=note)
    for follower in followers:
        await tell(
            session,
            request,
            follower.person_id,
            purpose=PROGRESS,
            sentence=others or sentence,
            note=note,
            follower=follower,
        )


async def tell_worker(
    session: AsyncSession, request: ServiceRequest, sentence: Sentence, *, note: str | None = None
) -> None:
    """Tell whoever is to do the work, if anybody is."""
    if worker_id := request.assignee_id:
        await tell(session, request, worker_id, purpose=ATTENTION, sentence=sentence, note=note)


def clock(request: ServiceRequest) -> str:
    """When the work is due, as people here write a time."""
    return request.due_at.astimezone(CHINA).strftime("%m-%d %H:%M")
