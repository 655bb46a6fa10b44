"""Other programs that call us."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.people import service
from app.people.access import Me
from app.people.api.places import named
from app.people.models import Client
from app.people.permissions import CLIENTS
from app.people.queries import clients_visible_to
from app.people.schemas import ClientIn, ClientKeyOut, ClientOut

router = APIRouter(prefix="/api/v1/clients", tags=["clients"], route_class=Route)


async def held(session: Session, me: Me, client_id: UUID) -> Client:
    """The client of this id, if the caller may see it."""
    return await existing(session, clients_visible_to(me).where(Client.id == client_id))


Held = Annotated[Client, Depends(held)]


@router.get("", response_model=Page[ClientOut], responses=problems(Forbidden))
async def list_clients(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The programs that act within your places, newest first."""
    CLIENTS.demand_somewhere(me)
    return await paged(session, clients_visible_to(me), cursor, by=Client.id)


@router.post("", status_code=201, responses=problems(Invalid, Forbidden))
async def add_client(session: Session, me: Me, asked: ClientIn, response: Response) -> ClientKeyOut:
    """Let a program call in a role within a place; its key is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    place = await named(session, me, asked.place_id, field="place_id")
    client, key = await service.add_client(
        session, name=asked.name, place=place, role=asked.role, by=me
    )
    await session.refresh(client, ["place"])
    return ClientKeyOut(client=ClientOut.model_validate(client), key=key)


@router.get("/{client_id}", response_model=ClientOut, responses=problems(NotFound))
async def read_client(client: Held) -> Client:
    """Another program that calls us."""
    return client


@router.delete("/{client_id}", status_code=204, responses=problems(NotFound, Forbidden))
async def revoke_client(session: Session, me: Me, client: Held) -> None:
    """Let a program call no more, from its next request on."""
    await service.revoke_client(session, client, by=me)
