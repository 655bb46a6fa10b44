"""Ballots: recorded ones with their voters, secret ones apart from them; links and results."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.polls.models.guards import BALLOT_GUARD


class Channel(StrEnum):
    """How a vote came."""

    PAGE = "page"
    REST = "rest"
    WECHAT = "wechat"
    GROUP = "group"
    PAPER = "paper"
    DOOR = "door"


class Ballot(Table):
    """What was voted on a recorded ballot; a vote of the roll has one, by its primary key."""

    __tablename__ = "poll_ballots"
    __guards__ = BALLOT_GUARD
    __table_args__ = (
        belongs("poll_id", "polls"),
        belongs("entry_id", "poll_entries"),
    )

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    poll_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    choice: Mapped[str]
    """Canonical JSON: `{"q1":"A"}`."""
    person_id: Mapped[UUID | None]
    """Who cast it last; none for paper."""
    channel: Mapped[Channel]
    cast_at: Mapped[datetime]
    """By the database's clock, the last time it was cast or changed."""
    times: Mapped[int] = mapped_column(default=1)
    """How often it was cast, counting changes."""


class Participation(Table):
    """That a vote of the roll was cast in secret: not when, not how, not what."""

    __tablename__ = "poll_participations"
    __table_args__ = (
        belongs("poll_id", "polls"),
        belongs("entry_id", "poll_entries"),
        {"info": {"append_only": True}},
    )

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    poll_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)


class Intake(Table):
    """A secret ballot until it is sealed among at least nine others; without order and time."""

    __tablename__ = "poll_intake"
    __table_args__ = (belongs("poll_id", "polls"),)

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    poll_id: Mapped[UUID] = mapped_column(primary_key=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    nonce: Mapped[str]
    choice: Mapped[str]


class SealedBallot(Table):
    """A secret ballot in its batch, in the order of its leaf, which is chance."""

    __tablename__ = "poll_sealed_ballots"
    __table_args__ = (
        belongs("poll_id", "polls"),
        Index(None, "community_id", "poll_id", "batch"),
        {"info": {"append_only": True}},
    )

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    poll_id: Mapped[UUID] = mapped_column(primary_key=True)
    leaf: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    batch: Mapped[int]
    nonce: Mapped[str]
    choice: Mapped[str]


class LinkKind(StrEnum):
    """What a link of the chain holds."""

    OPENING = "opening"
    """What is asked, the roll, and our key."""
    BALLOTS = "ballots"
    ROLL = "roll"
    """What an objection changed in the roll."""
    CLOSE = "close"
    """Who took part, and the result."""


class Link(Table):
    """One link of the chain of a poll: its head covers all before it."""

    __tablename__ = "poll_links"
    __table_args__ = (
        belongs("poll_id", "polls"),
        UniqueConstraint("community_id", "poll_id", "head"),
        {"info": {"append_only": True}},
    )

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    poll_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """From 0, the opening."""
    kind: Mapped[LinkKind]
    head: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    """How many ballots, or lines of the roll, it holds."""
    payload: Mapped[dict[str, Any]]
    """What the head was made of beside the ballots and the roll."""
    at: Mapped[datetime] = mapped_column(default=now)


class PollResult(Table):
    """What was counted at the close."""

    __tablename__ = "poll_results"
    __table_args__ = (belongs("poll_id", "polls"), {"info": {"append_only": True}})

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    poll_id: Mapped[UUID] = mapped_column(primary_key=True)
    ballots: Mapped[int]
    result: Mapped[dict[str, Any]]
    counted_at: Mapped[datetime] = mapped_column(default=now)


class PaperState(StrEnum):
    """How far a vote on paper has come."""

    ENTERED = "entered"
    """By the first of two."""
    COUNTED = "counted"
    DIFFERS = "differs"
    """The second read something else; entered anew or discarded."""
    DISCARDED = "discarded"


class PaperBallot(Tenant, Table):
    """A recorded vote on paper or at the door, read by two people before it counts."""

    __tablename__ = "poll_paper_ballots"
    __table_args__ = (
        belongs("poll_id", "polls"),
        belongs("entry_id", "poll_entries"),
        belongs("entered_by_id", "people"),
        belongs("read_by_id", "people"),
        belongs("file_id", "files"),
        CheckConstraint("read_by_id IS NULL OR read_by_id <> entered_by_id", name="two_people"),
        CheckConstraint("state <> 'counted' OR read_by_id IS NOT NULL", name="read_twice"),
        Index(
            "poll_paper_ballots_once_key",
            "community_id",
            "poll_id",
            "entry_id",
            unique=True,
            postgresql_where=text("state IN ('entered', 'counted')"),
        ),
    )

    poll_id: Mapped[UUID]
    entry_id: Mapped[UUID]
    channel: Mapped[Channel]
    """`paper` or `door`."""
    choice: Mapped[str]
    """As the first of the two read it."""
    second_choice: Mapped[str | None]
    state: Mapped[PaperState] = mapped_column(default=PaperState.ENTERED)
    witness: Mapped[str | None]
    """Who was there when it was given at the door."""
    file_id: Mapped[UUID | None]
    entered_by_id: Mapped[UUID]
    read_by_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]


class PaperBox(Tenant, Table):
    """Secret votes on paper: who took part and what was in the box, never paired."""

    __tablename__ = "poll_paper_boxes"
    __table_args__ = (
        belongs("poll_id", "polls"),
        belongs("entered_by_id", "people"),
        belongs("read_by_id", "people"),
        CheckConstraint("read_by_id IS NULL OR read_by_id <> entered_by_id", name="two_people"),
        CheckConstraint("state <> 'counted' OR read_by_id IS NOT NULL", name="read_twice"),
    )

    poll_id: Mapped[UUID]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """Of what the first of the two entered: the entries and the counted choices, each sorted."""
    size: Mapped[int]
    state: Mapped[PaperState] = mapped_column(default=PaperState.ENTERED)
    entered_by_id: Mapped[UUID]
    read_by_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class SavedAnswers(Table):
    """A survey filled in half-way, until it is handed in; its voter's alone to read."""

    __tablename__ = "poll_saved_answers"
    __table_args__ = (belongs("poll_id", "polls"), belongs("entry_id", "poll_entries"))

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    poll_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    answers: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime] = mapped_column(default=now)
