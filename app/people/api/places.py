"""The map: everyone of a community sees all of it, and staff redraw their part."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import existing
from app.core.pages import Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.people.access import Actor, Me
from app.people.permissions import MAP
from app.places import queries, service
from app.places.models import Place
from app.places.problems import PlaceDoesNotFit, PlaceInsideItself, PlaceTaken
from app.places.schemas import PlaceChange, PlaceFilters, PlaceIn, PlaceOut

router = APIRouter(prefix="/api/v1/places", tags=["places"], route_class=Route)


async def named(session: AsyncSession, me: Actor, place_id: UUID, *, field: str) -> Place:
    """The place a field of the body names; `Invalid` when the caller sees none of this id."""
    if place := await session.scalar(queries.visible_to(me).where(Place.id == place_id)):
        return place
    raise Invalid(errors=[{"path": f"body.{field}", "message": "there is no such place"}])


async def held(session: Session, me: Me, place_id: UUID) -> Place:
    """The place of this id, if the caller may see it."""
    return await existing(session, queries.visible_to(me).where(Place.id == place_id))


Held = Annotated[Place, Depends(held)]


@router.get("", response_model=Page[PlaceOut])
async def list_places(
    session: Session, me: Me, asked: Annotated[PlaceFilters, Query()]
) -> dict[str, object]:
    """The map, in the order of the paths."""
    places = queries.visible_to(me)
    if asked.kind:
        places = places.where(Place.kind == asked.kind)
    if asked.parent:
        places = places.where(Place.parent_id == asked.parent)
    if asked.within:
        places = places.where(queries.within(me.community_id, asked.within))
    return await paged(session, places, asked, by=Place.path, newest_first=False)


@router.get("/{place_id}", response_model=PlaceOut, responses=problems(NotFound))
async def read_place(place: Held) -> Place:
    """A place."""
    return place


@router.post(
    "",
    status_code=201,
    response_model=PlaceOut,
    responses=problems(Invalid, Forbidden, PlaceDoesNotFit, PlaceTaken),
)
async def add_place(session: Session, me: Me, asked: PlaceIn) -> Place:
    """Put a place on the map, directly within another one."""
    parent = await named(session, me, asked.parent_id, field="parent_id")
    MAP.demand(me, at=parent.path)
    return await service.add(
        session, parent, kind=asked.kind, code=asked.code, name=asked.name, by=me
    )


@router.patch(
    "/{place_id}",
    response_model=PlaceOut,
    responses=problems(
        NotFound, Invalid, Forbidden, PlaceDoesNotFit, PlaceInsideItself, PlaceTaken
    ),
)
async def change_place(session: Session, me: Me, place: Held, asked: PlaceChange) -> Place:
    """Call a place otherwise, or move it, with all within it, into another one."""
    MAP.demand(me, at=place.path)
    if asked.parent_id:
        parent = await named(session, me, asked.parent_id, field="parent_id")
        MAP.demand(me, at=parent.path)
        await service.move(session, place, to=parent, by=me)
    if asked.name:
        await service.rename(session, place, name=asked.name, by=me)
    return place
