"""Who waits for a request is told that it is of another kind now, and by when it is due."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.i18n import _
from app.service_requests import queries, telling
from app.service_requests.events import RequestReclassified
from app.service_requests.models import UNDONE, ServiceRequest


def _told(request: ServiceRequest) -> str | None:
    if request.state not in UNDONE:
        return None
    return _("您反映的事项改按“{category}”办理，预计{due}前办结。").format(
        category=request.category.name, due=telling.clock(request)
    )


@reacts_to(RequestReclassified)
async def tell_the_kind(
    session: AsyncSession, event: RequestReclassified, community_id: UUID
) -> None:
    """Tell the reporter and the followers; nobody has answered them by that."""
    request = await queries.whole(session, community_id, event.request_id)
    await telling.tell_concerned(session, request, _told)
