"""Communities: one's own, and for operators all of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.people import service
from app.people.access import Actor, Me
from app.people.permissions import COMMUNITY, FOUND
from app.people.queries import communities_visible_to
from app.people.schemas import CommunityIn
from app.places import service as places
from app.places.models import ROOT, Community
from app.places.problems import CommunityTaken
from app.places.schemas import CommunityChange, CommunityOut

router = APIRouter(prefix="/api/v1/communities", tags=["communities"], route_class=Route)


async def held(session: Session, me: Me, community_id: UUID) -> Community:
    """The community of this id, if the caller may see it."""
    seen = communities_visible_to(me).where(Community.id == community_id)
    return await existing(session, seen)


Held = Annotated[Community, Depends(held)]


def _demand_to_change(me: Actor) -> None:
    """Administrators change the one community they see, operators any."""
    if not FOUND.paths(me):
        COMMUNITY.demand(me, at=ROOT)


@router.get("", response_model=Page[CommunityOut])
async def list_communities(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The communities you may see, newest first."""
    return await paged(session, communities_visible_to(me), cursor, by=Community.id)


@router.post(
    "",
    status_code=201,
    response_model=CommunityOut,
    responses=problems(Forbidden, CommunityTaken),
)
async def found(session: Session, me: Me, asked: CommunityIn) -> Community:
    """Found a community together with its first administrator."""
    community, _ = await service.found(
        session,
        slug=asked.slug,
        name=asked.name,
        town=asked.town,
        hotline=asked.hotline,
        admin=asked.admin.name,
        login=asked.admin.login,
        password=asked.admin.password.get_secret_value(),
        by=me,
    )
    return community


@router.get("/{community_id}", response_model=CommunityOut, responses=problems(NotFound))
async def read_community(community: Held) -> Community:
    """A community."""
    return community


@router.patch(
    "/{community_id}", response_model=CommunityOut, responses=problems(NotFound, Forbidden)
)
async def change_community(
    session: Session, me: Me, community: Held, asked: CommunityChange
) -> Community:
    """Change how a community is called and reached."""
    _demand_to_change(me)
    return await places.change(session, community, asked.named(), by=me)
