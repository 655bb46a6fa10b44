"""Reply templates as they cross the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from app.core.wire import Code, In, Line, Out, Prose
from app.service_requests import templates

Words = Annotated[
    Prose,
    AfterValidator(templates.checked),
    Field(
        description="May name {编号} {称呼} {事项} {地点} {处理人} {时限} {社区} {电话}, which are"
        " {number} {reporter} {category} {place} {worker} {due} {community} {hotline} as well."
    ),
]


class TemplateIn(In):
    """Words to reply with; with a category, those are the requests they are for."""

    name: Line
    text: Words
    category: Code | None = None


class TemplateChange(In):
    """What is to be different about a template."""

    name: Line | None = None
    text: Words | None = None
    category: Code | None = None

    @model_validator(mode="after")
    def _nothing_is_taken_away(self) -> Self:
        if any(getattr(self, name) is None for name in self.model_fields_set - {"category"}):
            message = "a template has a name and a text"
            raise ValueError(message)
        return self


class TemplateOut(Out):
    """A template."""

    id: UUID
    name: str
    text: str
    category: Annotated[str | None, Field(validation_alias="category_code")]


class RenderIn(In):
    """The request to reply to."""

    request_id: UUID


class RenderedOut(Out):
    """The reply; `missing` are the variables for which the request has nothing to say."""

    text: str
    missing: list[str]
