"""The same thing done to many requests at once."""

from fastapi import APIRouter

from app.core.problems import Forbidden, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.service_requests import bulk
from app.service_requests.schemas.bulk import BulkIn, BulkItem, BulkOut

router = APIRouter(prefix="/api/v1/service-requests", tags=["service-requests"], route_class=Route)


@router.post("/bulk", responses=problems(Forbidden))
async def act_on_many(session: Session, me: Me, asked: BulkIn) -> BulkOut:
    """Take a step of up to 200 requests, or add a remark to each; each is answered by itself."""
    if asked.remark:
        act = bulk.remark(session, asked.remark.text, internal=asked.remark.internal, by=me)
    else:
        act = bulk.step(session, asked.step or "", asked.form, by=me)
    outcomes = await bulk.each(session, act, ids=asked.ids, numbers=asked.numbers, by=me)
    done = sum(outcome.ok for outcome in outcomes)
    items = [BulkItem.model_validate(outcome) for outcome in outcomes]
    return BulkOut(done=done, refused=len(outcomes) - done, items=items)
