"""Chat groups with their owners, the bots in them, what is said there, and what comes of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.crypto import Encrypted
from app.core.database import Table, Tenant, belongs
from app.people.models import Person
from app.places.models import Place


class GroupKind(StrEnum):
    """What a group is for."""

    PARTY = "party"
    """Party members' home (党员之家)."""
    PROPERTY = "property"
    """The property company and its residents (社区物业一家亲), which is overseen."""
    BUILDING = "building"
    """Neighbours of a building (楼栋交流)."""
    INTEREST = "interest"
    """A hobby (兴趣爱好)."""
    JOBS = "jobs"
    """Jobs and start-ups (创业就业服务)."""
    OTHER = "other"


class GroupState(StrEnum):
    """How far a group has come."""

    PROPOSED = "proposed"
    OPEN = "open"
    REFUSED = "refused"
    CLOSED = "closed"


class Title(StrEnum):
    """What somebody is in a group."""

    OWNER = "owner"
    """Who founded it answers for it (谁建群谁负责)."""
    BUILDING_HEAD = "building_head"
    """楼栋长."""
    REPRESENTATIVE = "representative"
    """居民代表."""
    SMALL_GROUP_HEAD = "small_group_head"
    """小组长."""
    COMPANY = "company"
    """Works for the property company, and answers for it."""
    MEMBER = "member"


MANAGERS = frozenset(
    {Title.OWNER, Title.BUILDING_HEAD, Title.REPRESENTATIVE, Title.SMALL_GROUP_HEAD}
)
"""Who runs a group: opens and closes sign-ups and shows of hands, withdraws others' entries."""


class Bot(Tenant, Table):
    """An account on a chat platform through which we hear and speak in groups."""

    __tablename__ = "bots"

    slug: Mapped[str] = mapped_column(unique=True)
    """Its name in the address `/hooks/{bot}`."""
    name: Mapped[str]
    """As it is called in the groups: `@小掌`."""
    platform: Mapped[str]
    """The name of a file in `groups/platforms`."""
    address: Mapped[str | None]
    """Where its own API is, for platforms that have one each (OneBot)."""
    keys: Mapped[str] = mapped_column(Encrypted("bots.keys"))
    """JSON: the secrets that the platform's file says it needs."""
    self_id: Mapped[str | None]
    """The platform's id of the bot itself, by which it is mentioned."""
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Group(Tenant, Table):
    """A chat group of the community."""

    __tablename__ = "chat_groups"
    __table_args__ = (
        belongs("place_id", "places"),
        belongs("owner_id", "people"),
        belongs("bot_id", "bots"),
        belongs("organization_id", "organizations"),
        Index(
            "chat_groups_external_key",
            "community_id",
            "bot_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL AND state = 'open'"),
        ),
        CheckConstraint("state <> 'open' OR owner_id IS NOT NULL", name="owned"),
        Index(None, "community_id", "place_id"),
    )

    kind: Mapped[GroupKind]
    name: Mapped[str]
    purpose: Mapped[str | None]
    place_id: Mapped[UUID]
    state: Mapped[GroupState]
    owner_id: Mapped[UUID | None]
    """Who founded it and answers for it."""
    organization_id: Mapped[UUID | None]
    """The property company that answers what is asked in it."""
    platform: Mapped[str]
    """The name of a file in `groups/platforms`."""
    bot_id: Mapped[UUID | None]
    """Who hears it; none when we only speak."""
    external_id: Mapped[str | None]
    """What the platform calls the group."""
    robot: Mapped[str | None] = mapped_column(Encrypted("chat_groups.robot"))
    """JSON: the address of its robot and the secret it is signed with, where each group has one
    of its own (WeCom, DingTalk, Feishu): `{"url": "https://…", "secret": "…"}`."""
    proposed_by_id: Mapped[UUID | None]
    decided_by_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    """Why it was refused or closed."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)


class GroupMember(Tenant, Table):
    """Somebody who was heard in a group, or is known to be in it."""

    __tablename__ = "group_members"
    __table_args__ = (
        belongs("group_id", "chat_groups"),
        belongs("person_id", "people"),
        UniqueConstraint("community_id", "group_id", "sender_id"),
        Index(None, "community_id", "person_id"),
    )

    group_id: Mapped[UUID]
    sender_id: Mapped[str]
    """What the platform calls them; `person:<id>` for who was named before they spoke."""
    name: Mapped[str]
    """As they call themselves there."""
    person_id: Mapped[UUID | None]
    """Who it is, once they are bound."""
    title: Mapped[Title] = mapped_column(default=Title.MEMBER)
    left_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship(lazy="raise", viewonly=True)


class Binding(Tenant, Table):
    """A person as one bot's platform knows them, wherever they are heard."""

    __tablename__ = "bot_bindings"
    __table_args__ = (
        belongs("bot_id", "bots"),
        belongs("person_id", "people"),
        UniqueConstraint("community_id", "bot_id", "sender_id"),
        Index(None, "community_id", "person_id"),
    )

    bot_id: Mapped[UUID]
    sender_id: Mapped[str]
    person_id: Mapped[UUID]
    bound_at: Mapped[datetime] = mapped_column(default=now)


class BindingCode(Tenant, Table):
    """A code given out in a group, that its asker says once to the service account."""

    __tablename__ = "bot_binding_codes"
    __table_args__ = (
        belongs("bot_id", "bots"),
        belongs("group_id", "chat_groups"),
        UniqueConstraint("community_id", "bot_id", "sender_id"),
        UniqueConstraint("community_id", "digest"),
    )

    bot_id: Mapped[UUID]
    sender_id: Mapped[str]
    group_id: Mapped[UUID | None]
    """Where it was asked for, which is told what came of it; None for the bot alone."""
    digest: Mapped[bytes]
    expires_at: Mapped[datetime]


