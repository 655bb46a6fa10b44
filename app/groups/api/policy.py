"""How a community keeps its groups."""

from fastapi import APIRouter

from app.core.problems import Forbidden, problems
from app.core.web import Route, Session
from app.groups import policies
from app.groups.models import GroupPolicy
from app.groups.schemas_answering import PolicyIn, PolicyOut
from app.people.access import Me

router = APIRouter(prefix="/api/v1/group-policy", tags=["groups"], route_class=Route)


@router.get("", response_model=PolicyOut)
async def read_policy(session: Session, me: Me) -> GroupPolicy:
    """How long messages are kept, in days, and in what time a company should answer, in minutes."""
    return await policies.of(session, me.community_id)


@router.put("", response_model=PolicyOut, responses=problems(Forbidden))
async def put_policy(session: Session, me: Me, asked: PolicyIn) -> GroupPolicy:
    """Keep groups like this from now on; messages for six months at least."""
    return await policies.put(session, asked.model_dump(), by=me)
