"""How requests went on, as others may be told: a status, some words, photos."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.service_requests import words
from app.service_requests.events import (
    RequestAmended,
    RequestMerged,
    RequestReopened,
    RequestSentBack,
)
from app.service_requests.models import Remark, RequestPhoto, State
from app.service_requests.steps import steps

_LEAVES = {
    RequestMerged.kind: State.MERGED,
    RequestReopened.kind: State.ASSIGNED,
    RequestSentBack.kind: State.ASSIGNED,
}
"""Where a request stands after what is no step, or a step that decides it by itself."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a request; without words of staff its text is the state."""

    id: UUID
    request_id: UUID
    at: datetime
    state: State
    text: str
    moved: bool
    """Whether the state is another one since."""
    photos: Sequence[UUID] = ()


def kinds() -> list[str]:
    """The kinds of facts that may be told."""
    shown = {step.event.kind for _name, step in steps if not step.internal}
    return sorted({RequestAmended.kind, *_LEAVES, *shown})


async def course(
    session: AsyncSession, community_id: UUID, request_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[Happening]]:
    """What happened to each of these requests, oldest first; what residents added is left out."""
    rows = (
        select(Fact)
        .where(
            Fact.community_id == community_id,
            Fact.subject_id.in_(request_ids),
            Fact.kind.in_(kinds()),
        )
        .order_by(Fact.id)
    )
    facts = list(await session.scalars(rows))
    named = {UUID(fact.payload["remark_id"]) for fact in facts if fact.payload.get("remark_id")}
    said = _Said(
        await _remarks(session, community_id, named), await _photos(session, community_id, named)
    )
    of_each: dict[UUID, list[Fact]] = {request_id: [] for request_id in request_ids}
    for fact in facts:
        of_each[fact.subject_id].append(fact)
    return {request_id: list(_told(those, said)) for request_id, those in of_each.items()}


@dataclass(frozen=True, slots=True)
class _Said:
    remarks: Mapping[UUID, Remark]
    photos: Mapping[UUID | None, Sequence[UUID]]


async def _remarks(
    session: AsyncSession, community_id: UUID, ids: set[UUID]
) -> Mapping[UUID, Remark]:
    rows = select(Remark).where(
        Remark.community_id == community_id,
        Remark.id.in_(ids),
        Remark.internal.is_(False),
        Remark.by_reporter.is_(False),
    )
    return {remark.id: remark for remark in await session.scalars(rows)}


async def _photos(
    session: AsyncSession, community_id: UUID, ids: set[UUID]
) -> Mapping[UUID | None, Sequence[UUID]]:
    rows = (
        select(RequestPhoto.remark_id, RequestPhoto.file_id)
        .where(RequestPhoto.community_id == community_id, RequestPhoto.remark_id.in_(ids))
        .order_by(RequestPhoto.id)
    )
    photos: dict[UUID | None, list[UUID]] = {}
    for remark_id, file_id in await session.execute(rows):
        photos.setdefault(remark_id, []).append(file_id)
    return photos


def _told(facts: Sequence[Fact], said: _Said) -> Iterator[Happening]:
    leaves = {step.event.kind: step.leaves for _name, step in steps} | _LEAVES
    state = State.SUBMITTED
    for fact in facts:
        before, state = state, leaves.get(fact.kind) or state
        remark_id = UUID(fact.payload["remark_id"]) if fact.payload.get("remark_id") else None
        remark = said.remarks.get(remark_id) if remark_id else None
        moved = state is not before
        if moved or remark:
            yield Happening(
                fact.id,
                fact.subject_id,
                fact.at,
                state,
                (remark and remark.text) or words.label(state),
                moved,
                said.photos.get(remark.id, ()) if remark else (),
            )
