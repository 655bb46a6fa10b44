"""A grid worker is sent to the homes that a notice has not reached."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.i18n import _
from app.notices import knocking
from app.notices.events import KnockAsked
from app.notices.models import PUBLISHED, Notice
from app.people.access import system
from app.places.models import Place
from app.service_requests import service
from app.service_requests.catalogue import OTHER
from app.service_requests.models import Category, Channel, Origin

NOTICE_VISIT = "notice_visit"


@reacts_to(KnockAsked)
async def send_somebody(session: AsyncSession, event: KnockAsked, community_id: UUID) -> None:
    """File a request for somebody to knock, once; none for a notice that was withdrawn by now."""
    knock = await knocking.waiting(session, community_id, event.knock_id)
    notice = await session.get_one(Notice, (community_id, event.notice_id))
    if knock.request_id or notice.state not in PUBLISHED:
        return
    request = await service.file(
        session,
        category=await _category(session, community_id),
        place=await session.get_one(Place, (community_id, event.home_id)),
        summary=_("请上门告知：{title}").format(title=notice.title),
        by=system(community_id),
        reporter_id=None,
        channel=Channel.PLAN,
        origin=Origin.PLAN,
    )
    knock.request_id = request.id


async def _category(session: AsyncSession, community_id: UUID) -> Category:
    """The one for such visits; the one of all the rest where that is not in the catalogue."""
    either = select(Category).where(
        Category.community_id == community_id,
        Category.code.in_((NOTICE_VISIT, OTHER)),
        Category.active,
    )
    found = await session.scalars(either.order_by(Category.code == OTHER).limit(1))
    return found.one()
