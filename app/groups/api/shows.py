"""Shows of hands in the groups, for staff of the groups' places."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.core.database import existing
from app.core.pages import Page, paged
from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.groups import hands
from app.groups.api.chains import HeldGroup
from app.groups.models import Show
from app.groups.problems import ShowIsClosed
from app.groups.sign_up_schemas import OptionOut, ShowFilters, ShowOut, ShowWhole
from app.people.access import Me

router = APIRouter(prefix="/api/v1", tags=["sign-ups"], route_class=Route)


async def held(session: Session, me: Me, show_id: UUID) -> Show:
    """The show of hands of this id, if the caller may see it."""
    return await existing(session, hands.visible_to(me).where(Show.id == show_id))


Held = Annotated[Show, Depends(held)]


async def _whole(session: Session, show: Show) -> ShowWhole:
    raised = await hands.counts(session, show)
    options = [
        OptionOut(number=number, text=text, hands=raised[number - 1])
        for number, text in enumerate(show.options, start=1)
    ]
    shown = ShowOut.model_validate(show).model_dump()
    return ShowWhole(**shown | {"options": options})


@router.get(
    "/groups/{group_id}/shows",
    response_model=Page[ShowOut],
    responses=problems(Forbidden, NotFound),
)
async def list_shows(
    session: Session, me: Me, group: HeldGroup, asked: Annotated[ShowFilters, Query()]
) -> dict[str, object]:
    """What hands were asked for in a group, newest first."""
    rows = hands.visible_to(me).where(Show.group_id == group.id)
    if asked.open is not None:
        rows = rows.where(Show.closed_at.is_(None) if asked.open else Show.closed_at.is_not(None))
    return await paged(session, rows, asked, by=Show.id)


@router.get("/shows/{show_id}", responses=problems(NotFound))
async def read_show(session: Session, show: Held) -> ShowWhole:
    """A show of hands with how many were raised for what; who raised them is not told."""
    return await _whole(session, show)


@router.post(
    "/shows/{show_id}/closing",
    responses=problems(NotFound, Forbidden, ShowIsClosed),
)
async def close_show(session: Session, me: Me, show: Held) -> ShowWhole:
    """Count the hands now, and let the group know."""
    return await _whole(session, await hands.close(session, show, by=me))
