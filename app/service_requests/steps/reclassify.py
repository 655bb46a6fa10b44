"""改类别: it is of another kind than it was filed under, and is measured by that kind's limits."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import or_
from sqlalchemy.orm.attributes import set_committed_value

from app.core.i18n import N_
from app.core.problems import Invalid
from app.core.wire import Code, In, Line
from app.service_requests import clocks, queries, remarks
from app.service_requests.events import RequestReclassified
from app.service_requests.models import UNDONE, Category
from app.service_requests.permissions import RECLASSIFY
from app.service_requests.questions import answered, spelled
from app.service_requests.steps import Turn, step


class Reclassification(In):
    """The kind it is of, by its code or its name, and what was answered about that, if asked."""

    category: Line = Field(description=N_("改成哪一类？请回复类别名称，比如“噪音扰民”。"))
    answers: Annotated[dict[Code, Any], Field(max_length=50)] | None = None


@step(
    "reclassify",
    N_("改类别"),
    by=RECLASSIFY,
    form=Reclassification,
    takes=UNDONE,
    leaves=None,
    event=RequestReclassified,
    line=N_("类别由{was}改为{now} {text}"),
)
async def reclassify(turn: Turn[Reclassification]) -> RequestReclassified:
    """Put it under the other kind; `Invalid` when there is none, or it is of that kind already.

    What was promised when it was filed still holds: confidential stays confidential, and nobody
    who reported anonymously is named.
    """
    request, was = turn.request, turn.request.category
    category = await _category(turn)
    answers = turn.form.answers
    kept = {} if answers is None else answered(category.questions, answers)
    remark_id = await _keep_answers(turn)
    request.category_id, request.category_version = category.id, category.version
    request.confidential = request.confidential or category.confidential
    request.answers = kept
    if request.assignee_id is None and request.listing_id is None:
        request.organization_id = category.organization_id
    await turn.session.flush()
    set_committed_value(request, "category", category)
    await clocks.relimit(turn.session, request, category)
    return RequestReclassified(
        request_id=request.id, was=was.code, now=category.code, remark_id=remark_id
    )


async def _category(turn: Turn[Reclassification]) -> Category:
    named = turn.form.category
    rows = queries.offered_to(turn.by).where(or_(Category.code == named, Category.name == named))
    category = await turn.session.scalar(rows.limit(1))
    if category is None:
        message = "there is no such thing here"
    elif category.id == turn.request.category_id:
        message = "it is of that kind already"
    else:
        return category
    raise Invalid(errors=[{"path": "category", "message": message}])


async def _keep_answers(turn: Turn[Reclassification]) -> UUID | None:
    """Keep what was answered about the other kind in words, since its questions go."""
    request = turn.request
    said = spelled(request.form["questions"], request.answers)
    if not said:
        return None
    return await remarks.add(turn.session, request, "\n".join(said), internal=True)
