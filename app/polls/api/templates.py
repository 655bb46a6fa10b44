"""Ready forms for what communities ask and decide most."""

from fastapi import APIRouter

from app.core.web import Route
from app.people.access import Me
from app.polls.schemas_results import TemplatesOut
from app.polls.templates import Template, templates

router = APIRouter(prefix="/api/v1/poll-templates", tags=["polls"], route_class=Route)


@router.get("", response_model=TemplatesOut)
async def list_templates(me: Me) -> dict[str, list[Template]]:  # noqa: ARG001 - somebody signed in
    """Every ready form in your language, to be changed and sent as a poll."""
    return {"items": templates()}
