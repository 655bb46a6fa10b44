"""Who is in a group, and what they are there."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import Select

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.groups import queries, service
from app.groups.api import naming
from app.groups.api.groups import Held, HeldAlone
from app.groups.models import GroupMember
from app.groups.permissions import MANAGE, SEE
from app.groups.problems import GroupNotOpen
from app.groups.schemas import MemberOut, NamedIn, TitleIn
from app.people.access import Me

router = APIRouter(prefix="/api/v1/groups/{group_id}/members", tags=["groups"], route_class=Route)


def seen(me: Me, group: Held) -> Select[GroupMember]:
    """Who is in the group, if the caller may know."""
    SEE.demand(me, at=group.place.path)
    return queries.members_of(group.community_id, group.id)


Seen = Annotated[Select[GroupMember], Depends(seen)]


async def held(session: Session, members: Seen, group_member_id: UUID) -> GroupMember:
    """One of those in the group."""
    return await existing(session, members.where(GroupMember.id == group_member_id))


@router.get("", response_model=Page[MemberOut], responses=problems(NotFound, Forbidden))
async def list_members(session: Session, members: Seen, cursor: Asked) -> dict[str, object]:
    """Who is known to be in a group, in the order they were first seen."""
    return await paged(session, members, cursor, by=GroupMember.id, newest_first=False)


@router.post(
    "",
    status_code=201,
    response_model=MemberOut,
    responses=problems(NotFound, Invalid, Forbidden, GroupNotOpen),
)
async def name_member(session: Session, me: Me, group: HeldAlone, asked: NamedIn) -> GroupMember:
    """Say what somebody we know is in a group, though they may not have spoken there."""
    MANAGE.demand(me, at=group.place.path)
    person = await naming.person(session, me, asked.person_id)
    return await service.name_member(session, group, person, asked.title, by=me)


@router.patch(
    "/{group_member_id}",
    response_model=MemberOut,
    responses=problems(NotFound, Invalid, Forbidden, GroupNotOpen),
)
async def give_title(
    session: Session,
    me: Me,
    group: HeldAlone,
    member: Annotated[GroupMember, Depends(held)],
    asked: TitleIn,
) -> GroupMember:
    """Say what somebody in a group is: who runs it, who answers for the company."""
    return await service.give_title(session, group, member, asked.title, by=me)
