"""Topics: raised, seconded, discussed, put to a vote, resolved, carried out, accounted for."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core.database import existing
from app.core.pages import Page, paged
from app.core.problems import (
    Changed,
    Forbidden,
    Invalid,
    NotFound,
    TooManyRequests,
    problems,
)
from app.core.web import Route, Session, etag, matches
from app.people.access import Actor, Me
from app.places import queries as places
from app.places.models import Place
from app.places.queries import within
from app.polls.models import Topic
from app.polls.problems import NotLivingHere, OwnTopic, RequestsUndone, TopicStep
from app.polls.service import policies
from app.polls.topics import carrying, deciding, progress, queries, raising
from app.polls.topics.schemas import (
    AccountIn,
    PollFromTopic,
    PutToVoteOut,
    RefusalIn,
    RequestFromTopic,
    ResolutionIn,
    SecondOut,
    TopicFilters,
    TopicIn,
    TopicOut,
    TopicWhole,
)

router = APIRouter(prefix="/api/v1/topics", tags=["topics"], route_class=Route)


async def held(session: Session, me: Me, topic_id: UUID) -> Topic:
    """The topic of this id, if the caller may see it."""
    seen = queries.visible_to(me).where(Topic.id == topic_id)
    return await existing(session, seen)


Held = Annotated[Topic, Depends(held)]


async def held_alone(session: Session, topic: Held, http: Request) -> Topic:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    topic = await queries.alone(session, topic.community_id, topic.id)
    matches(http, topic.version)
    return topic


HeldAlone = Annotated[Topic, Depends(held_alone)]


async def place_named(session: Session, me: Actor, place_id: UUID) -> Place:
    """The place of this id on the caller's map, or `Invalid`."""
    seen = places.visible_to(me).where(Place.id == place_id)
    if place := await session.scalar(seen):
        return place
    message = "there is no such thing here"
    raise Invalid(errors=[{"path": "body.place_id", "message": message}])


async def _listed(session: Session, topics: Sequence[Topic]) -> list[TopicOut]:
    seconds = await queries.seconds(session, topics)
    return [
        TopicOut.model_validate({**_columns(topic), "seconds": seconds[topic.id]})
        for topic in topics
    ]


def _columns(topic: Topic) -> dict[str, Any]:
    names = TopicOut.model_fields.keys() - {"seconds"}
    return {name: getattr(topic, name) for name in names}


async def _whole(session: Session, topic: Topic, me: Actor, response: Response) -> TopicWhole:
    response.headers["ETag"] = etag(topic.version)
    policy = await policies.of(session, topic.community_id)
    return TopicWhole.model_validate(
        {
            **_columns(topic),
            "seconds": (await queries.seconds(session, [topic]))[topic.id],
            "seconds_needed": policy.seconds_needed,
            "mine": me.kind == "person" and topic.raised_by_id == me.id,
            "seconded": await queries.has_seconded(session, topic, me),
            "milestones": await progress.milestones(session, topic),
            "polls": await progress.votes(session, topic, me),
            "requests": await progress.of(session, topic),
        },
        from_attributes=True,
    )


@router.get("", response_model=Page[TopicOut])
async def list_topics(
    session: Session, me: Me, asked: Annotated[TopicFilters, Query()]
) -> dict[str, object]:
    """The topics of your places, and what is discussed in your community; newest first."""
    rows = queries.visible_to(me)
    if asked.state:
        rows = rows.where(Topic.state == asked.state)
    if asked.place:
        rows = rows.where(within(me.community_id, asked.place))
    if asked.number:
        rows = rows.where(Topic.number == asked.number)
    page = await paged(session, rows, asked, by=Topic.id)
    return page | {"items": await _listed(session, page["items"])}  # type: ignore[arg-type]


@router.post(
    "",
    status_code=201,
    responses=problems(Invalid, Forbidden, NotLivingHere, TooManyRequests),
)
async def raise_topic(session: Session, me: Me, asked: TopicIn, response: Response) -> TopicWhole:
    """Raise a topic; staff of its place open it for discussion at once."""
    place = await place_named(session, me, asked.place_id)
    topic = await raising.raise_topic(session, place, title=asked.title, body=asked.body, by=me)
    return await _whole(session, topic, me, response)


