"""Who works for the community besides its own staff."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core.database import existing
from app.core.pages import Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.organizations import queries, service
from app.organizations.api import naming
from app.organizations.models import Organization
from app.organizations.problems import OrganizationExists
from app.organizations.schemas import (
    OrganizationChange,
    OrganizationFilters,
    OrganizationIn,
    OrganizationOut,
)
from app.people.access import Me

router = APIRouter(prefix="/api/v1/organizations", tags=["organizations"], route_class=Route)


async def held(session: Session, me: Me, organization_id: UUID) -> Organization:
    """The organisation of this id, if the caller may see it."""
    seen = queries.visible_to(me).where(Organization.id == organization_id)
    return await existing(session, seen)


Held = Annotated[Organization, Depends(held)]


async def held_alone(session: Session, organization: Held, http: Request) -> Organization:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    await session.refresh(organization, with_for_update={"key_share": True})
    await session.refresh(organization, ["place"])
    matches(http, organization.version)
    return organization


HeldAlone = Annotated[Organization, Depends(held_alone)]


@router.get("", response_model=Page[OrganizationOut])
async def list_organizations(
    session: Session, me: Me, asked: Annotated[OrganizationFilters, Query()]
) -> dict[str, object]:
    """The organisations at work, in the order they came; of a kind, or at work at a place."""
    rows = queries.visible_to(me)
    if asked.kind:
        rows = rows.where(Organization.kind == asked.kind)
    if asked.place:
        rows = rows.where(queries.serving(me.community_id, asked.place))
    return await paged(session, rows, asked, by=Organization.id, newest_first=False)


@router.post(
    "",
    status_code=201,
    response_model=OrganizationOut,
    responses=problems(Invalid, Forbidden, OrganizationExists),
)
async def add_organization(
    session: Session, me: Me, asked: OrganizationIn, response: Response
) -> Organization:
    """Let an organisation work within a place and all that it holds."""
    place = await naming.place(session, me, asked.place_id)
    columns = asked.model_dump(exclude={"place_id"})
    organization = await service.add(session, **columns, place=place, by=me)
    response.headers["ETag"] = etag(organization.version)
    return organization


@router.get("/{organization_id}", response_model=OrganizationOut, responses=problems(NotFound))
async def read_organization(organization: Held, response: Response) -> Organization:
    """An organisation, what it handles, and how it is reached."""
    response.headers["ETag"] = etag(organization.version)
    return organization


@router.patch(
    "/{organization_id}",
    response_model=OrganizationOut,
    responses=problems(NotFound, Invalid, Forbidden, Changed),
)
async def change_organization(
    session: Session,
    me: Me,
    organization: HeldAlone,
    asked: OrganizationChange,
    response: Response,
) -> Organization:
    """Describe, move or withdraw an organisation; `If-Match` guards against lost changes."""
    place = await naming.place(session, me, asked.place_id) if asked.place_id else None
    columns = asked.model_dump(exclude_unset=True, exclude={"place_id"})
    await service.change(session, organization, columns, place=place, by=me)
    response.headers["ETag"] = etag(organization.version)
    return organization
