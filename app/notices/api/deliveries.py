"""How each delivery went, and trying again what died."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import Select

from app.core.pages import Page, paged
from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.notices import replaying
from app.notices.api.holding import Held
from app.notices.delivery_schemas import DeliveriesOut, DeliveryFilters, DeliveryOut, ReplayOut
from app.notices.models import Delivery
from app.notices.permissions import REPLAY
from app.notices.problems import NotDead
from app.people.access import Me

router = APIRouter(prefix="/api/v1", tags=["notices"], route_class=Route)

Filters = Annotated[DeliveryFilters, Query()]


def _chosen(rows: Select[Delivery], asked: DeliveryFilters) -> Select[Delivery]:
    if asked.state:
        rows = rows.where(Delivery.state == asked.state)
    if asked.channel:
        rows = rows.where(Delivery.channel == asked.channel)
    return rows


@router.get(
    "/notices/{notice_id}/deliveries",
    response_model=DeliveriesOut,
    responses=problems(NotFound, Forbidden),
)
async def list_deliveries_of_notice(
    session: Session, me: Me, notice: Held, asked: Filters
) -> dict[str, object]:
    """How far a notice has come: counted by channel and state, and each delivery."""
    rows = _chosen(replaying.of_notice(notice, me), asked)
    page = await paged(session, rows, asked, by=Delivery.id)
    return page | {"counts": await replaying.counts(session, notice)}


@router.post(
    "/notices/{notice_id}/replays",
    responses=problems(NotFound, Forbidden),
)
async def replay_notice(session: Session, me: Me, notice: Held) -> ReplayOut:
    """Try every delivery of a notice again that has died."""
    return ReplayOut(deliveries=await replaying.replay_all(session, notice, by=me))


@router.get("/deliveries", response_model=Page[DeliveryOut], responses=problems(Forbidden))
async def list_deliveries(session: Session, me: Me, asked: Filters) -> dict[str, object]:
    """Everything that was told or is to be, newest first; `?state=dead` is what needs a look."""
    return await paged(session, _chosen(replaying.of_community(me), asked), asked, by=Delivery.id)


@router.post(
    "/deliveries/{delivery_id}/replays",
    response_model=DeliveryOut,
    responses=problems(NotFound, Forbidden, NotDead),
)
async def replay_delivery(session: Session, me: Me, delivery_id: UUID) -> Delivery:
    """Try a delivery again that has died."""
    REPLAY.demand_somewhere(me)
    if delivery := await replaying.one(session, delivery_id, me):
        return await replaying.replay(session, delivery, by=me)
    raise NotFound
