"""The groups of a community: proposed, opened, changed, closed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core.database import existing
from app.core.pages import Page, paged
from app.core.problems import (
    Changed,
    Forbidden,
    Invalid,
    NotFound,
    TooManyRequests,
    problems,
)
from app.core.web import Route, Session, etag, matches
from app.groups import queries, service
from app.groups.api import naming
from app.groups.models import Group
from app.groups.problems import GroupDecided, GroupKnown, GroupNotOpen, UnknownPlatform
from app.groups.schemas import (
    ApprovalIn,
    GroupChange,
    GroupFilters,
    GroupIn,
    GroupOut,
    ReasonIn,
)
from app.people.access import Me
from app.places.queries import within

router = APIRouter(prefix="/api/v1/groups", tags=["groups"], route_class=Route)


async def held(session: Session, me: Me, group_id: UUID) -> Group:
    """The group of this id, if the caller may see it."""
    seen = queries.visible_to(me).where(Group.id == group_id)
    return await existing(session, seen)


Held = Annotated[Group, Depends(held)]


async def held_alone(session: Session, group: Held, http: Request) -> Group:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    columns = [column.key for column in Group.__mapper__.column_attrs]
    await session.refresh(group, columns, with_for_update={"key_share": True})
    await session.refresh(group, ["place"])
    matches(http, group.version)
    return group


HeldAlone = Annotated[Group, Depends(held_alone)]


@router.get("", response_model=Page[GroupOut])
async def list_groups(
    session: Session, me: Me, asked: Annotated[GroupFilters, Query()]
) -> dict[str, object]:
    """The groups of your places, those you are in, and those you proposed; newest first."""
    rows = queries.visible_to(me)
    if asked.kind:
        rows = rows.where(Group.kind == asked.kind)
    if asked.state:
        rows = rows.where(Group.state == asked.state)
    if asked.place:
        rows = rows.where(within(me.community_id, asked.place))
    return await paged(session, rows, asked, by=Group.id)


@router.post(
    "",
    status_code=201,
    response_model=GroupOut,
    responses=problems(Invalid, Forbidden, UnknownPlatform, GroupKnown, TooManyRequests),
)
async def add_group(session: Session, me: Me, asked: GroupIn, response: Response) -> Group:
    """Propose a group; who manages the place opens it at once, with an owner and its robot."""
    place = await naming.place(session, me, asked.place_id)
    group = await service.add(
        session,
        place=place,
        columns=asked.columns(),
        owner=await naming.owner(session, me, asked.owner_id),
        bot=await naming.bot(session, me, asked.bot_id),
        by=me,
    )
    response.headers["ETag"] = etag(group.version)
    return group


@router.get("/{group_id}", response_model=GroupOut, responses=problems(NotFound))
async def read_group(group: Held, response: Response) -> Group:
    """A group."""
    response.headers["ETag"] = etag(group.version)
    return group


@router.patch(
    "/{group_id}",
    response_model=GroupOut,
    responses=problems(
        *(NotFound, Invalid, Forbidden, Changed, GroupNotOpen, UnknownPlatform, GroupKnown)
    ),
)
async def change_group(
    session: Session, me: Me, group: HeldAlone, asked: GroupChange, response: Response
) -> Group:
    """Describe a group otherwise, also who owns it; `If-Match` guards against lost changes."""
    await service.change(
        session,
        group,
        asked.columns(),
        place=await naming.place(session, me, asked.place_id) if asked.place_id else None,
        owner=await naming.owner(session, me, asked.owner_id),
        bot=await naming.bot(session, me, asked.bot_id),
        by=me,
    )
    response.headers["ETag"] = etag(group.version)
    return group


@router.post(
    "/{group_id}/approval",
    response_model=GroupOut,
    responses=problems(
        *(NotFound, Invalid, Forbidden, Changed, GroupDecided, UnknownPlatform, GroupKnown)
    ),
)
async def approve_group(
    session: Session, me: Me, group: HeldAlone, asked: ApprovalIn, response: Response
) -> Group:
    """Open a proposed group; who proposed it answers for it, unless another is named."""
    await service.approve(
        session,
        group,
        asked.columns(),
        owner=await naming.owner(session, me, asked.owner_id),
        bot=await naming.bot(session, me, asked.bot_id),
        by=me,
    )
    response.headers["ETag"] = etag(group.version)
    return group


@router.post(
    "/{group_id}/refusal",
    response_model=GroupOut,
    responses=problems(NotFound, Forbidden, Changed, GroupDecided),
)
async def refuse_group(session: Session, me: Me, group: HeldAlone, asked: ReasonIn) -> Group:
    """Let a proposed group not be, and say why."""
    return await service.refuse(session, group, reason=asked.reason, by=me)


@router.post(
    "/{group_id}/closing",
    response_model=GroupOut,
    responses=problems(NotFound, Forbidden, Changed, GroupNotOpen),
)
async def close_group(session: Session, me: Me, group: HeldAlone, asked: ReasonIn) -> Group:
    """Let a group be one of the community's no more, and say why."""
    return await service.close(session, group, reason=asked.reason, by=me)
