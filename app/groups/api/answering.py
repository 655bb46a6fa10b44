"""How property companies answer in their groups: for staff as it comes, for all by the month."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from sqlalchemy import select

from app.core.database import existing
from app.core.facts import record
from app.core.pages import Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session
from app.core.wire import Slug
from app.groups import answering, policies, queries
from app.groups.answering import Figures
from app.groups.api.groups import Held
from app.groups.events import MessagesRead
from app.groups.models import Question
from app.groups.permissions import OVERSEE
from app.groups.schemas_answering import (
    AnsweringOut,
    FiguresOut,
    GroupAnswersOut,
    MonthAsked,
    PropertyAnswersOut,
    QuestionFilters,
    QuestionOut,
)
from app.people.access import Me
from app.places.models import Community

router = APIRouter(prefix="/api/v1", tags=["groups"], route_class=Route)


@router.get("/groups/{group_id}/answering", responses=problems(NotFound, Invalid, Forbidden))
async def read_answering(
    session: Session, me: Me, group: Held, asked: Annotated[MonthAsked, Query()]
) -> AnsweringOut:
    """How fast the company of a property group answered what was asked in a month."""
    OVERSEE.demand(me, at=group.place.path)
    month = asked.month or answering.this_month()
    minutes = (await policies.of(session, group.community_id)).answer_minutes
    found = await answering.figures(
        session, group.community_id, month, minutes=minutes, group_id=group.id
    )
    figures = FiguresOut.model_validate(found.get(group.id, Figures()))
    return AnsweringOut(
        **figures.model_dump(),
        month=month,
        answer_minutes=minutes,
        formulas=answering.formulas(minutes),
    )


@router.get(
    "/groups/{group_id}/questions",
    response_model=Page[QuestionOut],
    responses=problems(NotFound, Invalid, Forbidden),
)
async def list_questions(
    session: Session, me: Me, group: Held, asked: Annotated[QuestionFilters, Query()]
) -> dict[str, object]:
    """What was taken for a question to the company, and its answer; newest first."""
    OVERSEE.demand(me, at=group.place.path)
    rows = queries.questions_of(group.community_id, group.id)
    if asked.month:
        begin, end = answering.bounds(asked.month)
        rows = rows.where(Question.asked_at >= begin, Question.asked_at < end)
    page = await paged(session, rows, asked, by=Question.id)
    questions: list[Question] = page["items"]  # type: ignore[assignment]
    await record(session, MessagesRead(group_id=group.id, searched=False), by=me)
    return page | {"items": await queries.with_words(session, group, questions)}


@router.delete(
    "/groups/{group_id}/questions/{question_id}",
    status_code=204,
    responses=problems(NotFound, Forbidden),
)
async def drop_question(session: Session, me: Me, group: Held, question_id: UUID) -> None:
    """Let something count no more that was taken for a question and was none."""
    OVERSEE.demand(me, at=group.place.path)
    known = queries.questions_of(group.community_id, group.id).where(Question.id == question_id)
    question = await existing(session, known.with_for_update())
    await answering.drop(session, group, question, by=me)


@router.get("/communities/{slug}/property-answers", responses=problems(NotFound, Invalid))
async def read_property_answers(
    session: Session, slug: Annotated[Slug, Path()], asked: Annotated[MonthAsked, Query()]
) -> PropertyAnswersOut:
    """How property companies answered in a month that is over, for everybody to read.

    Nobody needs to sign in. A month is over a day after its end; the last one, if none is named.
    """
    community = await existing(session, select(Community).where(Community.slug == slug))
    month = asked.month or answering.last_over()
    minutes = (await policies.of(session, community.id)).answer_minutes
    rows = await answering.published(session, community.id, month, minutes=minutes)
    return PropertyAnswersOut(
        month=month,
        answer_minutes=minutes,
        formulas=answering.formulas(minutes),
        groups=[
            GroupAnswersOut(
                **FiguresOut.model_validate(figures).model_dump(),
                group=group.name,
                place=group.place.name,
                organization_id=group.organization_id,
            )
            for group, figures in rows
        ],
    )
