"""The endpoints of opinion watch."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core.database import existing
from app.core.pages import Asked, Cursor, Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.opinion import alerts, matching, queries, watches
from app.opinion.models import Alert, AlertState, Watch
from app.opinion.permissions import ALERTS, WATCH
from app.opinion.problems import AlertDone, WatchExists
from app.opinion.schemas import (
    AlertOut,
    AlertWhole,
    DismissalIn,
    LeadIn,
    RebuttalIn,
    RequestFromAlert,
    SaidOut,
    WatchChange,
    WatchIn,
    WatchOut,
)
from app.people.access import Me
from app.places.models import Place

router = APIRouter(prefix="/api/v1/opinion", tags=["opinion"], route_class=Route)


async def held_watch(session: Session, me: Me, watch_id: UUID, http: Request) -> Watch:
    """The watch of this id, if the caller may see it, theirs alone until we are done."""
    seen = queries.watches_visible_to(me).where(Watch.id == watch_id)
    watch = await existing(session, seen.with_for_update(of=Watch))
    matches(http, watch.version)
    return watch


async def held(session: Session, me: Me, alert_id: UUID, http: Request) -> Alert:
    """The alert of this id, if the caller may see it, theirs alone until we are done."""
    seen = queries.visible_to(me).where(Alert.id == alert_id)
    alert = await existing(session, seen.with_for_update(of=Alert))
    matches(http, alert.version)
    return alert


HeldWatch = Annotated[Watch, Depends(held_watch)]
Held = Annotated[Alert, Depends(held)]


class AlertsAsked(Cursor):
    """Which alerts are asked for."""

    state: AlertState | None = None
    watch: UUID | None = None


@router.get("/watches", response_model=Page[WatchOut], responses=problems(Forbidden))
async def list_watches(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """What is listened for within your places."""
    WATCH.demand_somewhere(me)
    return await paged(session, queries.watches_visible_to(me), cursor, by=Watch.id)


@router.post(
    "/watches",
    status_code=201,
    response_model=WatchOut,
    responses=problems(Forbidden, Invalid, WatchExists),
)
async def add_watch(session: Session, me: Me, asked: WatchIn) -> Watch:
    """Listen for a word in the groups of a place."""
    WATCH.demand_somewhere(me)
    place = await session.get(Place, (me.community_id, asked.place_id))
    if place is None:
        message = "there is no such thing here"
        raise Invalid(errors=[{"path": "body.place_id", "message": message}])
    return await watches.add(session, place, **asked.model_dump(exclude={"place_id"}), by=me)


@router.patch(
    "/watches/{watch_id}",
    response_model=WatchOut,
    responses=problems(NotFound, Changed, Invalid, WatchExists),
)
async def change_watch(
    session: Session, me: Me, watch: HeldWatch, asked: WatchChange, response: Response
) -> Watch:
    """Listen for it otherwise from now on."""
    changed = await watches.change(session, watch, asked.named(), by=me)
    response.headers["ETag"] = etag(changed.version)
    return changed


@router.delete("/watches/{watch_id}", status_code=204, responses=problems(NotFound, Changed))
async def end_watch(session: Session, me: Me, watch: HeldWatch) -> None:
    """Listen for it no more."""
    await watches.end(session, watch, by=me)


@router.get("/alerts", response_model=Page[AlertOut], responses=problems(Forbidden))
async def list_alerts(
    session: Session, me: Me, asked: Annotated[AlertsAsked, Query()]
) -> dict[str, object]:
    """The alerts of your places, newest first."""
    ALERTS.demand_somewhere(me)
    found = queries.visible_to(me)
    if asked.state:
        found = found.where(Alert.state == asked.state)
    if asked.watch:
        found = found.where(Alert.watch_id == asked.watch)
    return await paged(session, found, asked, by=Alert.id)


@router.get("/alerts/{alert_id}", responses=problems(NotFound))
async def read_alert(session: Session, me: Me, alert: Held, response: Response) -> AlertWhole:
    """An alert with what was said around it; that you looked is recorded."""
    response.headers["ETag"] = etag(alert.version)
    watch = await session.get_one(Watch, (alert.community_id, alert.watch_id))
    wanted = matching.parts(watch.kind, watch.written)
    said = [
        SaidOut(
            id=each.id,
            sender_name=each.sender_name,
            text=each.text,
            sent_at=each.sent_at,
            hit=matching.hits(wanted, matching.folded(each.text)),
        )
        for each in await alerts.look(session, alert, by=me)
    ]
    shown = AlertOut.model_validate(alert).model_dump()
    return AlertWhole(**shown, watch=WatchOut.model_validate(watch), said=said)


@router.post(
    "/alerts/{alert_id}/request",
    response_model=AlertOut,
    responses=problems(NotFound, Forbidden, AlertDone, Changed, Invalid),
)
async def make_request(session: Session, me: Me, alert: Held, asked: RequestFromAlert) -> Alert:
    """Make a request of an alert, at the place of its group."""
    await alerts.request(session, alert, category=asked.category, summary=asked.summary, by=me)
    return alert


@router.post(
    "/alerts/{alert_id}/mediation",
    response_model=AlertOut,
    responses=problems(NotFound, Forbidden, AlertDone, Changed, Invalid),
)
async def make_lead(session: Session, me: Me, alert: Held, asked: LeadIn) -> Alert:
    """Have somebody see whether a dispute can be mediated."""
    await alerts.request(session, alert, category=alerts.MEDIATION, summary=asked.summary, by=me)
    return alert


@router.post(
    "/alerts/{alert_id}/rebuttal",
    response_model=AlertOut,
    responses=problems(NotFound, Forbidden, AlertDone, Changed, Invalid),
)
async def draft_rebuttal(session: Session, me: Me, alert: Held, asked: RebuttalIn) -> Alert:
    """Draft a rebuttal of what was said, for the same group; it goes out as any notice does."""
    await alerts.rebut(session, alert, title=asked.title, body=asked.body, by=me)
    return alert


@router.post(
    "/alerts/{alert_id}/dismissal",
    response_model=AlertOut,
    responses=problems(NotFound, AlertDone, Changed, Invalid),
)
async def dismiss_alert(session: Session, me: Me, alert: Held, asked: DismissalIn) -> Alert:
    """Say that there is nothing in it."""
    return await alerts.dismiss(session, alert, note=asked.note, by=me)
