"""The notice an endpoint is about, and a notice as its reader sees it."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import existing
from app.core.web import Session, etag, matches
from app.notices import queries
from app.notices.markdown import rendered
from app.notices.models import PUBLISHED, Notice, NoticeState
from app.notices.permissions import SEE
from app.notices.schemas import STAFF_ONLY, NoticeFileOut, NoticeOut
from app.people.access import Actor, Me


async def held(session: Session, me: Me, notice_id: UUID) -> Notice:
    """The notice of this id, if the caller may see it."""
    return await existing(session, queries.visible_to(me).where(Notice.id == notice_id))


Held = Annotated[Notice, Depends(held)]


async def held_alone(session: Session, notice: Held, http: Request) -> Notice:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    alone = await existing(session, queries.locking(notice.community_id, notice.id))
    matches(http, alone.version)
    return alone


HeldAlone = Annotated[Notice, Depends(held_alone)]


async def shown_all(session: AsyncSession, notices: Sequence[Notice], me: Actor) -> list[NoticeOut]:
    """The notices as this caller sees them, with their files and what puts them right."""
    ids = [notice.id for notice in notices]
    files = await queries.files_of(session, me.community_id, ids)
    states = NoticeState if SEE.paths(me) else PUBLISHED
    right = await queries.corrections_of(session, me.community_id, ids, states=states)
    return [
        _one(notice, me).model_copy(
            update={
                "html": rendered(notice.body),
                "files": [NoticeFileOut.model_validate(file) for file in files[notice.id]],
                "corrected_by_id": right.get(notice.id),
            }
        )
        for notice in notices
    ]


def _one(notice: Notice, me: Actor) -> NoticeOut:
    out = NoticeOut.model_validate(notice)
    return out if SEE.allows(me, at=notice.place.path) else out.model_copy(update=STAFF_ONLY)


async def shown(session: AsyncSession, notice: Notice, me: Actor, response: Response) -> NoticeOut:
    """One notice as this caller sees it."""
    response.headers["ETag"] = etag(notice.version)
    return (await shown_all(session, [notice], me))[0]
