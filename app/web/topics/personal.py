"""The page of a topic that somebody was sent: there they second it and speak on it."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.i18n import _
from app.core.problems import Problem
from app.core.web import Route, Session
from app.core.wire import Prose
from app.people import access
from app.people.access import Actor
from app.people.models import Person
from app.places.models import Community
from app.polls.models import PostState, Topic, TopicPost, TopicState
from app.polls.permissions import MODERATE
from app.polls.topics import discussing, links, queries, raising
from app.web.topics import pages
from app.web.topics.pages import Asked, Mine, frame

router = APIRouter(prefix="/t/{token}", route_class=Route, tags=["site"])
_SEE_OTHER = 303
_SECONDABLE = frozenset({TopicState.RAISED, TopicState.DISCUSSED})
_written: TypeAdapter[str] = TypeAdapter(Prose)


class Arriving(Asked):
    """Which page is asked for, in which letters, and what has just been done."""

    done: str = ""


async def _led_to(session: AsyncSession, token: str) -> tuple[Actor, Topic] | None:
    """Who holds this token, by the entry they are now, and the topic if they may see it."""
    link = links.opened(token)
    if link is None:
        return None
    person = await session.get(Person, (link.community_id, link.person_id))
    if person is None:
        return None
    holder_id = person.merged_into_id or person.id
    me = await access.person(session, link.community_id, holder_id)
    topic = await session.scalar(queries.visible_to(me).where(Topic.id == link.topic_id))
    return (me, topic) if topic else None


def _told() -> Mapping[str, str]:
    return {
        "seconded": _("已附议，谢谢。"),
        "shown": _("您的发言已发布。"),
        "waiting": _("您的发言已收到，审核后公开显示。"),
    }


async def _page(
    session: AsyncSession,
    token: str,
    me: Actor,
    topic: Topic,
    asked: Asked,
    *,
    text: str = "",
    notice: str = "",
) -> Response:
    community = await session.get_one(Community, topic.community_id)
    own = queries.posts_of(topic).where(
        or_(TopicPost.state == PostState.SHOWN, TopicPost.person_id == me.id)
    )
    moderates = MODERATE.allows(me, at=topic.place.path)
    seconded = await queries.has_seconded(session, topic, me)
    mine = Mine(
        action=f"/t/{token}",
        seconds=topic.state in _SECONDABLE and topic.raised_by_id != me.id and not seconded,
        seconded=seconded,
        speaks=topic.state in discussing.TALKING,
        waits=await discussing.waits_first(session, topic, moderates=moderates),
        text=text,
        notice=notice,
    )
    return frame.alone(await pages.topic_page(session, community, topic, own, asked, mine=mine))


@router.get("", response_class=Response)
async def read_topic(session: Session, token: str, asked: Annotated[Arriving, Query()]) -> Response:
    """A topic as one who had a part in it reads it, with their own posts that wait."""
    led = await _led_to(session, token)
    if led is None:
        return pages.not_there(large=asked.large)
    notice = _told().get(asked.done, "")
    return await _page(session, token, *led, asked, notice=notice)


@router.post("", response_class=Response)
async def take_part(
    session: Session,
    token: str,
    text: Annotated[str | None, Form(max_length=10_000)] = None,
    answers_id: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Second the topic, or with a text say something on it; what is refused keeps its words."""
    led = await _led_to(session, token)
    if led is None:
        return pages.not_there()
    me, topic = led
    try:
        if text is None:
            held = await queries.alone(session, topic.community_id, topic.id)
            await raising.second(session, held, by=me)
            return _onward(token, "seconded")
        written = _written.validate_python(text)
        post = await discussing.post(session, topic, text=written, answers_id=answers_id, by=me)
    except ValidationError:
        notice = _("请写 1 到 4000 个字。")
    except Problem as problem:
        notice = _(problem.title())
    else:
        return _onward(token, post.state.value)
    return await _page(session, token, me, topic, Asked(), text=text or "", notice=notice)


def _onward(token: str, done: str) -> Response:
    return RedirectResponse(f"/t/{token}?done={done}", _SEE_OTHER, headers=frame.private)
