"""What happened to a request, read from the record in the words of whoever reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.facts import Fact, about
from app.core.i18n import N_, _
from app.organizations.models import Organization
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
    RequestUrged,
)
from app.service_requests.models import Category, Remark, RequestPhoto, ServiceRequest, Stage
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
    RequestSentBack.kind: N_("未解决，退回{worker}重办"),
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
_OF_NEIGHBOURS = frozenset({RequestFollowed.kind, RequestJoined.kind})
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
    categories: Mapping[str, str]


async def timeline(session: AsyncSession, request: ServiceRequest, *, me: Actor) -> list[Entry]:
    """What this actor may know of the request's course, oldest first."""
    facts = list(await session.scalars(about(request.community_id, request.id)))
    handles = await queries.handles(session, request, me)
    if not handles:
        hidden = _for_staff()
        facts = [fact for fact in facts if fact.kind not in hidden]
    cast = await _cast(session, request, facts, internal=handles)
    if handles:
        return [_entry(fact, cast) for fact in facts]
    return [_discreet(_entry(fact, cast), own=_own(fact, request)) for fact in facts]


def _own(fact: Fact, request: ServiceRequest) -> bool:
    return fact.actor_id is not None and fact.actor_id == request.reporter_id


def _discreet(entry: Entry, *, own: bool) -> Entry:
    """Of the neighbours who have the same matter, residents learn no more than that."""
    if entry.kind == RequestUrged.kind and not own:
        return replace(entry, by=Who(None, words.role(Role.RESIDENT)))
    if entry.kind not in _OF_NEIGHBOURS:
        return entry
    somebody = Who(None, words.role(Role.RESIDENT))
    return replace(entry, text=_(_LINES[RequestFollowed.kind]), by=somebody)


def _for_staff() -> set[str]:
    return {*_FOR_STAFF, *(step.event.kind for _name, step in steps if step.internal)}


def _id(fact: Fact, *names: str) -> UUID | None:
    """The first of these ids that the fact has."""
    found = next((fact.payload[name] for name in names if fact.payload.get(name)), None)
    return UUID(found) if found else None


def _to(fact: Fact) -> UUID | None:
    """Whom it is about: the worker, or the organisation."""
    return _id(fact, "worker_id", "organization_id")


async def _cast(
    session: AsyncSession, request: ServiceRequest, facts: Sequence[Fact], *, internal: bool
) -> _Cast:
    ids = {fact.actor_id for fact in facts if fact.actor_id}
    ids |= {to for fact in facts if (to := _to(fact))}
    in_request = (Remark.community_id == request.community_id, Remark.request_id == request.id)
    words_of = select(Remark).where(*in_request)
    remarks = await session.scalars(
        words_of if internal else words_of.where(Remark.internal.is_(False))
    )
    return _Cast(
        request=request,
        names=await _names(session, request.community_id, ids),
        roles=await _roles(session, request, ids),
        remarks={remark.id: remark for remark in remarks},
        photos=request.photos,
        categories=await _categories(session, request.community_id, facts),
    )


async def _categories(
    session: AsyncSession, community_id: UUID, facts: Sequence[Fact]
) -> dict[str, str]:
    """What the kinds of matter are called that it was filed under and is of now, by code."""
    moved = [fact.payload for fact in facts if fact.kind == RequestReclassified.kind]
    codes = {code for payload in moved for code in (payload["was"], payload["now"])}
    rows = select(Category.code, Category.name).where(
        Category.community_id == community_id, Category.code.in_(codes)
    )
    return {row.code: row.name for row in await session.execute(rows)} if codes else {}


async def _names(
    session: AsyncSession, community_id: UUID, ids: set[UUID]
) -> dict[UUID, str | None]:
    """The names of people, also of those who turned out to be others, and of all else that acts."""
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
    firms = select(Organization.id, Organization.name).where(
        Organization.community_id == community_id, Organization.id.in_(ids)
    )
    found = [await session.execute(rows) for rows in (people, programs, firms)]
    return {key: name for rows in found for key, name in rows}


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
    said, to = _id(fact, "remark_id"), _to(fact)
    remark = cast.remarks.get(said) if said else None
    channel = cast.remarks.get(where) if (where := _id(fact, "channel_id")) else None
    worker = cast.names.get(to) if to else None
    line = _line(fact.kind).format(
        summary=request.summary,
        text=(remark and remark.text) or (_("（照片）") if remark else ""),
        worker=worker or _("工作人员"),
        score=payload.get("score"),
        channel=channel and channel.text,
        decision=words.decision(granted=payload.get("granted", False)),
        verdict=words.verdict(payload),
        clock=words.clock(payload.get("clock")),
        number=payload.get("number"),
        minutes=payload.get("minutes"),
        was=cast.categories.get(payload.get("was", "")),
        now=cast.categories.get(payload.get("now", "")),
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
