"""Visit plans, and tasks that departments hand down."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from sqlalchemy import select

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.organizations.models import Organization
from app.people import queries as people
from app.people.access import Actor, Me
from app.people.models import Person
from app.places import queries as places
from app.places.models import Place
from app.service_requests import plans, queries, tasks
from app.service_requests.api.requests import whole
from app.service_requests.models import Category, VisitPlan
from app.service_requests.permissions import PLAN, TASK
from app.service_requests.problems import PlanEnded
from app.service_requests.schemas.plans import PlanChange, PlanIn, PlanOut, TaskIn
from app.service_requests.schemas.requests import RequestWhole

router = APIRouter(prefix="/api/v1", tags=["plans"], route_class=Route)


def _unknown(field: str) -> list[dict[str, str]]:
    return [{"path": f"body.{field}", "message": "there is no such thing here"}]


async def _place(session: Session, me: Actor, place_id: UUID) -> Place:
    if place := await session.scalar(places.visible_to(me).where(Place.id == place_id)):
        return place
    raise Invalid(errors=_unknown("place_id"))


async def _category(session: Session, me: Actor, code: str) -> Category:
    offered = queries.offered_to(me).where(Category.code == code)
    if found := await session.scalar(offered):
        return found
    raise Invalid(errors=_unknown("category"))


async def held(session: Session, me: Me, plan_id: UUID) -> VisitPlan:
    """The plan of this id, if the caller may see it, theirs alone until we are done."""
    seen = plans.visible_to(me).where(VisitPlan.id == plan_id)
    return await existing(session, seen.with_for_update(of=VisitPlan))


Held = Annotated[VisitPlan, Depends(held)]


@router.get("/visit-plans", response_model=Page[PlanOut], responses=problems(Forbidden))
async def list_plans(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The plans within your places, and those whose visits you make."""
    if not me.is_staff:
        PLAN.demand_somewhere(me)
    return await paged(session, plans.visible_to(me), cursor, by=VisitPlan.id)


@router.post(
    "/visit-plans", status_code=201, response_model=PlanOut, responses=problems(Forbidden, Invalid)
)
async def make_plan(session: Session, me: Me, asked: PlanIn) -> VisitPlan:
    """Plan visits to somebody that come round again."""
    PLAN.demand_somewhere(me)
    person = await session.scalar(people.visible_to(me).where(Person.id == asked.person_id))
    if person is None:
        raise Invalid(errors=_unknown("person_id"))
    return await plans.make(
        session,
        person,
        await _place(session, me, asked.place_id),
        category=await _category(session, me, asked.category),
        columns=asked.model_dump(exclude={"person_id", "place_id", "category"}),
        by=me,
    )


@router.get("/visit-plans/{plan_id}", response_model=PlanOut, responses=problems(NotFound))
async def read_plan(plan: Held) -> VisitPlan:
    """A plan."""
    return plan


@router.patch(
    "/visit-plans/{plan_id}",
    response_model=PlanOut,
    responses=problems(NotFound, Forbidden, Invalid),
)
async def change_plan(session: Session, me: Me, plan: Held, asked: PlanChange) -> VisitPlan:
    """Make the visits differently from the next one on."""
    return await plans.change(session, plan, asked.named(), by=me)


@router.post(
    "/visit-plans/{plan_id}/ending",
    status_code=204,
    responses=problems(NotFound, Forbidden, PlanEnded),
)
async def end_plan(session: Session, me: Me, plan: Held) -> None:
    """Make no more visits by this plan."""
    await plans.end(session, plan, by=me)


@router.post("/tasks", status_code=201, responses=problems(Forbidden, Invalid))
async def take_down_task(
    session: Session, me: Me, asked: TaskIn, response: Response
) -> RequestWhole:
    """Take down what a department wants done (上级任务), as a request like any other."""
    TASK.demand_somewhere(me)
    department = await session.scalar(
        select(Organization).where(
            Organization.community_id == me.community_id, Organization.id == asked.organization_id
        )
    )
    if department is None:
        raise Invalid(errors=_unknown("organization_id"))
    task = await tasks.take_down(
        session,
        department,
        category=await _category(session, me, asked.category),
        place=await _place(session, me, asked.place_id),
        summary=asked.summary,
        reference=asked.reference,
        due_at=asked.due_at,
        by=me,
    )
    request = await queries.whole(session, task.community_id, task.id)
    return await whole(session, request, me, response)
