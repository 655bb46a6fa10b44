"""An organisation for the matrix of permissions."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.organizations import service as organizations
from app.organizations.models import OrganizationKind
from app.people.access import system
from app.places.models import Place
from app.service_requests.catalogue import OTHER
from tests.people.builders import a_person


async def an_organization(session: AsyncSession, area: Place) -> dict[str, str]:
    """An organisation of the area, somebody who works for it, and what it offers."""
    by = system(area.community_id)
    made = await organizations.add(
        session, code="lvcheng", name="绿城物业", kind=OrganizationKind.PROPERTY, place=area, by=by
    )
    member = await organizations.add_member(
        session, made, await a_person(session, area, "吴师傅"), by=by
    )
    listing = await organizations.add_listing(
        session, made, category_code=OTHER, title="上门维修", place=area, by=by
    )
    return {
        "organization_id": str(made.id),
        "member_id": str(member.id),
        "listing_id": str(listing.id),
    }
