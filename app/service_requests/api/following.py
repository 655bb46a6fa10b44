"""Near requests, having the same matter as a neighbour, and merging."""

from typing import Annotated, cast

from fastapi import APIRouter, Query, Request, Response

from app.core.pages import Asked, Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, matches
from app.people.access import Me
from app.places.models import Place
from app.service_requests import duplicates, following, merging, queries
from app.service_requests.api.requests import Held, whole
from app.service_requests.catalogue import OTHER
from app.service_requests.keywords import suggest
from app.service_requests.models import Category, Follower
from app.service_requests.problems import (
    AlreadyFollowing,
    NotMergeable,
    RequestClosed,
    SameRequest,
)
from app.service_requests.schemas.following import (
    FollowedOut,
    FollowIn,
    LikesOut,
    MergeIn,
    Number,
    SimilarOut,
    SimilarTo,
)
from app.service_requests.schemas.requests import RequestWhole

router = APIRouter(prefix="/api/v1/service-requests", tags=["service-requests"], route_class=Route)


@router.get("/similar", response_model=SimilarOut, responses=problems(Invalid))
async def find_similar(
    session: Session, me: Me, asked: Annotated[SimilarTo, Query()]
) -> dict[str, object]:
    """What may be known already of a matter one is about to report, in the words of nobody."""
    place = await session.get(Place, (me.community_id, asked.place_id))
    category = await _category(session, me, asked)
    if place is None or category is None:
        field = "category" if place else "place_id"
        raise Invalid(errors=[{"path": f"query.{field}", "message": "there is no such thing here"}])
    known = await duplicates.similar(
        session, category=category, place=place, summary=asked.summary, by=me
    )
    return {"items": known}


async def _category(session: Session, me: Me, asked: SimilarTo) -> Category | None:
    """The one of the code, or what the words speak for, or the one of all the rest."""
    by_code = {each.code: each for each in await session.scalars(queries.offered_to(me))}
    guessed = [] if asked.category else suggest([*by_code.values()], asked.summary)
    code = asked.category or (guessed[0].code if guessed else OTHER)
    return by_code.get(code)


@router.get("/followed", response_model=Page[FollowedOut])
async def list_followed(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The requests of others that one follows, the newest to be followed first."""
    page = await paged(session, following.followed_by(me), cursor, by=Follower.id)
    rows = cast("list[Follower]", page["items"])
    return page | {"items": await following.shown(session, rows)}


@router.post(
    "/followed",
    status_code=201,
    response_model=FollowedOut,
    responses=problems(Forbidden, NotFound, AlreadyFollowing, RequestClosed),
)
async def follow(session: Session, me: Me, asked: FollowIn) -> following.Followed:
    """Say that one has the same matter as a neighbour (我也是), and be told of its progress."""
    follower = await following.follow(session, asked.number, by=me)
    return (await following.shown(session, [follower]))[0]


@router.delete("/followed/{number}", status_code=204, responses=problems(Forbidden, NotFound))
async def unfollow(session: Session, me: Me, number: Number) -> None:
    """Hear no more of a request that one follows."""
    await following.unfollow(session, number, by=me)


@router.get("/{request_id}/similar", response_model=LikesOut, responses=problems(NotFound))
async def find_like(session: Session, me: Me, request: Held) -> dict[str, object]:
    """Requests one may see that may be about the same matter as this one."""
    found = await duplicates.like(session, request, by=me)
    return {"items": [{"score": round(score, 3), "request": each} for score, each in found]}


@router.post(
    "/{request_id}/merge",
    responses=problems(NotFound, Forbidden, Changed, Invalid, SameRequest, NotMergeable),
)
async def merge(
    session: Session, me: Me, request: Held, asked: MergeIn, *, http: Request, response: Response
) -> RequestWhole:
    """Let a request go on in another one (并案); `If-Match` guards against lost changes."""
    into_id = await merging.target(
        session, request, number=asked.into_number, request_id=asked.into_id, by=me
    )
    await merging.hold(session, request, into_id)
    matches(http, request.version)
    merged = await merging.merge(session, request, into_id=into_id, by=me)
    return await whole(session, merged, me, response)
