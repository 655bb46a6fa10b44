"""Words that belong to a request: the fact names the remark, and the remark holds the words."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.service_requests import search
from app.service_requests.models import Remark, ServiceRequest


async def add(
    session: AsyncSession,
    request: ServiceRequest,
    text: str | None,
    *,
    by_reporter: bool = False,
    internal: bool = False,
) -> UUID:
    """Keep the words; an internal remark is for staff alone. Returns the id for the event.

    Requests are found by what everybody concerned may read, and not by what is internal.
    """
    remark = Remark(
        community_id=request.community_id,
        id=new_id(),
        request_id=request.id,
        by_reporter=by_reporter,
        internal=internal,
        text=text,
    )
    session.add(remark)
    if text and not internal:
        await search.add(session, request, text)
    request.updated_at = now()
    await session.flush()
    return remark.id
