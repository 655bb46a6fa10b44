"""The endpoints of deeds: whose a home is, how large, and who votes for it."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core.database import existing
from app.core.pages import Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.people.access import Me
from app.places import queries as places
from app.places.models import Place
from app.polls.models import Deed
from app.polls.owners import deeds, queries
from app.polls.owners.schemas import DeedChange, DeedIn, DeedOut, DeedsAsked, DeedTotals
from app.polls.permissions import OWNERS
from app.polls.problems import DeedExists, DeedOver

router = APIRouter(prefix="/api/v1/deeds", tags=["owners"], route_class=Route)


async def held(session: Session, me: Me, deed_id: UUID, http: Request) -> Deed:
    """The deed of this id, if the caller may see it, theirs alone until we are done."""
    seen = queries.deeds_visible_to(me).where(Deed.id == deed_id)
    deed = await existing(session, seen.with_for_update(of=Deed))
    matches(http, deed.version)
    return deed


Held = Annotated[Deed, Depends(held)]


async def _shown(session: Session, found: Sequence[Deed]) -> list[DeedOut]:
    """Deeds with their owners."""
    if not found:
        return []
    owners = await queries.owners_of(session, found[0].community_id, found)
    columns = DeedOut.model_fields.keys() - {"owners"}
    return [
        DeedOut.model_validate(
            {name: getattr(deed, name) for name in columns} | {"owners": owners.get(deed.id, [])}
        )
        for deed in found
    ]


async def _one(session: Session, deed: Deed, response: Response) -> DeedOut:
    response.headers["ETag"] = etag(deed.version)
    (shown,) = await _shown(session, [deed])
    return shown


@router.get("", response_model=Page[DeedOut], responses=problems(Forbidden))
async def list_deeds(
    session: Session, me: Me, asked: Annotated[DeedsAsked, Query()]
) -> dict[str, object]:
    """The deeds of homes within your places, newest first; with `ended` those that ended as well.

    Of a place all that lies within it.
    """
    OWNERS.demand_somewhere(me)
    found = queries.deeds_visible_to(me)
    if not asked.ended:
        found = found.where(Deed.ended_at.is_(None))
    if asked.within:
        found = found.where(places.within(me.community_id, asked.within))
    if asked.owner:
        found = found.where(queries.owned_by(me.community_id, asked.owner))
    page = await paged(session, found, asked, by=Deed.id)
    items: Any = page["items"]
    return page | {"items": await _shown(session, items)}


@router.post(
    "",
    status_code=201,
    responses=problems(Forbidden, Invalid, DeedExists),
)
async def add_deed(session: Session, me: Me, asked: DeedIn, response: Response) -> DeedOut:
    """Put down whose a home is."""
    OWNERS.demand_somewhere(me)
    home = await session.get(Place, (me.community_id, asked.home_id))
    if home is None:
        message = "there is no such thing here"
        raise Invalid(errors=[{"path": "body.home_id", "message": message}])
    added = await deeds.add(session, home, **asked.model_dump(exclude={"home_id"}), by=me)
    return await _one(session, added, response)


@router.get("/totals", response_model=DeedTotals, responses=problems(Forbidden))
async def read_totals(session: Session, me: Me, within: UUID | None = None) -> queries.Totals:
    """How many homes a place has, how many of them a deed, and their area together.

    A home without a deed is on no roll of owners, and its area in no count.
    """
    OWNERS.demand_somewhere(me)
    return await queries.totals(session, me, within)


@router.get("/{deed_id}", responses=problems(NotFound))
async def read_deed(session: Session, deed: Held, response: Response) -> DeedOut:
    """Whose a home is, or was."""
    return await _one(session, deed, response)


@router.patch(
    "/{deed_id}",
    responses=problems(NotFound, Changed, Invalid, DeedOver),
)
async def change_deed(
    session: Session, me: Me, deed: Held, asked: DeedChange, response: Response
) -> DeedOut:
    """Correct the area, the owners, or which of them votes; frozen rolls stay as they are."""
    changed = await deeds.change(session, deed, asked.named(), by=me)
    return await _one(session, changed, response)


@router.post("/{deed_id}/ending", responses=problems(NotFound, Changed, DeedOver))
async def end_deed(session: Session, me: Me, deed: Held, response: Response) -> DeedOut:
    """The home was sold or handed over; its new owners get a deed of their own."""
    return await _one(session, await deeds.end(session, deed, by=me), response)
