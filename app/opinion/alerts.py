"""Looking at an alert, and doing something about it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.facts import record
from app.core.problems import Invalid
from app.groups.models import GroupMessage
from app.notices import drafting
from app.notices.audiences import Audience
from app.notices.models import Notice, NoticeKind
from app.opinion import queries
from app.opinion.events import AlertDismissed, AlertHandled, AlertRead
from app.opinion.models import Alert, AlertState
from app.opinion.permissions import ALERTS
from app.opinion.problems import AlertDone
from app.people.access import Actor
from app.places.models import Place
from app.service_requests import service as requests
from app.service_requests.models import Category, Channel, ServiceRequest
from app.service_requests.queries import offered_to

MEDIATION = "mediation"
"""The category of disputes that somebody should mediate."""


async def _place(session: AsyncSession, alert: Alert) -> Place:
    return await session.get_one(Place, (alert.community_id, alert.place_id))


async def _demand(session: AsyncSession, alert: Alert, by: Actor) -> Place:
    place = await _place(session, alert)
    ALERTS.demand(by, at=place.path)
    return place


def _still_open(alert: Alert) -> None:
    if alert.state is not AlertState.OPEN:
        raise AlertDone


async def look(session: AsyncSession, alert: Alert, *, by: Actor) -> Sequence[GroupMessage]:
    """What was said around an alert; that somebody looked is a fact."""
    await _demand(session, alert, by)
    await record(session, AlertRead(alert_id=alert.id), by=by)
    return await queries.context(session, alert)


async def request(
    session: AsyncSession, alert: Alert, *, category: str, summary: str, by: Actor
) -> ServiceRequest:
    """Make a request of an alert, at the place of its group; `AlertDone` if it was seen to.

    Raises `Invalid` for a category that is not offered.
    """
    place = await _demand(session, alert, by)
    _still_open(alert)
    offered = offered_to(by).where(Category.code == category)
    found = await session.scalar(offered)
    if found is None:
        message = "there is no such thing here"
        raise Invalid(errors=[{"path": "body.category", "message": message}])
    filed = await requests.file(
        session,
        category=found,
        place=place,
        summary=summary,
        by=by,
        reporter_id=None,
        channel=Channel.DESK,
    )
    alert.request_id = filed.id
    await _handled(session, alert, by=by)
    return filed


async def rebut(session: AsyncSession, alert: Alert, *, title: str, body: str, by: Actor) -> Notice:
    """Draft a rebuttal (辟谣) for the group that the alert is about, and the site."""
    place = await _demand(session, alert, by)
    _still_open(alert)
    notice = await drafting.draft(
        session,
        place,
        kind=NoticeKind.REBUTTAL,
        title=title,
        body=body,
        audience=Audience(groups=[alert.group_id]),
        channels=["groups", "site"],
        by=by,
    )
    alert.notice_id = notice.id
    await _handled(session, alert, by=by)
    return notice


async def dismiss(session: AsyncSession, alert: Alert, *, note: str, by: Actor) -> Alert:
    """Say that there is nothing in it, and why; `AlertDone` if it was seen to."""
    await _demand(session, alert, by)
    _still_open(alert)
    _done(alert, AlertState.DISMISSED, by)
    alert.note = note
    await session.flush()
    await record(session, AlertDismissed(alert_id=alert.id), by=by)
    return alert


async def _handled(session: AsyncSession, alert: Alert, *, by: Actor) -> None:
    _done(alert, AlertState.HANDLED, by)
    await session.flush()
    event = AlertHandled(alert_id=alert.id, request_id=alert.request_id, notice_id=alert.notice_id)
    await record(session, event, by=by)


def _done(alert: Alert, state: AlertState, by: Actor) -> None:
    alert.state, alert.handled_at = state, now()
    alert.handled_by_id = by.id if by.kind == "person" else None
