"""How the community decides."""

from fastapi import APIRouter, Request, Response

from app.core.problems import Changed, Forbidden, problems
from app.core.web import Route, Session, etag, matches
from app.people.access import Me
from app.polls.models import PollPolicy
from app.polls.schemas import PollPolicyIn, PollPolicyOut
from app.polls.service import policies

router = APIRouter(prefix="/api/v1/poll-policy", tags=["polls"], route_class=Route)


@router.get("", response_model=PollPolicyOut)
async def read_poll_policy(session: Session, me: Me, response: Response) -> PollPolicy:
    """How many it takes for a poll or a topic, and what days an assembly keeps to."""
    policy = await policies.of(session, me.community_id)
    response.headers["ETag"] = etag(policy.version)
    return policy


@router.put("", response_model=PollPolicyOut, responses=problems(Forbidden, Changed))
async def set_poll_policy(
    session: Session, me: Me, asked: PollPolicyIn, *, http: Request, response: Response
) -> PollPolicy:
    """Decide otherwise from now on; `If-Match` guards against lost changes."""
    policy = await policies.of(session, me.community_id)
    await session.refresh(policy, with_for_update=True)
    matches(http, policy.version)
    await policies.change(session, policy, asked.model_dump(), by=me)
    response.headers["ETag"] = etag(policy.version)
    return policy
