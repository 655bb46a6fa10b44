"""Figures: rates with their formulas, load, costs, and the same as a file."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.core import sheets
from app.core.clock import CHINA, now
from app.core.facts import record
from app.core.i18n import _
from app.core.ids import new_id
from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.people.access import Actor, Me
from app.places.models import Place
from app.service_requests.events import FiguresTaken
from app.service_requests.figures import load, measures, words
from app.service_requests.figures.measures import Measures, Rate
from app.service_requests.figures.tallies import Scope, Tally, tallies, together
from app.service_requests.permissions import FIGURES
from app.service_requests.schemas.figures import (
    Asked,
    CostOut,
    ExportAsked,
    FiguresAsked,
    FiguresOut,
    LoadOut,
    LoadsOut,
    MeasuresOut,
    TallyOut,
)

router = APIRouter(prefix="/api/v1/figures", tags=["figures"], route_class=Route)


async def _path(session: Session, asked: Asked, me: Actor) -> str:
    """The path within which the caller may look and asked to; `Forbidden` outside it."""
    FIGURES.demand_somewhere(me)
    if asked.place is None:
        path = min(FIGURES.paths(me), key=len)
    else:
        place = await session.get(Place, (me.community_id, asked.place))
        if place is None:
            raise NotFound
        path = place.path
    FIGURES.demand(me, at=path)
    return path


async def _scope(session: Session, asked: Asked, me: Actor) -> Scope:
    today = now().astimezone(CHINA).date()
    until = asked.until or max(today, asked.since or today)
    since = asked.since or until.replace(day=1)
    return Scope(me.community_id, since, until, await _path(session, asked, me))


def _rates(found: Measures) -> dict[str, object]:
    rates = {rate.value: found.rate(rate) for rate in Rate}
    return {**asdict(found), **rates, "score": found.score}


def _shown(tally: Tally) -> TallyOut:
    return TallyOut.model_validate({"id": tally.id, "name": tally.name, **_rates(tally.measures)})


@router.get("", responses=problems(Forbidden, NotFound))
async def read_figures(
    session: Session, me: Me, asked: Annotated[FiguresAsked, Query()]
) -> FiguresOut:
    """The rates of a period, and for each grid, organisation, category, worker or month."""
    scope = await _scope(session, asked, me)
    found = await tallies(session, scope, asked.by)
    return FiguresOut(
        since=scope.since,
        until=scope.until,
        by=asked.by,
        formulas=measures.formulas(),
        total=MeasuresOut.model_validate(_rates(together(found))),
        items=[_shown(tally) for tally in found],
    )


@router.get("/load", responses=problems(Forbidden, NotFound))
async def read_load(session: Session, me: Me, asked: Annotated[Asked, Query()]) -> LoadsOut:
    """What everybody has to do now and how old it is; the time spent in the period."""
    scope = await _scope(session, asked, me)
    loads = await load.load(session, me.community_id, scope.path)
    costs = await load.costs(session, scope)
    return LoadsOut(
        since=scope.since,
        until=scope.until,
        loads=[LoadOut.model_validate(each) for each in loads],
        costs=[CostOut.model_validate(each) for each in costs],
    )


@router.get("/export", response_class=Response, responses=problems(Forbidden, NotFound))
async def export_figures(
    session: Session, me: Me, asked: Annotated[ExportAsked, Query()]
) -> Response:
    """The same figures as a file; that it was taken is a fact."""
    scope = await _scope(session, asked, me)
    found = await tallies(session, scope, asked.by)
    taken = FiguresTaken(export_id=new_id(), what=f"figures.{asked.by}", rows=len(found))
    await record(session, taken, by=me)
    rows = [words.row(tally) for tally in found]
    return await sheets.respond(asked.form, _("统计"), words.head(), rows)
