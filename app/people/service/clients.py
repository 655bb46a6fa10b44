"""Other programs that call us, and their keys."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth import Holder, issue
from app.core.clock import now
from app.core.facts import record
from app.people.access import Actor
from app.people.events import ClientAdded, ClientRevoked
from app.people.models import Client, Role
from app.people.permissions import CLIENTS, demand_to_grant
from app.people.service.sessions import end_all
from app.places.models import Place


async def add_client(
    session: AsyncSession, *, name: str, place: Place, role: Role, by: Actor
) -> tuple[Client, str]:
    """Let a program call in a role within a place, no higher than one's own; and its key.

    The key cannot be read again.
    """
    demand_to_grant(CLIENTS, by, role=role, at=place.path)
    client = Client(community_id=place.community_id, name=name, place_id=place.id, role=role)
    session.add(client)
    await session.flush()
    key = issue(
        session,
        community_id=client.community_id,
        holder=Holder.CLIENT,
        holder_id=client.id,
    )
    event = ClientAdded(client_id=client.id, place_id=place.id, role=role)
    await record(session, event, by=by)
    return client, key


async def revoke_client(session: AsyncSession, client: Client, *, by: Actor) -> None:
    """Let a program call no more, from its next request on; once is enough."""
    CLIENTS.demand(by, at=client.place.path)
    if client.revoked_at is not None:
        return
    client.revoked_at = now()
    await end_all(session, client.community_id, client.id)
    await record(session, ClientRevoked(client_id=client.id), by=by)