class GroupMessage(Tenant, Table):
    """What was said in a group, with numbers of people masked before it is kept."""

    __tablename__ = "group_messages"
    __table_args__ = (
        UniqueConstraint("community_id", "bot_id", "external_id"),
        Index(None, "community_id", "group_id", "id"),
        Index(None, "received_at", postgresql_using="brin"),
        Index("group_messages_grams_idx", "grams", postgresql_using="gin"),
    )

    bot_id: Mapped[UUID]
    group_id: Mapped[UUID | None]
    """None for what was said to the bot alone."""
    sender_id: Mapped[str]
    sender_name: Mapped[str]
    external_id: Mapped[str]
    """The platform's id of the message, by which one that comes again is known."""
    kind: Mapped[str]
    """`text`, `image`, `chain` …"""
    text: Mapped[str]
    grams: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    """Numbers of its pairs of characters, for the search."""
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=now)
    reply: Mapped[str | None]
    """What we answered."""
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Kept in time but answered later, by a message of our own."""


class Question(Tenant, Table):
    """Something that was asked in a property group, and when the company answered it."""

    __tablename__ = "group_questions"
    __table_args__ = (
        belongs("group_id", "chat_groups"),
        belongs("message_id", "group_messages"),
        belongs("answer_id", "group_messages"),
        UniqueConstraint("community_id", "message_id"),
        Index(None, "community_id", "group_id", "asked_at"),
        Index(None, "community_id", "answer_id"),
    )

    group_id: Mapped[UUID]
    message_id: Mapped[UUID | None]
    """None once the message is forgotten; that it was asked counts on."""
    asked_at: Mapped[datetime]
    answer_id: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    dropped_by_id: Mapped[UUID | None]
    """Who found that it was no question."""


class Chain(Tenant, Table):
    """A sign-up that goes round in a group (接龙)."""

    __tablename__ = "chains"
    __table_args__ = (
        belongs("group_id", "chat_groups"),
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),
        Index(
            "chains_open_key",
            "community_id",
            "group_id",
            "fingerprint",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    group_id: Mapped[UUID]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """Of its first line as it is compared."""
    title: Mapped[str]
    """All its lines before the entries."""
    capacity: Mapped[int | None]
    """How many people may come; the others wait in the order they came."""
    opened_by: Mapped[str]
    """The platform's id of who began it."""
    heard: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Digest of the list that was heard last, and of who sent it."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    group: Mapped[Group] = relationship(lazy="raise", viewonly=True)


class ChainEntry(Tenant, Table):
    """One name on a sign-up."""

    __tablename__ = "chain_entries"
    __table_args__ = (
        belongs("chain_id", "chains"),
        belongs("person_id", "people"),
        CheckConstraint("places > 0", name="places"),
        Index(
            "chain_entries_once_key",
            "community_id",
            "chain_id",
            "name_key",
            "unit_key",
            unique=True,
            postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index(None, "community_id", "chain_id", "id"),
    )

    chain_id: Mapped[UUID]
    name: Mapped[str]
    unit: Mapped[str | None]
    """The home as it was written: `3-1-502`."""
    name_key: Mapped[str]
    unit_key: Mapped[str] = mapped_column(default="")
    places: Mapped[int] = mapped_column(default=1)
    """How many people come."""
    note: Mapped[str | None]
    sender_id: Mapped[str]
    """The platform's id of who wrote it down first."""
    person_id: Mapped[UUID | None]
    """Who comes, where somebody who is known wrote down themselves."""
    seen_at: Mapped[datetime] = mapped_column(default=now)
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]
    """The platform's id of who took it off; none for staff, and then no list brings it back."""


class Show(Tenant, Table):
    """A show of hands in a group: a question, and who raised a hand for what."""

    __tablename__ = "hand_shows"
    __table_args__ = (
        belongs("group_id", "chat_groups"),
        Index(
            "hand_shows_open_key",
            "community_id",
            "group_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    group_id: Mapped[UUID]
    question: Mapped[str]
    options: Mapped[list[str]]
    opened_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    group: Mapped[Group] = relationship(lazy="raise", viewonly=True)


class Hand(Tenant, Table):
    """One raised hand; each sender has one, and a person who is known has one in all."""

    __tablename__ = "hands"
    __table_args__ = (
        belongs("show_id", "hand_shows"),
        belongs("person_id", "people"),
        UniqueConstraint("community_id", "show_id", "sender_id"),
        UniqueConstraint("community_id", "show_id", "person_id"),
    )

    show_id: Mapped[UUID]
    sender_id: Mapped[str]
    person_id: Mapped[UUID | None]
    option: Mapped[int]
    """Its place in the list, from 1."""
    raised_at: Mapped[datetime] = mapped_column(default=now)


KEPT_DAYS = 190


class GroupPolicy(Table):
    """How a community keeps its groups."""

    __tablename__ = "group_policies"

    community_id: Mapped[UUID] = mapped_column(primary_key=True)
    messages_kept_days: Mapped[int] = mapped_column(default=KEPT_DAYS)
    """At least six months: 互联网群组信息服务管理规定 2017 §13."""
    answer_minutes: Mapped[int] = mapped_column(default=120)
    """In what time a property company should answer, in minutes."""
