"""How the community publishes."""

from fastapi import APIRouter, Request, Response

from app.core.problems import Changed, Forbidden, problems
from app.core.web import Route, Session, etag, matches
from app.notices import policies
from app.notices.models import NoticePolicy
from app.notices.permissions import SEE
from app.notices.schemas import NoticePolicyIn, NoticePolicyOut
from app.people.access import Me

router = APIRouter(prefix="/api/v1/notice-policy", tags=["notices"], route_class=Route)


@router.get("", response_model=NoticePolicyOut, responses=problems(Forbidden))
async def read_policy(session: Session, me: Me, response: Response) -> NoticePolicy:
    """Whether a second person must agree, and when nobody is disturbed."""
    SEE.demand_somewhere(me)
    policy = await policies.of(session, me.community_id)
    response.headers["ETag"] = etag(policy.version)
    return policy


@router.put("", response_model=NoticePolicyOut, responses=problems(Forbidden, Changed))
async def set_policy(
    session: Session, me: Me, asked: NoticePolicyIn, *, http: Request, response: Response
) -> NoticePolicy:
    """Publish differently; `If-Match` guards against lost changes."""
    policy = await policies.of(session, me.community_id)
    await session.refresh(policy, with_for_update=True)
    matches(http, policy.version)
    await policies.change(session, policy, asked.model_dump(), by=me)
    response.headers["ETag"] = etag(policy.version)
    return policy
