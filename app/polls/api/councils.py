"""Councils of grids: founded, their sittings called, put on an agenda, and minuted."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.people.access import Me
from app.polls.api.topics import place_named
from app.polls.councils import founding, queries, sitting
from app.polls.councils.schemas import (
    AgendaIn,
    CouncilIn,
    CouncilOut,
    MinutesIn,
    SittingChange,
    SittingIn,
    SittingOut,
)
from app.polls.councils.sitting import Point
from app.polls.models import Council, Sitting
from app.polls.problems import CouncilOver, SittingExists, SittingStep

router = APIRouter(prefix="/api/v1/councils", tags=["councils"], route_class=Route)


async def held(session: Session, me: Me, council_id: UUID) -> Council:
    """The council of this id, if it is one of the caller's community."""
    seen = queries.visible_to(me).where(Council.id == council_id)
    return await existing(session, seen)


Held = Annotated[Council, Depends(held)]


async def held_sitting(session: Session, council: Held, sitting_id: UUID, http: Request) -> Sitting:
    """The sitting of this id, nobody else's until we are done, and as the caller last read it."""
    found = await queries.alone(session, council, sitting_id)
    matches(http, found.version)
    return found


HeldSitting = Annotated[Sitting, Depends(held_sitting)]


async def _shown(session: Session, sittings: Sequence[Sitting]) -> list[SittingOut]:
    if not sittings:
        return []
    ids = [each.id for each in sittings]
    agendas = await queries.agendas(session, sittings[0].community_id, ids)
    names = SittingOut.model_fields.keys() - {"agenda"}
    return [
        SittingOut.model_validate(
            {name: getattr(each, name) for name in names} | {"agenda": agendas[each.id]},
            from_attributes=True,
        )
        for each in sittings
    ]


async def _one(session: Session, found: Sitting, response: Response) -> SittingOut:
    response.headers["ETag"] = etag(found.version)
    [shown] = await _shown(session, [found])
    return shown


@router.get("", response_model=Page[CouncilOut])
async def list_councils(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The regular meetings of your community, the latest founded first."""
    return await paged(session, queries.visible_to(me), cursor, by=Council.id)


@router.post("", status_code=201, response_model=CouncilOut, responses=problems(Forbidden, Invalid))
async def found_council(session: Session, me: Me, asked: CouncilIn) -> Council:
    """Let a grid have a regular meeting."""
    place = await place_named(session, me, asked.place_id)
    return await founding.found(session, place, name=asked.name, every_days=asked.every_days, by=me)


@router.get("/{council_id}", response_model=CouncilOut, responses=problems(NotFound))
async def read_council(council: Held) -> Council:
    """A regular meeting."""
    return council


@router.post(
    "/{council_id}/ending",
    response_model=CouncilOut,
    responses=problems(NotFound, Forbidden, CouncilOver),
)
async def end_council(session: Session, me: Me, council: Held) -> Council:
    """Hold a regular meeting no more."""
    return await founding.end(session, council, by=me)


@router.get("/{council_id}/sittings", response_model=Page[SittingOut], responses=problems(NotFound))
async def list_sittings(session: Session, council: Held, cursor: Asked) -> dict[str, object]:
    """When a council sits and sat, the latest first."""
    rows = queries.sittings_of(council)
    page = await paged(session, rows, cursor, by=(Sitting.starts_at, Sitting.id))
    return page | {"items": await _shown(session, page["items"])}  # type: ignore[arg-type]


@router.post(
    "/{council_id}/sittings",
    status_code=201,
    responses=problems(NotFound, Forbidden, Invalid, SittingExists, CouncilOver),
)
async def call_sitting(
    session: Session, me: Me, council: Held, asked: SittingIn, response: Response
) -> SittingOut:
    """Call a sitting."""
    called = await sitting.call(
        session, council, starts_at=asked.starts_at, where=asked.where, by=me
    )
    return await _one(session, called, response)


@router.get("/{council_id}/sittings/{sitting_id}", responses=problems(NotFound))
async def read_sitting(
    session: Session, council: Held, sitting_id: UUID, response: Response
) -> SittingOut:
    """A sitting with its agenda and its minutes."""
    this = queries.sittings_of(council).where(Sitting.id == sitting_id)
    if found := await session.scalar(this):
        return await _one(session, found, response)
    raise NotFound


@router.patch(
    "/{council_id}/sittings/{sitting_id}",
    responses=problems(NotFound, Forbidden, Invalid, Changed, SittingStep, SittingExists),
)
async def change_sitting(
    session: Session,
    me: Me,
    found: HeldSitting,
    asked: SittingChange,
    response: Response,
) -> SittingOut:
    """Sit at another time or place."""
    changed = await sitting.change(session, found, asked.named(), by=me)
    return await _one(session, changed, response)


@router.put(
    "/{council_id}/sittings/{sitting_id}/agenda",
    responses=problems(NotFound, Forbidden, Invalid, Changed, SittingStep),
)
async def set_agenda(
    session: Session,
    me: Me,
    found: HeldSitting,
    asked: AgendaIn,
    response: Response,
) -> SittingOut:
    """Say what a sitting is about."""
    points = [Point(item.title, item.topic_id) for item in asked.items]
    await sitting.set_agenda(session, found, points, by=me)
    return await _one(session, found, response)


@router.put(
    "/{council_id}/sittings/{sitting_id}/minutes",
    responses=problems(NotFound, Forbidden, Invalid, Changed, SittingStep),
)
async def keep_minutes(
    session: Session,
    me: Me,
    found: HeldSitting,
    asked: MinutesIn,
    response: Response,
) -> SittingOut:
    """Keep what was said at a sitting; they are public from then on, and may be put right."""
    await sitting.minute(session, found, **asked.model_dump(), by=me)
    return await _one(session, found, response)
