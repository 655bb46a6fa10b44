"""Where the community publishes for everybody; what is secret about it goes in and never out."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import SecretStr

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.notices import outlets
from app.notices.models import Outlet
from app.notices.outlet_schemas import OutletChange, OutletIn, OutletOut
from app.notices.permissions import OUTLETS
from app.notices.problems import OutletTaken
from app.people.access import Me
from app.places.models import ROOT

router = APIRouter(prefix="/api/v1/outlets", tags=["outlets"], route_class=Route)


async def held(session: Session, me: Me, outlet_id: UUID) -> Outlet:
    """The outlet of this id, if the caller may set it up, and nobody else's to change."""
    seen = outlets.visible_to(me).where(Outlet.id == outlet_id)
    return await existing(session, seen.with_for_update())


Held = Annotated[Outlet, Depends(held)]


def _opened(keys: dict[str, SecretStr]) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in keys.items()}


@router.get("", response_model=Page[OutletOut], responses=problems(Forbidden))
async def list_outlets(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """Where your community publishes, newest first; its site and its board are there from start."""
    OUTLETS.demand(me, at=ROOT)
    return await paged(session, outlets.visible_to(me), cursor, by=Outlet.id)


@router.post(
    "",
    status_code=201,
    response_model=OutletOut,
    responses=problems(Forbidden, Invalid, OutletTaken),
)
async def add_outlet(session: Session, me: Me, asked: OutletIn) -> Outlet:
    """Publish at another place, with the secrets its channel needs."""
    return await outlets.add(
        session, channel=asked.channel, name=asked.name, keys=_opened(asked.keys), by=me
    )


@router.patch(
    "/{outlet_id}",
    response_model=OutletOut,
    responses=problems(NotFound, Forbidden, Invalid, OutletTaken),
)
async def change_outlet(session: Session, me: Me, outlet: Held, asked: OutletChange) -> Outlet:
    """Call it otherwise, give it other secrets, or publish nothing there for now."""
    columns: dict[str, Any] = asked.named()
    if asked.keys is not None:
        columns["keys"] = _opened(asked.keys)
    return await outlets.change(session, outlet, columns, by=me)
