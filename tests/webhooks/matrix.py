"""An endpoint of other software, and an outlet, for the matrix of permissions."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.notices import outlets
from app.notices.models import Outlet
from app.people.access import system
from app.places.models import Place
from app.webhooks import service


async def an_endpoint(session: AsyncSession, root: Place) -> dict[str, str]:
    """A subscription that was sent a test message, and the community's site."""
    by = system(root.community_id)
    asked = {"name": "hub", "url": "https://hub.example/in", "kinds": ["webhook.*"]}
    subscription = await service.subscribe(session, asked, by=by)
    message = await service.test(session, subscription, by=by)
    await outlets.open_first(session, root.community_id)
    outlet_id = await session.scalar(
        select(Outlet.id).where(Outlet.community_id == root.community_id).limit(1)
    )
    return {
        "subscription_id": str(subscription.id),
        "webhook_message_id": str(message.id),
        "outlet_id": str(outlet_id),
    }
