"""Tasks from above: what departments hand down is a request, and says whose wish it is."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.problems import Invalid
from app.organizations.models import Organization
from app.people.access import Actor
from app.places.models import Place
from app.service_requests import clocks, service
from app.service_requests.models import Category, Channel, Origin, ServiceRequest
from app.service_requests.permissions import TASK


async def take_down(
    session: AsyncSession,
    department: Organization,
    *,
    category: Category,
    place: Place,
    summary: str,
    reference: str | None,
    due_at: datetime | None,
    by: Actor,
) -> ServiceRequest:
    """File what a department wants done; the day it names takes the place of the category's limit.

    Raises `Forbidden`, and `Invalid` for a day that has passed.
    """
    TASK.demand(by, at=place.path)
    if due_at is not None and due_at <= now():
        raise Invalid(errors=[{"path": "body.due_at", "message": "has passed"}])
    task = await service.file(
        session,
        category=category,
        place=place,
        summary=summary,
        by=by,
        reporter_id=None,
        channel=Channel.DESK,
        origin=Origin.ABOVE,
    )
    task.origin_organization_id = department.id
    task.origin_reference = reference
    if due_at is not None:
        await clocks.due(session, task, due_at)
    await session.flush()
    return task
