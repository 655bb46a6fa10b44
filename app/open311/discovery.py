"""Where this service is found, whom to ask, and how to get a key."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import _
from app.core.settings import settings
from app.open311.documents import FORMATS, Document
from app.open311.showing import moment
from app.places.models import Community
from app.service_requests.models import Category

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
PATH = "/open311/v2"
_MOST = 50
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)


async def discovery(session: AsyncSession) -> Document:
    """The one endpoint there is, and when its services last changed."""
    changed = await session.scalar(select(func.max(Category.updated_at))) or _NEVER
    communities = await session.scalars(select(Community).order_by(Community.slug).limit(_MOST))
    endpoint = {
        "specification": SPECIFICATION,
        "url": settings().base_url + PATH,
        "changeset": moment(changed),
        "type": "production",
        "formats": list(FORMATS.values()),
    }
    return Document(
        "discovery",
        {
            "changeset": moment(changed),
            "contact": "; ".join(_contact(each) for each in communities) or None,
            "key_service": _("请向所在社区的管理员申请api_key。"),
            "endpoints": [endpoint],
        },
    )


def _contact(community: Community) -> str:
    """A community, what it is called in `jurisdiction_id`, and its telephone."""
    parts = (community.name, f"jurisdiction_id={community.slug}", community.hotline)
    return " ".join(part for part in parts if part)
