"""The kinds of matter as GeoReport's services, and their questions as attributes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import _
from app.open311.documents import Document
from app.open311.problems import ServiceUnknown
from app.places.models import Community
from app.service_requests import queries
from app.service_requests.models import Category
from app.service_requests.questions import Question, Type

_DATATYPES = {
    Type.TEXT: "text",
    Type.NUMBER: "number",
    Type.DATE: "datetime",
    Type.SINGLE: "singlevaluelist",
    Type.MULTIPLE: "multivaluelist",
    Type.YES_NO: "singlevaluelist",
}
YES, NO = "yes", "no"
"""The keys of a question's two answers."""


def questions(category: Category) -> list[Question]:
    """What is asked about this kind of matter, in order."""
    return [Question.model_validate(each) for each in category.questions]


def tokened(category: Category) -> bool:
    """Whether its requests get a token first: the number of a confidential one is told later."""
    return category.confidential


async def offered(session: AsyncSession, community: Community) -> Sequence[Category]:
    """The kinds of matter that anybody may report there."""
    return await queries.catalogue(session, community.id)


async def of_code(session: AsyncSession, community: Community, code: str) -> Category:
    """The kind of matter a `service_code` names; `ServiceUnknown` when none is offered by it."""
    for category in await offered(session, community):
        if category.code == code:
            return category
    raise ServiceUnknown


def services(categories: Sequence[Category]) -> Document:
    """The list of services."""
    return Document("services", [_service(category) for category in categories])


def _service(category: Category) -> Mapping[str, Any]:
    return {
        "service_code": category.code,
        "service_name": category.name,
        "description": category.guide.get("text"),
        "metadata": bool(category.questions),
        "type": "batch" if tokened(category) else "realtime",
        "keywords": ",".join(word.replace(",", " ") for word in category.keywords) or None,
        "group": category.group,
    }


def definition(category: Category) -> Document:
    """The questions of a service, each followed by the advice it may end with."""
    order = count(1)
    attributes = [
        {**attribute, "order": next(order)}
        for question in questions(category)
        for attribute in _attributes(question)
    ]
    return Document("service_definition", {"service_code": category.code, "attributes": attributes})


def advice_code(question: Question) -> str:
    """The code of the text that is shown after a question; a question's own has no full stop."""
    return f"{question.code}.advice"


def _attributes(question: Question) -> Iterator[Mapping[str, Any]]:
    values = _values(question)
    yield {
        "variable": True,
        "code": question.code,
        "datatype": _DATATYPES[question.type],
        "required": question.required,
        "datatype_description": question.help or _hint(question),
        "order": None,
        "description": question.label,
        **({"values": values} if values else {}),
    }
    if question.advice is not None:
        answer = _("是") if question.ends_on else _("否")
        yield {
            "variable": False,
            "code": advice_code(question),
            "datatype": "text",
            "required": False,
            "datatype_description": None,
            "order": None,
            "description": _("答“{answer}”则无需提交：{advice}").format(
                answer=answer, advice=question.advice
            ),
        }


def _values(question: Question) -> list[Mapping[str, str]]:
    if question.type is Type.YES_NO:
        return [{"key": YES, "name": _("是")}, {"key": NO, "name": _("否")}]
    return [{"key": option.code, "name": option.label} for option in question.options]


def _hint(question: Question) -> str | None:
    if question.type is Type.DATE:
        return _("日期，如2026-11-23")
    signs = (("≥", question.minimum), ("≤", question.maximum))
    return " ".join(f"{sign} {bound:.12g}" for sign, bound in signs if bound is not None) or None
