"""Whom a notice has reached: who has read and studied it, and the homes where nobody has."""

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.orm import joinedload

from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.notices import reach, reading
from app.notices.api.holding import Held
from app.notices.models import Notice, Reading
from app.notices.permissions import REACH, READ
from app.notices.problems import NotALesson, NoticeStep
from app.notices.schemas import ReadingsOut, StudyIn, UnreachedHomeOut
from app.people import queries as people
from app.people.access import Actor, Me
from app.people.models import Person
from app.places.models import Place

router = APIRouter(prefix="/api/v1/notices/{notice_id}", tags=["notices"], route_class=Route)


def _oneself(me: Actor, notice: Notice) -> UUID:
    """The caller as a reader; a program reads nothing."""
    READ.demand(me, at=notice.place.path)
    if me.kind != "person" or me.id is None:
        raise Forbidden(READ.name)
    return me.id


async def _person(session: Session, me: Actor, person_id: UUID) -> UUID:
    if found := await session.scalar(people.visible_to(me).where(Person.id == person_id)):
        return found.id
    message = "there is no such thing here"
    raise Invalid(errors=[{"path": "body.person_id", "message": message}])


@router.get("/readings", response_model=ReadingsOut, responses=problems(NotFound, Forbidden))
async def list_readings(session: Session, me: Me, notice: Held, cursor: Asked) -> dict[str, object]:
    """Who has read a notice and studied a lesson, of your places, the latest first."""
    REACH.demand_somewhere(me)
    rows = reading.readings(notice, me)
    named = rows.options(joinedload(Reading.person, innerjoin=True))
    page = await paged(session, named, cursor, by=Reading.id)
    return page | await reading.counted(session, rows)


@router.post("/readings", status_code=204, responses=problems(NotFound, Forbidden, NoticeStep))
async def note_reading(session: Session, me: Me, notice: Held) -> None:
    """Say that you have read a notice."""
    await reading.read(session, notice, _oneself(me, notice), way=reading.DESK, by=me)


@router.post(
    "/studies",
    status_code=204,
    responses=problems(NotFound, Forbidden, NotALesson, NoticeStep, Invalid),
)
async def note_study(session: Session, me: Me, notice: Held, asked: StudyIn) -> None:
    """Say that you have gone through a lesson; staff say it of somebody who did so with them."""
    if asked.person_id is None:
        person_id = _oneself(me, notice)
    else:
        REACH.demand_somewhere(me)
        person_id = await _person(session, me, asked.person_id)
    await reading.study(session, notice, person_id, way=reading.DESK, by=me)


@router.get(
    "/unreached-homes",
    response_model=Page[UnreachedHomeOut],
    responses=problems(NotFound, Forbidden),
)
async def list_unreached_homes(
    session: Session, me: Me, notice: Held, cursor: Asked
) -> dict[str, object]:
    """The homes of the audience, of your places, where nobody was told; in the map's order.

    With a receipt asked for, those where nobody has read it.
    """
    REACH.demand_somewhere(me)
    rows = reach.unreached(notice).where(REACH.places(me))
    page = await paged(session, rows, cursor, by=Place.path, newest_first=False)
    return page | {"items": await reach.described(session, notice, page["items"])}  # type: ignore[arg-type]
