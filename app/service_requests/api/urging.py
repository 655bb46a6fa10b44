"""Urging what one follows: a follower sees less of a request than who takes its other steps."""

from fastapi import APIRouter

from app.core.database import existing
from app.core.problems import NotFound, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.service_requests import following, workflow
from app.service_requests.models import ServiceRequest
from app.service_requests.problems import StepNotOffered, UrgedTooOften
from app.service_requests.schemas.following import FollowedOut, Number
from app.service_requests.steps.urge import Urging

router = APIRouter(
    prefix="/api/v1/service-requests/followed", tags=["service-requests"], route_class=Route
)


@router.post(
    "/{number}/urges",
    status_code=201,
    response_model=FollowedOut,
    responses=problems(NotFound, StepNotOffered, UrgedTooOften),
)
async def urge_followed(
    session: Session, me: Me, number: Number, asked: Urging
) -> following.Followed:
    """Ask where a matter stays that one follows (催单), as often as the community allows."""
    mine = following.followed_by(me).where(ServiceRequest.number == number)
    follower = await existing(session, mine)
    request = await session.get_one(ServiceRequest, (me.community_id, follower.request_id))
    await workflow.take(session, request, "urge", asked.model_dump(), by=me)
    return (await following.shown(session, [follower]))[0]
