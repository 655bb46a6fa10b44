"""Where people live, and staff's word on it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.core.database import existing
from app.core.pages import Page, paged
from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.people import service
from app.people.access import Me
from app.people.models import Residence
from app.people.problems import ResidenceDecided, ResidenceOver
from app.people.queries import residences_visible_to
from app.people.schemas import RejectionIn, ResidenceFilters, ResidenceOut

router = APIRouter(prefix="/api/v1/residences", tags=["people"], route_class=Route)


async def held(session: Session, me: Me, residence_id: UUID) -> Residence:
    """The residence of this id, if the caller may see it, and nobody else's to change."""
    seen = residences_visible_to(me).where(Residence.id == residence_id)
    return await existing(session, seen.with_for_update(of=Residence))


Held = Annotated[Residence, Depends(held)]


@router.get("", response_model=Page[ResidenceOut])
async def list_residences(
    session: Session, me: Me, asked: Annotated[ResidenceFilters, Query()]
) -> dict[str, object]:
    """The residences you may see, newest first; `standing=claimed` waits for confirmation."""
    residences = residences_visible_to(me)
    if asked.standing:
        residences = residences.where(Residence.standing == asked.standing)
    if asked.home:
        residences = residences.where(Residence.home_id == asked.home)
    if asked.person:
        residences = residences.where(Residence.person_id == asked.person)
    return await paged(session, residences, asked, by=Residence.id)


@router.post(
    "/{residence_id}/confirmation",
    response_model=ResidenceOut,
    responses=problems(NotFound, Forbidden, ResidenceDecided),
)
async def confirm(session: Session, me: Me, residence: Held) -> Residence:
    """Confirm that somebody lives where they say; they are told."""
    return await service.confirm(session, residence, by=me)


@router.post(
    "/{residence_id}/rejection",
    response_model=ResidenceOut,
    responses=problems(NotFound, Forbidden, ResidenceDecided),
)
async def refuse(session: Session, me: Me, residence: Held, asked: RejectionIn) -> Residence:
    """Refuse what somebody says about where they live; they are told, with the reason."""
    return await service.refuse(session, residence, reason=asked.reason, by=me)


@router.post(
    "/{residence_id}/ending",
    response_model=ResidenceOut,
    responses=problems(NotFound, Forbidden, ResidenceOver),
)
async def end(session: Session, me: Me, residence: Held) -> Residence:
    """Note that somebody lives there no more."""
    return await service.end(session, residence, by=me)
