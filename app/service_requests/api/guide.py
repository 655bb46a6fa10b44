"""What can be asked of a community, for everybody to read."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy import select

from app.core.database import existing
from app.core.i18n import locale
from app.core.problems import NotFound, problems
from app.core.web import Route, Session
from app.core.wire import Slug
from app.places.models import Community
from app.service_requests import guide
from app.service_requests.schemas.guide import GuideOut

router = APIRouter(prefix="/api/v1/communities", tags=["service-categories"], route_class=Route)

_FOR_A_WHILE = "public, max-age=300"


@router.get(
    "/{slug}/guide",
    response_model=GuideOut,
    responses={**problems(NotFound), 304: {"description": "It is as you know it."}},
)
async def read_guide(session: Session, http: Request, slug: Annotated[Slug, Path()]) -> Response:
    """What a community sees to: who does it, in what time, what to bring, and by which rule.

    Nobody needs to sign in. `If-None-Match` spares who has read it already.
    """
    community = await existing(session, select(Community).where(Community.slug == slug))
    shown = GuideOut.model_validate(
        {"community": community, "groups": await guide.of(session, community)}
    )
    body = shown.model_dump_json().encode()
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": _FOR_A_WHILE,
        "Vary": "Accept-Language",
        "Content-Language": locale(),
    }
    if _known(http, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _known(http: Request, tag: str) -> bool:
    known = http.headers.get("If-None-Match", "").split(",")
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in known)
