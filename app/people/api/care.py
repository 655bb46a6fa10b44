"""The care register: who needs somebody to look in, and why, for those who do."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.people import service
from app.people.access import Me
from app.people.api.places import named
from app.people.care_schemas import (
    CareBrief,
    CareChange,
    CareIn,
    CareOut,
    CareReading,
)
from app.people.models import CareEntry, Person
from app.people.permissions import CARE
from app.people.problems import CareOver, OnTheRegister
from app.people.queries import care_visible_to, visible_to

router = APIRouter(prefix="/api/v1/care-entries", tags=["care-register"], route_class=Route)


async def held(session: Session, me: Me, entry_id: UUID, http: Request) -> CareEntry:
    """The entry of this id, if the caller may see it, and as they last read it."""
    seen = care_visible_to(me).where(CareEntry.id == entry_id)
    entry = await existing(session, seen.with_for_update(of=CareEntry))
    matches(http, entry.version)
    return entry


Held = Annotated[CareEntry, Depends(held)]


@router.get("", response_model=Page[CareBrief], responses=problems(Forbidden))
async def list_entries(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """Who is on the register, not why; that you were shown them is kept."""
    CARE.demand_somewhere(me)
    page = await paged(session, care_visible_to(me), cursor, by=CareEntry.id)
    entries: list[CareEntry] = page["items"]  # type: ignore[assignment]
    await service.listed(session, entries, by=me)
    return page


@router.post(
    "",
    status_code=201,
    response_model=CareBrief,
    responses=problems(Forbidden, Invalid, OnTheRegister),
)
async def enter(session: Session, me: Me, asked: CareIn) -> CareEntry:
    """Put somebody on the register, with the consent they gave."""
    CARE.demand_somewhere(me)
    place = await named(session, me, asked.place_id, field="place_id")
    person = await session.scalar(visible_to(me).where(Person.id == asked.person_id))
    if person is None:
        raise Invalid(errors=[{"path": "body.person_id", "message": "there is no such person"}])
    entry = await service.enter(
        session,
        person,
        place,
        kinds=asked.kinds,
        note=asked.note,
        contact=asked.contact,
        agreed=service.Agreed(**dict(asked.consent)),
        by=me,
    )
    entries = care_visible_to(me).where(CareEntry.id == entry.id)
    return (await session.scalars(entries.execution_options(populate_existing=True))).one()


@router.post("/{entry_id}/readings", status_code=201, responses=problems(NotFound, Forbidden))
async def read_entry(
    session: Session, me: Me, entry: Held, asked: CareReading, response: Response
) -> CareOut:
    """Read why somebody is on the register; who read it, and what for, is kept."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["ETag"] = etag(entry.version)
    await service.read(session, entry, reason=asked.reason, by=me)
    return CareOut.model_validate(entry)


@router.patch(
    "/{entry_id}",
    response_model=CareBrief,
    responses=problems(NotFound, Forbidden, CareOver, Changed),
)
async def change_entry(
    session: Session, me: Me, entry: Held, asked: CareChange, response: Response
) -> CareEntry:
    """Correct what an entry says."""
    await service.change_entry(session, entry, asked.columns(), by=me)
    response.headers["ETag"] = etag(entry.version)
    return entry


@router.post("/{entry_id}/ending", status_code=204, responses=problems(NotFound, Forbidden))
async def end_entry(session: Session, me: Me, entry: Held) -> None:
    """Take somebody off the register and erase what it said; one may do that for oneself."""
    await service.end_entry(session, entry, by=me)
