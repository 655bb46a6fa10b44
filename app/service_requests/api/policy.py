"""How a community deals with requests, and on which days it works."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.core import calendar
from app.core.clock import CHINA, now
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.people.access import Me
from app.service_requests import policies
from app.service_requests.models import Policy
from app.service_requests.schemas.policy import (
    DayOut,
    DaysAsked,
    DaysOut,
    IsoDay,
    PolicyChange,
    PolicyOut,
    SpecialDayIn,
)

MOST_DAYS = 400

router = APIRouter(prefix="/api/v1", tags=["service-policy"], route_class=Route)


def _shown(policy: Policy, response: Response) -> PolicyOut:
    response.headers["ETag"] = etag(policy.version)
    shown = PolicyOut.model_validate(policy)
    shown.unknown_years = calendar.unknown_ahead(now().astimezone(CHINA).date())
    return shown


@router.get("/service-request-policy")
async def read_policy(session: Session, me: Me, response: Response) -> PolicyOut:
    """How requests are dealt with: office hours, urging, reopening, return visits."""
    return _shown(await policies.of(session, me.community_id), response)


@router.patch("/service-request-policy", responses=problems(Forbidden, Changed))
async def change_policy(
    session: Session, me: Me, asked: PolicyChange, *, http: Request, response: Response
) -> PolicyOut:
    """Deal with requests differently; `If-Match` guards against lost changes.

    Clocks that run already stay as they are.
    """
    policy = await policies.of(session, me.community_id)
    await session.refresh(policy, with_for_update=True)
    matches(http, policy.version)
    await policies.change(session, policy, asked.model_dump(exclude_unset=True), by=me)
    return _shown(policy, response)


@router.get("/working-days", response_model=DaysOut, responses=problems(Invalid))
async def list_working_days(
    session: Session, me: Me, asked: Annotated[DaysAsked, Query()]
) -> dict[str, object]:
    """Each of at most 400 days, whether it is worked, and why."""
    if not 0 <= (asked.last - asked.first).days < MOST_DAYS:
        message = f"to is from, or at most {MOST_DAYS - 1} days later"
        raise Invalid(errors=[{"path": "to", "message": message}])
    days = await policies.working_days(session, me.community_id, asked.first, asked.last)
    return {"items": days, "unknown_years": calendar.unknown_years(asked.first, asked.last)}


@router.put("/special-days/{day}", response_model=DayOut, responses=problems(Forbidden))
async def set_special_day(
    session: Session, me: Me, *, day: IsoDay, asked: SpecialDayIn
) -> calendar.Day:
    """Work, or do not work, on a day, whatever the state's calendar says of it.

    Clocks that run already stay as they are.
    """
    return await policies.set_day(session, day, working=asked.working, note=asked.note, by=me)


@router.delete("/special-days/{day}", status_code=204, responses=problems(Forbidden, NotFound))
async def unset_special_day(session: Session, me: Me, *, day: IsoDay) -> None:
    """Go by the state's calendar again on this day."""
    await policies.unset_day(session, day, by=me)
