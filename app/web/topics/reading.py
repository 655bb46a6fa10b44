"""What a page says of a topic: its steps, results, requests, and what was said on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.i18n import _
from app.notices.markdown import rendered
from app.people.models import Person
from app.polls.forms import Form
from app.polls.models import Poll, PostState, Topic, TopicPost
from app.polls.topics import progress, queries
from app.polls.topics.naming import masked
from app.polls.topics.progress import Vote
from app.web.voting.results import Shown, shown_of
from app.web.voting.words import state_word as poll_word


@dataclass(frozen=True, slots=True)
class Held:
    """A poll on a topic, and its result once it is there."""

    number: int
    title: str
    word: str
    shown: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Said:
    """A post as it is read: by whom, in answer to whom, and where it waits or is hidden."""

    id: UUID
    author: str | None
    answers: str | None
    """Whom it answers: a name, empty for somebody without one, None for nobody."""
    official: bool
    state: PostState
    reason: str | None
    text: str
    html: str | None
    """Of an official answer; anybody else's words are shown as they were written."""
    at: datetime


def html(text: str | None) -> str:
    """What was written in Markdown, made harmless; nothing for nothing."""
    return rendered(text or "")


async def content(session: AsyncSession, topic: Topic) -> dict[str, Any]:
    """All that everybody reads of a topic but what was said on it."""
    who = (topic.community_id, topic.raised_by_id)
    raised_by = await session.get(Person, who) if topic.raised_by_id else None
    return {
        "topic": topic,
        "raised_by": masked(raised_by.name) if raised_by else None,
        "body": html(topic.body),
        "resolution": html(topic.resolution),
        "account": html(topic.account),
        "milestones": await progress.milestones(session, topic),
        "seconds": (await queries.seconds(session, [topic]))[topic.id],
        "polls": await _held(session, topic),
        "requests": await progress.of(session, topic),
    }


async def _held(session: AsyncSession, topic: Topic) -> list[Held]:
    votes = await progress.votes(session, topic)
    counted = [vote.id for vote in votes if vote.result is not None]
    rows = select(Poll.id, Poll.form).where(
        Poll.community_id == topic.community_id, Poll.id.in_(counted)
    )
    forms = {poll_id: Form.model_validate(form) for poll_id, form in await session.execute(rows)}
    return [
        Held(vote.number, vote.title, poll_word(vote.state), _result(vote, forms.get(vote.id)))
        for vote in votes
    ]


def _result(vote: Vote, form: Form | None) -> list[Shown]:
    return shown_of(form, vote.result) if form and vote.result is not None else []


async def said(session: AsyncSession, posts: Sequence[TopicPost]) -> list[Said]:
    """Posts as they are read, with whom each of them answers."""
    wanted = {post.answers_id for post in posts if post.answers_id}
    community_id = posts[0].community_id if posts else None
    answered = await session.execute(
        select(TopicPost.id, Person.name, TopicPost.official)
        .outerjoin(
            Person,
            (Person.community_id == TopicPost.community_id) & (Person.id == TopicPost.person_id),
        )
        .where(TopicPost.community_id == community_id, TopicPost.id.in_(wanted))
    )
    names = {
        post_id: _("官方答复") if official else masked(name) or ""
        for post_id, name, official in answered
    }
    return [_said(post, names) for post in posts]


def _said(post: TopicPost, names: dict[UUID, str]) -> Said:
    return Said(
        id=post.id,
        author=masked(post.person.name) if post.person and not post.official else None,
        answers=names.get(post.answers_id) if post.answers_id else None,
        official=post.official,
        state=post.state,
        reason=post.reason,
        text=post.text,
        html=html(post.text) if post.official else None,
        at=post.created_at,
    )
