"""Topics and what is said on them as they cross the wire."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.core.pages import Cursor
from app.core.wire import Article, Code, In, Line, Out, Prose
from app.polls.electorates import Electorate
from app.polls.forms import Form
from app.polls.models import (
    PollKind,
    PollState,
    PostState,
    ResultsShown,
    Secrecy,
    TopicState,
)
from app.polls.rules import Rules
from app.service_requests.models import State


class TopicFilters(Cursor):
    """Which topics are asked for."""

    state: TopicState | None = None
    place: UUID | None = None
    number: Annotated[int | None, Field(ge=1)] = None


class TopicIn(In):
    """What somebody wants talked over, and where it belongs."""

    place_id: UUID
    title: Line
    body: Prose


class TopicOut(Out):
    """A topic; `seconds` is how many second it. Who raised it is not said."""

    id: UUID
    number: int
    place_id: UUID
    title: str
    body: str
    state: TopicState
    seconds: int
    resolution: str | None
    account: str | None
    reason: str | None
    created_at: datetime
    published_at: datetime | None
    """When staff let it stand on the public pages."""
    version: int


class MilestoneOut(Out):
    """A step from `raised` to `closed`, and when it was first taken."""

    step: str
    at: datetime | None


class VoteOut(Out):
    """A poll on the topic; its result once that is published."""

    id: UUID
    number: int
    kind: PollKind
    title: str
    state: PollState
    result: dict[str, Any] | None


class ProgressOut(Out):
    """A request of the resolution, as far as a neighbour may know of it."""

    id: UUID
    number: int
    category: str | None
    state: State
    word: str
    filed_on: date
    done_on: date | None
    done: bool


class TopicWhole(TopicOut):
    """A topic with its steps, its polls, and how far its requests have come."""

    seconds_needed: int
    mine: bool
    seconded: bool
    milestones: list[MilestoneOut]
    polls: list[VoteOut]
    requests: list[ProgressOut]


class SecondOut(Out):
    """How many second the topic by now, and how it stands."""

    seconds: int
    state: TopicState


class PostIn(In):
    """What is said, perhaps in answer to a post; `official` is the committee's answer."""

    text: Prose
    answers_id: UUID | None = None
    official: bool = False


class ModerationIn(In):
    """Whether the post is shown; a reason if not."""

    shown: bool
    reason: Line | None = None


class PostOut(Out):
    """A post; `author` is a family name (`王**`), `person_id` is for moderators alone.

    Posts of one `thread_id` belong together, and `answers_id` is the one among them it answers.
    """

    id: UUID
    topic_id: UUID
    thread_id: UUID
    answers_id: UUID | None
    author: str | None
    person_id: UUID | None
    mine: bool
    official: bool
    state: PostState
    reason: str | None
    text: str
    created_at: datetime


class PollFromTopic(In):
    """The poll that is to be drafted; title and words are the topic's where none are given."""

    kind: PollKind = PollKind.POLL
    title: Line | None = None
    body: Article | None = None
    form: Form
    electorate: Electorate = Field(default_factory=Electorate)
    rules: Rules = Field(default_factory=Rules)
    secrecy: Secrecy = Secrecy.RECORDED
    results_shown: ResultsShown = ResultsShown.AT_CLOSE
    names_shown: bool = False
    public: bool = True
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None

    def columns(self) -> dict[str, Any]:
        """What was asked for, by column of the poll; what is not said is left out."""
        said = self.model_dump(exclude={"form", "electorate", "rules"}, exclude_none=True)
        form = self.model_dump(include={"form", "electorate", "rules"}, mode="json")
        return said | form


class PutToVoteOut(Out):
    """The poll that was drafted."""

    poll_id: UUID
    number: int
    state: PollState


class ResolutionIn(In):
    """What is to be done, in Markdown."""

    text: Article


class RequestFromTopic(In):
    """The request to be made; place and words are the topic's where none are given."""

    category: Code
    place_id: UUID | None = None
    summary: Prose | None = None


class AccountIn(In):
    """What came of it, in Markdown."""

    text: Article


class RefusalIn(In):
    """Why it is not discussed."""

    reason: Prose
