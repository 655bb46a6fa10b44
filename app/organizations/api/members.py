"""Who works for an organisation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import Select
from sqlalchemy.orm import joinedload

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.organizations import queries, service
from app.organizations.api import naming
from app.organizations.api.organizations import Held
from app.organizations.models import Member, Organization
from app.organizations.problems import AlreadyMember
from app.organizations.schemas import MemberIn, MemberOut
from app.people.access import Me
from app.people.problems import LoginTaken

router = APIRouter(
    prefix="/api/v1/organizations/{organization_id}/members",
    tags=["organizations"],
    route_class=Route,
)


async def seen(session: Session, me: Me, organization: Held) -> Select[Member]:
    """Who works for the organisation, if the caller may know."""
    return await queries.members_visible_to(session, organization, me)


Seen = Annotated[Select[Member], Depends(seen)]


async def held(session: Session, members: Seen, member_id: UUID) -> Member:
    """One of those who work for the organisation."""
    whole = joinedload(Member.organization).joinedload(Organization.place)
    return await existing(session, members.where(Member.id == member_id).options(whole))


HeldMember = Annotated[Member, Depends(held)]


@router.get("", response_model=Page[MemberOut], responses=problems(NotFound, Forbidden))
async def list_members(session: Session, members: Seen, cursor: Asked) -> dict[str, object]:
    """Who works for an organisation, in the order they came; for them and for staff."""
    return await paged(session, members, cursor, by=Member.id, newest_first=False)


@router.post(
    "",
    status_code=201,
    response_model=MemberOut,
    responses=problems(NotFound, Invalid, Forbidden, AlreadyMember, LoginTaken),
)
async def add_member(session: Session, me: Me, organization: Held, asked: MemberIn) -> Member:
    """Let somebody we know, or somebody new, work for an organisation."""
    if asked.person_id:
        person = await naming.person(session, me, asked.person_id)
        return await service.add_member(session, organization, person, head=asked.head, by=me)
    return await service.hire_member(session, organization, **asked.newcomer(), by=me)


@router.delete("/{member_id}", status_code=204, responses=problems(NotFound, Forbidden))
async def end_member(session: Session, me: Me, member: HeldMember) -> None:
    """Let somebody work for an organisation no more, from their next request on."""
    await service.end_member(session, member, by=me)
