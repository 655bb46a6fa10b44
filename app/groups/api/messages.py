"""What was said in groups, for the entitled; every reading is recorded."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.core.facts import record
from app.core.pages import Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.groups import queries
from app.groups.api.groups import Held
from app.groups.events import MessagesRead
from app.groups.models import GroupMessage
from app.groups.permissions import READ
from app.groups.schemas_answering import MessageFilters, MessageOut
from app.groups.search import says
from app.people.access import Me

router = APIRouter(prefix="/api/v1/groups/{group_id}/messages", tags=["groups"], route_class=Route)


@router.get("", response_model=Page[MessageOut], responses=problems(NotFound, Invalid, Forbidden))
async def list_messages(
    session: Session, me: Me, group: Held, asked: Annotated[MessageFilters, Query()]
) -> dict[str, object]:
    """What was said in a group, newest first; `q` finds words of two characters and more."""
    READ.demand(me, at=group.place.path)
    rows = queries.messages_of(group.community_id, group.id)
    if asked.q is not None:
        rows = rows.where(says(asked.q))
    if asked.since:
        rows = rows.where(GroupMessage.sent_at >= asked.since)
    if asked.until:
        rows = rows.where(GroupMessage.sent_at < asked.until)
    if asked.sender:
        rows = rows.where(GroupMessage.sender_id == asked.sender)
    page = await paged(session, rows, asked, by=GroupMessage.id)
    await record(session, MessagesRead(group_id=group.id, searched=asked.q is not None), by=me)
    return page
