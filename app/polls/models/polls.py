"""A poll: what is asked, of whom, how, and how far it has come."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.places.models import Place
from app.polls.models.guards import POLL_GUARD


class PollKind(StrEnum):
    """By what rules it is decided."""

    POLL = "poll"
    SURVEY = "survey"
    MEETING = "meeting"
    """Residents' meeting (城市居民委员会组织法 §§9, 10)."""
    ASSEMBLY = "assembly"
    """Owners' assembly (民法典 §278)."""


class Purpose(StrEnum):
    """What a survey is for."""

    GENERAL = "general"
    NEEDS = "needs"
    SATISFACTION = "satisfaction"
    ASSESSMENT = "assessment"


class PollState(StrEnum):
    """How far it has come."""

    DRAFT = "draft"
    GATHERING = "gathering"
    """A resident proposed it, and support is gathered."""
    PROPOSED = "proposed"
    """It has support enough; staff say yes or no."""
    ANNOUNCED = "announced"
    """Its agenda is published and locked; it opens at its time."""
    OPEN = "open"
    CLOSED = "closed"
    """Counted; the result is shown where no act of publishing is needed."""
    PUBLISHED = "published"
    REFUSED = "refused"
    CANCELLED = "cancelled"


EDITABLE = frozenset({PollState.DRAFT, PollState.GATHERING, PollState.PROPOSED})
OVER = frozenset({PollState.CLOSED, PollState.PUBLISHED})


class Secrecy(StrEnum):
    """What is kept of a vote; chosen before opening, and then for good."""

    RECORDED = "recorded"
    """Who voted what is kept, and may be changed until the close."""
    SECRET = "secret"  # noqa: S105 - no password
    """Who voted and what was voted are kept apart, and a vote is final."""


class ResultsShown(StrEnum):
    """When counts may be seen, from loose to tight."""

    ALWAYS = "always"
    AFTER_VOTING = "after_voting"
    AT_CLOSE = "at_close"


class Poll(Tenant, Table):
    """Something that is answered or decided together."""

    __tablename__ = "polls"
    __guards__ = POLL_GUARD
    __table_args__ = (
        belongs("place_id", "places"),
        belongs("proposed_by_id", "people"),
        belongs("topic_id", "topics"),
        UniqueConstraint("community_id", "number"),
        CheckConstraint(
            "closes_at IS NULL OR opens_at IS NULL OR opens_at < closes_at", name="term"
        ),
        CheckConstraint(
            "secrecy <> 'secret' OR results_shown = 'at_close'", name="no_early_counts"
        ),
        CheckConstraint("secrecy <> 'secret' OR NOT names_shown", name="no_names"),
        CheckConstraint("kind <> 'assembly' OR secrecy = 'recorded'", name="areas_tell_homes"),
        CheckConstraint("kind <> 'survey' OR NOT names_shown", name="survey_unnamed"),
        CheckConstraint(
            "state NOT IN ('open', 'closed', 'published')"
            " OR (opened_at IS NOT NULL AND closes_at IS NOT NULL AND head IS NOT NULL)",
            name="opened",
        ),
        Index(None, "community_id", "place_id"),
        Index(
            "polls_due_idx",
            "state",
            "closes_at",
            postgresql_where=text("state IN ('announced', 'open')"),
        ),
    )

    number: Mapped[int]
    """What people call it by: `投票 3`."""
    kind: Mapped[PollKind]
    purpose: Mapped[Purpose] = mapped_column(default=Purpose.GENERAL)
    state: Mapped[PollState] = mapped_column(default=PollState.DRAFT)
    place_id: Mapped[UUID]
    """Whose poll it is: the place staff need their right at, and the roll lies within."""
    topic_id: Mapped[UUID | None]
    title: Mapped[str]
    body: Mapped[str | None]
    """Markdown."""
    form: Mapped[dict[str, Any]]
    """As `forms.Form` reads it."""
    electorate: Mapped[dict[str, Any]]
    """As `electorates.Electorate` reads it."""
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Of a meeting or an assembly, as `rules.Rules` reads it."""
    secrecy: Mapped[Secrecy] = mapped_column(default=Secrecy.RECORDED)
    names_shown: Mapped[bool] = mapped_column(default=False)
    """Whether everybody on the roll sees who voted what."""
    results_shown: Mapped[ResultsShown] = mapped_column(default=ResultsShown.AT_CLOSE)
    public: Mapped[bool] = mapped_column(default=True)
    """Whether question and result stand on the community's site."""
    opens_at: Mapped[datetime | None]
    """When it is to open by itself; by hand where there is none."""
    closes_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    publish_by: Mapped[datetime | None]
    """Until when the result of an assembly or a meeting is to be published."""
    reminded_at: Mapped[datetime | None]
    proposed_by_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    """Why it was refused or cancelled."""
    head: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The head of its chain at the opening: of what is asked, of the roll, and of our key."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)


class PollNumber(Table):
    """The last number given in a community."""

    __tablename__ = "poll_numbers"

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    last: Mapped[int]


class PollFile(Tenant, Table):
    """A picture of an option, or a document to read before one votes."""

    __tablename__ = "poll_files"
    __table_args__ = (
        belongs("poll_id", "polls"),
        belongs("file_id", "files"),
        UniqueConstraint("community_id", "poll_id", "file_id"),
    )

    poll_id: Mapped[UUID]
    file_id: Mapped[UUID]
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class PollSupport(Table):
    """Somebody who wants a proposed poll to be held; each counts once."""

    __tablename__ = "poll_supports"
    __table_args__ = (belongs("poll_id", "polls"), belongs("person_id", "people"))

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    poll_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)


class PollPolicy(Table):
    """How a community decides."""

    __tablename__ = "poll_policies"

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    supports_needed: Mapped[int] = mapped_column(default=20)
    """How many must want a resident's poll before staff look at it."""
    seconds_needed: Mapped[int] = mapped_column(default=5)
    """How many must second a topic before it is discussed."""
    moderated: Mapped[bool] = mapped_column(default=True)
    """Whether a post on a topic is read by staff before it is shown (跟帖评论规定 2022)."""
    notice_days: Mapped[int] = mapped_column(default=15)
    """Between the announcement of an assembly and its opening (北京物业条例 §35)."""
    publish_days: Mapped[int] = mapped_column(default=3)
    """Between the close of an assembly and its published result (北京物业条例 §37)."""
    seal_minutes: Mapped[int] = mapped_column(default=10)
    """At most so often a batch of secret ballots is sealed and its head said."""
    remind_hours: Mapped[int] = mapped_column(default=24)
    """Before the close, who has not voted is reminded once; 0 for never."""
    smallest_cell: Mapped[int] = mapped_column(default=5)
    """Counts of fewer people than this are not shown in a cross-table."""
    accepted_by: Mapped[str | None]
    """The authority and the document by which electronic votes of owners count; without it every
    assembly's ballot says that it is a consultation."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class
