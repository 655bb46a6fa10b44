"""A request and what goes with it, for the matrix of permissions."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.files import store_photo
from app.core.ids import new_id
from app.core.jobs import DeadLetter
from app.people import service as people
from app.people.access import Actor, system
from app.people.models import CareKind, Client, ConsentChannel, Person
from app.places.models import Place
from app.service_requests import policies, service
from app.service_requests.catalogue import install_catalogue
from app.service_requests.figures import reports
from app.service_requests.models import (
    FIRST_NUMBER,
    Category,
    Channel,
    Every,
    Follower,
    ReplyTemplate,
    SavedView,
    VisitPlan,
)
from app.service_requests.queries import categories_of
from tests.pictures import a_picture


async def a_request_of(session: AsyncSession, home: Place, resident: Person) -> dict[str, str]:
    """A request of the resident, and work of this community that failed."""
    by = system(home.community_id)
    await install_catalogue(session, home.community_id, by=by)
    category: Category = (await session.scalars(categories_of(home.community_id))).first()  # type: ignore[assignment]
    photo = await store_photo(session, a_picture(), community_id=home.community_id, by=resident.id)
    request = await service.file(
        session,
        photos=[photo.id],
        category=category,
        place=home,
        summary="水管漏水",
        by=Actor(home.community_id, "person", resident.id),
        reporter_id=resident.id,
        channel=Channel.DESK,
    )
    letter = DeadLetter(
        job_id=1,
        community_id=home.community_id,
        task="app.service_requests.reactions.follow_the_person",
        arguments={},
        error="Timeout",
    )
    session.add(letter)
    await session.flush()
    return {
        "code": category.code,
        "version": "1",
        "request_id": str(request.id),
        "step": "accept",
        "file_id": str(photo.id),
        "letter_id": str(letter.id),
    }


async def a_follower(
    session: AsyncSession, ids: Mapping[str, str], neighbour: Person | Client
) -> dict[str, str]:
    """The request is the matter of a neighbour, too."""
    request_id = UUID(ids["request_id"])
    follower = Follower(
        community_id=neighbour.community_id, request_id=request_id, person_id=neighbour.id
    )
    session.add(follower)
    await session.flush()
    return {"number": str(FIRST_NUMBER)}


async def a_view_and_a_template(session: AsyncSession, root: Place) -> dict[str, str]:
    """A view that is shared, and words to reply with."""
    view = SavedView(community_id=root.community_id, id=new_id(), name="大家的", filters={})
    template = ReplyTemplate(
        community_id=root.community_id, id=new_id(), name="受理", text="您好，{称呼}"
    )
    session.add_all([view, template])
    await session.flush()
    return {"view_id": str(view.id), "template_id": str(template.id)}


async def somebody_looked_after(
    session: AsyncSession, home: Place, resident: Person
) -> dict[str, str]:
    """The resident is on the care register and visited by plan; a month was published."""
    by = system(home.community_id)
    entry = await people.enter(
        session,
        resident,
        home,
        kinds=[CareKind.ELDERLY],
        note=None,
        contact=None,
        agreed=people.Agreed("同意", ConsentChannel.PAPER),
        by=by,
    )
    category = (await session.scalars(categories_of(home.community_id))).first()
    plan = VisitPlan(
        community_id=home.community_id,
        person_id=resident.id,
        place_id=home.id,
        category_id=category and category.id,
        task="走访",
        every=Every.WEEK,
        count=1,
        starts_on=date(2026, 12, 1),
        next_on=date(2026, 12, 1),
    )
    session.add(plan)
    await session.flush()
    month = await reports.publish(session, "2026-09", note=None, by=by)
    return {"entry_id": str(entry.id), "plan_id": str(plan.id), "month": month.month}


async def a_special_day(session: AsyncSession, root: Place) -> dict[str, str]:
    """A day on which the community works, whatever the calendar says."""
    day, by = date(2026, 11, 28), system(root.community_id)
    await policies.set_day(session, day, working=True, note="值班", by=by)
    return {"day": day.isoformat()}