@router.get("/{topic_id}", responses=problems(NotFound))
async def read_topic(session: Session, me: Me, topic: Held, response: Response) -> TopicWhole:
    """A topic with its steps, its polls, and how far its requests have come."""
    return await _whole(session, topic, me, response)


@router.post(
    "/{topic_id}/seconds",
    responses=problems(NotFound, Forbidden, NotLivingHere, OwnTopic, TopicStep),
)
async def second_topic(session: Session, me: Me, topic: HeldAlone) -> SecondOut:
    """Second a topic that somebody else raised where you live; once more changes nothing."""
    seconds = await raising.second(session, topic, by=me)
    return SecondOut(seconds=seconds, state=topic.state)


@router.post(
    "/{topic_id}/discussion",
    responses=problems(NotFound, Forbidden, Changed, TopicStep),
)
async def take_up_topic(
    session: Session, me: Me, topic: HeldAlone, response: Response
) -> TopicWhole:
    """Have a topic discussed though too few have seconded it."""
    await raising.take_up(session, topic, by=me)
    return await _whole(session, topic, me, response)


@router.post(
    "/{topic_id}/publication",
    responses=problems(NotFound, Forbidden, Changed, TopicStep),
)
async def publish_topic(
    session: Session, me: Me, topic: HeldAlone, response: Response
) -> TopicWhole:
    """Let a topic that enough have seconded stand on the public pages, once you have read it."""
    await raising.publish(session, topic, by=me)
    return await _whole(session, topic, me, response)


@router.post(
    "/{topic_id}/refusal",
    responses=problems(NotFound, Forbidden, Changed, TopicStep, Invalid),
)
async def refuse_topic(
    session: Session, me: Me, topic: HeldAlone, asked: RefusalIn, response: Response
) -> TopicWhole:
    """Say why a topic is not discussed."""
    await raising.refuse(session, topic, reason=asked.reason, by=me)
    return await _whole(session, topic, me, response)


@router.post(
    "/{topic_id}/polls",
    status_code=201,
    responses=problems(NotFound, Forbidden, Changed, TopicStep, Invalid),
)
async def put_to_vote(
    session: Session, me: Me, topic: HeldAlone, asked: PollFromTopic, response: Response
) -> PutToVoteOut:
    """Draft a poll on a topic; it is announced and opened as any poll is."""
    poll = await deciding.put_to_vote(session, topic, **asked.columns(), by=me)
    response.headers["ETag"] = etag(topic.version)
    return PutToVoteOut(poll_id=poll.id, number=poll.number, state=poll.state)


@router.post(
    "/{topic_id}/resolution",
    responses=problems(NotFound, Forbidden, Changed, TopicStep, Invalid),
)
async def resolve_topic(
    session: Session, me: Me, topic: HeldAlone, asked: ResolutionIn, response: Response
) -> TopicWhole:
    """Say what is to be done; published results of its polls stand beside it."""
    await deciding.resolve(session, topic, text=asked.text, by=me)
    return await _whole(session, topic, me, response)


@router.post(
    "/{topic_id}/requests",
    status_code=201,
    responses=problems(NotFound, Forbidden, Changed, TopicStep, Invalid),
)
async def make_request(
    session: Session, me: Me, topic: HeldAlone, asked: RequestFromTopic, response: Response
) -> TopicWhole:
    """Make a request by which the resolution is carried out."""
    place = await place_named(session, me, asked.place_id) if asked.place_id else None
    await carrying.request(
        session, topic, category=asked.category, place=place, summary=asked.summary, by=me
    )
    return await _whole(session, topic, me, response)


@router.post(
    "/{topic_id}/account",
    responses=problems(NotFound, Forbidden, Changed, TopicStep, RequestsUndone, Invalid),
)
async def give_account(
    session: Session, me: Me, topic: HeldAlone, asked: AccountIn, response: Response
) -> TopicWhole:
    """Tell what came of a topic, and close it."""
    await carrying.close(session, topic, account=asked.text, by=me)
    return await _whole(session, topic, me, response)
