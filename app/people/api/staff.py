"""Staff: who they are, the posts they hold, how they sign in."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, Invalid, NotFound, TooManyRequests, problems
from app.core.web import Route, Session
from app.people import service
from app.people.access import Me
from app.people.api.places import named
from app.people.models import Person, Post
from app.people.permissions import SEE_STAFF
from app.people.problems import LastAdmin, LoginTaken, PostTaken
from app.people.queries import posts_of, staff_visible_to
from app.people.schemas import LinkCodeOut, PasswordIn, PostIn, PostOut, StaffIn, StaffOut

router = APIRouter(prefix="/api/v1/staff", tags=["staff"], route_class=Route)


async def held(session: Session, me: Me, person_id: UUID) -> Person:
    """The member of staff of this id, if the caller may see them."""
    return await existing(session, staff_visible_to(me).where(Person.id == person_id))


Held = Annotated[Person, Depends(held)]


async def held_post(session: Session, person: Held, post_id: UUID) -> Post:
    """A post this member of staff holds."""
    held = posts_of(person.community_id, person.id).where(Post.id == post_id)
    return await existing(session, held)


HeldPost = Annotated[Post, Depends(held_post)]


async def _with_posts(session: AsyncSession, community_id: UUID, *staff: Person) -> list[StaffOut]:
    """Members of staff as they are shown, with the posts they hold now."""
    posts: dict[UUID, list[PostOut]] = {person.id: [] for person in staff}
    for post in await session.scalars(posts_of(community_id, *posts)):
        posts[post.person_id].append(PostOut.model_validate(post))
    return [
        StaffOut(
            id=person.id,
            name=person.name,
            phone=person.masked_phone,
            posts=posts[person.id],
        )
        for person in staff
    ]


@router.get("", responses=problems(Forbidden))
async def list_staff(session: Session, me: Me, cursor: Asked) -> Page[StaffOut]:
    """Who holds or held a post within your places, newest first."""
    SEE_STAFF.demand_somewhere(me)
    page = await paged(session, staff_visible_to(me), cursor, by=Person.id)
    staff = cast("list[Person]", page["items"])
    shown = await _with_posts(session, me.community_id, *staff)
    return Page(items=shown, next=cast("str | None", page["next"]))


@router.post("", status_code=201, responses=problems(Invalid, Forbidden, LoginTaken))
async def hire(session: Session, me: Me, asked: StaffIn) -> StaffOut:
    """Take on a member of staff with a first post, no higher than your own role there."""
    place = await named(session, me, asked.place_id, field="place_id")
    person = await service.hire(
        session,
        name=asked.name,
        phone=asked.phone,
        login=asked.login,
        password=asked.password.get_secret_value(),
        place=place,
        role=asked.role,
        speciality=asked.speciality,
        by=me,
    )
    return (await _with_posts(session, me.community_id, person))[0]


@router.get("/{person_id}", responses=problems(NotFound))
async def read_staff(session: Session, me: Me, person: Held) -> StaffOut:
    """A member of staff, and the posts they hold."""
    return (await _with_posts(session, me.community_id, person))[0]


@router.post(
    "/{person_id}/posts",
    status_code=201,
    response_model=PostOut,
    responses=problems(NotFound, Invalid, Forbidden, PostTaken),
)
async def give_post(session: Session, me: Me, person: Held, asked: PostIn) -> Post:
    """Give a member of staff a post, no higher than your own role there."""
    place = await named(session, me, asked.place_id, field="place_id")
    post = await service.give_post(
        session, person, place=place, role=asked.role, speciality=asked.speciality, by=me
    )
    await session.refresh(post, ["place"])
    return post


@router.delete(
    "/{person_id}/posts/{post_id}",
    status_code=204,
    responses=problems(NotFound, Forbidden, LastAdmin),
)
async def end_post(session: Session, me: Me, post: HeldPost) -> None:
    """Take a post away, from the next request on."""
    await service.end_post(session, post, by=me)


@router.put("/{person_id}/password", status_code=204, responses=problems(NotFound, Forbidden))
async def set_password(session: Session, me: Me, person: Held, asked: PasswordIn) -> None:
    """Set a new password: one's own, or that of somebody below; all their sessions end."""
    await service.set_password(
        session,
        person,
        password=asked.password.get_secret_value(),
        current=asked.current.get_secret_value() if asked.current else None,
        by=me,
    )


@router.post(
    "/{person_id}/wechat-code",
    status_code=201,
    responses=problems(NotFound, Forbidden, TooManyRequests),
)
async def issue_wechat_code(
    session: Session, me: Me, person: Held, response: Response
) -> LinkCodeOut:
    """A code that makes this member of staff known in the chat; it works once, for 10 minutes."""
    response.headers["Cache-Control"] = "no-store"
    code, expires_at = await service.issue_link_code(session, person, by=me)
    return LinkCodeOut(code=code, expires_at=expires_at)
