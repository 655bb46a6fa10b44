"""Work that failed for good: staff see it, and have it done again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.core.clock import now
from app.core.jobs import DeadLetter, replay
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.core.wire import Out
from app.people.access import Me
from app.places.models import ROOT
from app.web import health
from app.web.permissions import OPERATE
from app.web.queries import dead_letters_of
from app.web.site import api as site
from app.web.topics import api as topics
from app.web.voting import api as voting

router = APIRouter()
router.include_router(health.router)
router.include_router(site.router)
router.include_router(voting.router)
router.include_router(topics.router)
letters = APIRouter(prefix="/api/v1/dead-letters", tags=["operations"], route_class=Route)


class DeadLetterOut(Out):
    """A piece of work that failed as often as it may."""

    id: UUID
    task: str
    arguments: dict[str, Any]
    error: str
    died_at: datetime
    replayed_at: datetime | None


@letters.get("", response_model=Page[DeadLetterOut], responses=problems(Forbidden))
async def list_dead_letters(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """Work that failed for good, the latest first."""
    OPERATE.demand(me, at=ROOT)
    return await paged(session, dead_letters_of(me), cursor, by=DeadLetter.id)


@letters.post(
    "/{letter_id}/replay",
    response_model=DeadLetterOut,
    responses=problems(NotFound, Forbidden),
)
async def replay_dead_letter(session: Session, me: Me, letter_id: UUID) -> DeadLetter:
    """Have it done again; a second replay of the same letter is refused as not found."""
    OPERATE.demand(me, at=ROOT)
    waiting = dead_letters_of(me).where(
        DeadLetter.id == letter_id, DeadLetter.replayed_at.is_(None)
    )
    letter = await session.scalar(waiting.with_for_update())
    if letter is None:
        raise NotFound
    letter.replayed_at = now()
    await replay(session, letter)
    return letter


router.include_router(letters)
