"""What happened to a request, read from the record in the words of whoever reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.facts import Fact, about
from app.core.i18n import N_, _
from app.people.access import Actor
from app.people.models import Client, Person, Post, Role
from app.places.models import Place
from app.service_requests import queries, words
from app.service_requests.events import (
    ClockBreached,
    ClockWarned,
    CoHandlerReleased,
    EffortLogged,
    RequestAmended,
    RequestFiled,
    RequestFollowed,
    RequestJoined,
    RequestMerged,
    RequestNoted,
    RequestOffered,
    RequestReclassified,
    RequestSentBack,
    RequestUnfollowed,
)
from app.service_requests.models import Remark, RequestPhoto, ServiceRequest, Stage
from app.service_requests.steps import steps

_LINES = {
    RequestFiled.kind: N_("提交诉求：{summary}"),
    RequestAmended.kind: N_("补充：{text}"),
    RequestNoted.kind: N_("内部备注：{text}"),
    RequestMerged.kind: N_("并入工单{number}"),
    RequestJoined.kind: N_("工单{number}并入本单"),
    RequestFollowed.kind: N_("有居民反映同一件事"),
    RequestUnfollowed.kind: N_("有居民不再关注"),
    RequestOffered.kind: N_("待抢单"),
    RequestSentBack.kind: N_("未解决，退回重办"),
    RequestReclassified.kind: N_("类别由{was}改为{now}"),
    CoHandlerReleased.kind: N_("协办结束"),
    ClockWarned.kind: N_("{clock}即将到期"),
    ClockBreached.kind: N_("{clock}已超时"),
    EffortLogged.kind: N_("记录用时{minutes}分钟"),
}
_FOR_STAFF = frozenset(
    {
        RequestNoted.kind,
        RequestOffered.kind,
        ClockWarned.kind,
        ClockBreached.kind,
        CoHandlerReleased.kind,
        EffortLogged.kind,
        RequestUnfollowed.kind,
    }
)
_STAGES = {RequestFiled.kind: Stage.REPORT}
_NAMELESS = {
    "anonymous": N_("匿名居民"),
    "system": N_("系统"),
    "client": N_("接入平台"),
}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody as the timeline names them."""

    name: str | None
    role: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline; `photos` are ids of files."""

    at: datetime
    kind: str
    text: str
    by: Who
    photos: list[UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Cast:
    """Everybody and everything the record of one request speaks of."""

    request: ServiceRequest
    names: Mapping[UUID, str | None]
    roles: Mapping[UUID, Role]
    remarks: Mapping[UUID, Remark]
    photos: Sequence[RequestPhoto]


async def timeline(session: AsyncSession, request: ServiceRequest, *, me: Actor) -> list[Entry]:
    """What this actor may know of the request's course, oldest first."""
    facts = list(await session.scalars(about(request.community_id, request.id)))
    if not await queries.handles(session, request, me):
        hidden = _for_staff()
        facts = [fact for fact in facts if fact.kind not in hidden]
    cast = await _cast(session, request, facts)
    return [_entry(fact, cast) for fact in facts]


def _for_staff() -> set[str]:
    return {*_FOR_STAFF, *(step.event.kind for _name, step in steps if step.internal)}


async def _cast(session: AsyncSession, request: ServiceRequest, facts: Sequence[Fact]) -> _Cast:
    ids = {fact.actor_id for fact in facts if fact.actor_id}
    ids |= {UUID(fact.payload["worker_id"]) for fact in facts if "worker_id" in fact.payload}
    in_request = (Remark.community_id == request.community_id, Remark.request_id == request.id)
    remarks = await session.scalars(select(Remark).where(*in_request))
    return _Cast(
        request=request,
        names=await _names(session, request.community_id, ids),
        roles=await _roles(session, request, ids),
        remarks={remark.id: remark for remark in remarks},
        photos=request.photos,
    )


async def _names(
    session: AsyncSession, community_id: UUID, ids: set[UUID]
) -> dict[UUID, str | None]:
    """The names of people, also of those who turned out to be others, and of programs."""
    kept = aliased(Person)
    people = (
        select(Person.id, func.coalesce(kept.name, Person.name))
        .outerjoin(
            kept,
            (kept.community_id == Person.community_id) & (kept.id == Person.merged_into_id),
        )
        .where(Person.community_id == community_id, Person.id.in_(ids))
    )
    programs = select(Client.id, Client.name).where(
        Client.community_id == community_id, Client.id.in_(ids)
    )
    return {key: name for rows in (people, programs) for key, name in await session.execute(rows)}


async def _roles(
    session: AsyncSession, request: ServiceRequest, ids: set[UUID]
) -> dict[UUID, Role]:
    """What each is, or was, to the request's place: the nearest post they hold last."""
    held = (
        select(Post.person_id, Post.role)
        .join(Post.place)
        .where(
            Post.community_id == request.community_id,
            Post.person_id.in_(ids),
            Place.path.in_(queries.above(request.place.path)),
        )
        .order_by(Post.ended_at.is_(None), func.length(Place.path), Post.id)
    )
    return {row.person_id: row.role for row in await session.execute(held)}


def _who(fact: Fact, cast: _Cast) -> Who:
    name = cast.names.get(fact.actor_id) if fact.actor_id else None
    if fact.actor_kind in _NAMELESS:
        return Who(name, _(_NAMELESS[fact.actor_kind]))
    reporter = fact.actor_id == cast.request.reporter_id
    held = None if reporter or not fact.actor_id else cast.roles.get(fact.actor_id)
    return Who(name, words.role(held or Role.RESIDENT))


def _entry(fact: Fact, cast: _Cast) -> Entry:
    request, payload = cast.request, fact.payload
    remark = cast.remarks.get(UUID(payload["remark_id"])) if "remark_id" in payload else None
    worker = cast.names.get(UUID(payload["worker_id"])) if "worker_id" in payload else None
    line = _line(fact.kind).format(
        summary=request.summary,
        text=(remark and remark.text) or (_("（照片）") if remark else ""),
        worker=worker or _("工作人员"),
        score=request.score,
        comment=request.rating_comment or "",
        reason=request.reason,
        channel=request.right_channel,
        decision=words.decision(granted=payload.get("granted", False)),
        verdict=words.verdict(payload),
        clock=words.clock(payload.get("clock")),
        number=payload.get("number"),
        minutes=payload.get("minutes"),
        was=payload.get("was"),
        now=payload.get("now"),
    )
    return Entry(fact.at, fact.kind, line.strip(), _who(fact, cast), _photos(fact, remark, cast))


def _line(kind: str) -> str:
    """The sentence for a kind of event, in the reader's language."""
    lines = _LINES | {step.event.kind: step.line for _name, step in steps}
    return _(lines[kind]) if kind in lines else kind


def _photos(fact: Fact, remark: Remark | None, cast: _Cast) -> list[UUID]:
    if remark:
        return [photo.file_id for photo in cast.photos if photo.remark_id == remark.id]
    shows = _STAGES.get(fact.kind)
    return [
        photo.file_id for photo in cast.photos if photo.stage == shows and photo.remark_id is None
    ]
