"""Topics (议事): raised, seconded, discussed, voted on, carried out, and accounted for."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.people.models import Person
from app.places.models import Place


class TopicState(StrEnum):
    """How far it has come."""

    RAISED = "raised"
    DISCUSSED = "discussed"
    """Seconded by enough people, or taken up by staff."""
    VOTED = "voted"
    """A poll is held on it."""
    RESOLVED = "resolved"
    CARRIED_OUT = "carried_out"
    """Requests were made of the resolution, and their progress is shown."""
    CLOSED = "closed"
    REFUSED = "refused"


class Topic(Tenant, Table):
    """Something that people want to talk over and settle."""

    __tablename__ = "topics"
    __table_args__ = (
        belongs("place_id", "places"),
        belongs("raised_by_id", "people"),
        UniqueConstraint("community_id", "number"),
        CheckConstraint(
            "state NOT IN ('resolved', 'carried_out', 'closed') OR resolution IS NOT NULL",
            name="resolution",
        ),
        CheckConstraint("state <> 'closed' OR account IS NOT NULL", name="account"),
        Index(None, "community_id", "place_id"),
    )

    number: Mapped[int]
    place_id: Mapped[UUID]
    title: Mapped[str]
    body: Mapped[str]
    state: Mapped[TopicState] = mapped_column(default=TopicState.RAISED)
    raised_by_id: Mapped[UUID | None]
    resolution: Mapped[str | None]
    account: Mapped[str | None]
    """What came of it, told at the end."""
    reason: Mapped[str | None]
    """Why it was refused."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    """When staff had read it; before, it stands on no public page where posts are read first."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)


class TopicNumber(Table):
    """The last number given in a community."""

    __tablename__ = "topic_numbers"

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    last: Mapped[int]


class TopicSupport(Table):
    """Somebody who seconds a topic; each counts once."""

    __tablename__ = "topic_supports"
    __table_args__ = (belongs("topic_id", "topics"), belongs("person_id", "people"))

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)


class PostState(StrEnum):
    """Whether a post is shown."""

    WAITING = "waiting"
    SHOWN = "shown"
    HIDDEN = "hidden"


class TopicPost(Tenant, Table):
    """What somebody says on a topic, or in answer to another."""

    __tablename__ = "topic_posts"
    __table_args__ = (
        belongs("topic_id", "topics"),
        belongs("answers_id", "topic_posts"),
        belongs("thread_id", "topic_posts"),
        belongs("person_id", "people"),
        belongs("moderated_by_id", "people"),
        Index(None, "community_id", "topic_id", "thread_id", "id"),
        Index(
            "topic_posts_waiting_idx",
            "community_id",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    topic_id: Mapped[UUID]
    answers_id: Mapped[UUID | None]
    thread_id: Mapped[UUID]
    """The post that its thread began with; its own id where it begins one."""
    person_id: Mapped[UUID | None]
    text: Mapped[str]
    state: Mapped[PostState]
    official: Mapped[bool] = mapped_column(default=False)
    """Whether it is the committee's answer."""
    moderated_by_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    """Why it is hidden."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    person: Mapped[Person | None] = relationship(
        lazy="raise",
        viewonly=True,
        foreign_keys="[TopicPost.community_id, TopicPost.person_id]",
    )


class TopicRequest(Table):
    """A request by which a resolution is carried out."""

    __tablename__ = "topic_requests"
    __table_args__ = (belongs("topic_id", "topics"), belongs("request_id", "service_requests"))

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(primary_key=True)


class Council(Tenant, Table):
    """The regular meeting in which a grid talks things over (网格议事会)."""

    __tablename__ = "councils"
    __table_args__ = (belongs("place_id", "places"), CheckConstraint("every_days > 0", name="term"))

    place_id: Mapped[UUID]
    name: Mapped[str]
    every_days: Mapped[int]
    """How often it meets."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)


class Sitting(Tenant, Table):
    """One meeting of a council: when, what on, who came, and what was said."""

    __tablename__ = "council_sittings"
    __table_args__ = (
        belongs("council_id", "councils"),
        UniqueConstraint("community_id", "council_id", "starts_on"),
    )

    council_id: Mapped[UUID]
    starts_on: Mapped[date]
    starts_at: Mapped[datetime]
    where: Mapped[str | None]
    minutes: Mapped[str | None]
    attended: Mapped[int | None]
    """How many came."""
    held_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    council: Mapped[Council] = relationship(lazy="raise", viewonly=True)


class AgendaItem(Tenant, Table):
    """A point on the agenda of a sitting."""

    __tablename__ = "agenda_items"
    __table_args__ = (
        belongs("sitting_id", "council_sittings"),
        belongs("topic_id", "topics"),
        UniqueConstraint("community_id", "sitting_id", "position"),
    )

    sitting_id: Mapped[UUID]
    position: Mapped[int]
    title: Mapped[str]
    topic_id: Mapped[UUID | None]
    outcome: Mapped[str | None]
