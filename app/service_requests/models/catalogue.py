"""The catalogue: kinds of matter, what is asked about them, who does them and in what time."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.database import Table, Tenant, belongs
from app.people.models import Speciality
from app.service_requests.limits import Limit, LimitType

OFFICE_HOURS = [["09:00", "12:00"], ["14:00", "18:00"]]
_LIMIT = "~ '^[1-9][0-9]{0,4}(m|h|d|wh|wd)$'"


class Dispatch(StrEnum):
    """How a request finds its worker."""

    RULE = "rule"
    """The nearest of the line of work, and of several the one with the least to do."""
    TURNS = "turns"
    """Of several, the one whose last one lies longest back."""
    TAKING = "taking"
    """It is offered to all of them, and the first to take it has it (抢单)."""
    HAND = "hand"
    """Whoever manages the place gives it to somebody."""


class PlaceRule(StrEnum):
    """Which place a matter is about when its reporter names none."""

    ASKED = "asked"
    HOME = "home"
    BUILDING = "building"
    GRID = "grid"
    COMMUNITY = "community"


class VisitPolicy(StrEnum):
    """Whether somebody asks afterwards if the matter was resolved (回访)."""

    NONE = "none"
    ASKED = "asked"
    """The reporter is asked by message; without an answer the file is closed in the end."""
    CALLED = "called"
    """Staff call, and the file is not closed before they have."""


class Category(Tenant, Table):
    """A kind of matter: what to ask, who handles it, and in what time. Policy, kept as data."""

    __tablename__ = "service_categories"
    __table_args__ = (
        belongs("organization_id", "organizations"),
        UniqueConstraint("community_id", "code"),
        CheckConstraint(f"answer_limit {_LIMIT}", name="answer_limit"),
        CheckConstraint(f"update_limit {_LIMIT}", name="update_limit"),
        CheckConstraint(f"resolve_limit {_LIMIT}", name="resolve_limit"),
        CheckConstraint("warn_percent BETWEEN 1 AND 99", name="warn_percent"),
        CheckConstraint("NOT (public AND confidential)", name="public"),
    )

    code: Mapped[str]
    name: Mapped[str]
    group: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    keywords: Mapped[list[str]]
    """Words of a report that speak for it; a blank in one means both parts, in any order."""
    questions: Mapped[list[Any]] = mapped_column(default=list)
    """What to ask: see `questions.Question`."""
    guide: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The published guide: `text`, `who`, `time`, `bring` (a list) and `rule`, each if there."""
    speciality: Mapped[Speciality]
    organization_id: Mapped[UUID | None]
    """Who is responsible; with none, the community's own workers."""
    dispatch: Mapped[Dispatch] = mapped_column(default=Dispatch.RULE)
    place_rule: Mapped[PlaceRule] = mapped_column(default=PlaceRule.ASKED)
    visit_policy: Mapped[VisitPolicy] = mapped_column(default=VisitPolicy.ASKED)
    answer_limit: Mapped[Limit] = mapped_column(LimitType)
    update_limit: Mapped[Limit | None] = mapped_column(LimitType)
    resolve_limit: Mapped[Limit] = mapped_column(LimitType)
    warn_percent: Mapped[int] = mapped_column(default=75)
    """How much of a clock's time has gone when it warns."""
    source: Mapped[str | None]
    """The rule the limits are taken from."""
    anonymous_allowed: Mapped[bool] = mapped_column(default=False)
    """Whether a reporter may stay unknown to those who handle it; the public is never told."""
    confidential: Mapped[bool] = mapped_column(default=False)
    """Whether only those who handle or oversee a request see it."""
    public: Mapped[bool] = mapped_column(default=False)
    """Whether requests are shown to everybody, without who reported them."""
    internal: Mapped[bool] = mapped_column(default=False)
    """Whether only staff file under it: residents are not offered it."""
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class CategoryVersion(Tenant, Table):
    """A kind of matter as it was at one time: a request keeps the form it was filed under."""

    __tablename__ = "service_category_versions"
    __table_args__ = (
        belongs("category_id", "service_categories"),
        UniqueConstraint("community_id", "category_id", "version"),
        {"info": {"append_only": True}},
    )

    category_id: Mapped[UUID]
    version: Mapped[int]
    form: Mapped[dict[str, Any]]
    """What was shown and promised: name, questions, guide, limits and their source, partners."""
    created_at: Mapped[datetime] = mapped_column(default=now)


class CategoryPartner(Tenant, Table):
    """An organisation that works along on every request of a category (协办单位)."""

    __tablename__ = "service_category_partners"
    __table_args__ = (
        belongs("category_id", "service_categories"),
        belongs("organization_id", "organizations"),
        UniqueConstraint("community_id", "category_id", "organization_id"),
    )

    category_id: Mapped[UUID]
    organization_id: Mapped[UUID]


class Policy(Table):
    """How a community deals with requests, whatever they are about."""

    __tablename__ = "request_policies"
    __table_args__ = (
        CheckConstraint(
            "urge_most > 0 AND urge_gap_minutes > 0 AND reopen_days >= 0 AND visit_days > 0",
            name="amounts",
        ),
    )

    community_id: Mapped[UUID] = mapped_column(ForeignKey("communities.id"), primary_key=True)
    office_hours: Mapped[list[Any]] = mapped_column(default=OFFICE_HOURS)
    """Pairs of times of day, `[["09:00", "12:00"], ["14:00", "18:00"]]`, China time."""
    urge_most: Mapped[int] = mapped_column(default=3)
    """How often one person may urge one request."""
    urge_gap_minutes: Mapped[int] = mapped_column(default=1440)
    reopen_days: Mapped[int] = mapped_column(default=15)
    """For so long after the end may a matter be taken up again."""
    visit_days: Mapped[int] = mapped_column(default=3)
    """After so many days without an answer to the return visit the file is closed."""
    source: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class SpecialDay(Table):
    """A day on which a community works otherwise than the state's calendar says."""

    __tablename__ = "special_days"

    community_id: Mapped[UUID] = mapped_column(ForeignKey("communities.id"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    """`2027-02-08`."""
    working: Mapped[bool]
    note: Mapped[str]


class ReplyTemplate(Tenant, Table):
    """Words that staff use again and again, with `{variables}` in them."""

    __tablename__ = "reply_templates"
    __table_args__ = (
        belongs("category_id", "service_categories"),
        UniqueConstraint("community_id", "name"),
    )

    name: Mapped[str]
    text: Mapped[str]
    category_id: Mapped[UUID | None]
    """The kind of matter it is for; with none, any."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    category: Mapped[Category | None] = relationship(lazy="raise", viewonly=True)

    @property
    def category_code(self) -> str | None:
        """The code of the kind of matter it is for."""
        return self.category.code if self.category else None


class SavedView(Tenant, Table):
    """A list as somebody likes to look at it, for themselves or for all staff."""

    __tablename__ = "saved_views"
    __table_args__ = (
        belongs("owner_id", "people"),
        Index(
            "saved_views_name_key",
            "community_id",
            "owner_id",
            "name",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    owner_id: Mapped[UUID | None]
    """Whose it is; a shared one is nobody's."""
    name: Mapped[str]
    filters: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    @property
    def shared(self) -> bool:
        """Whether it is for all staff."""
        return self.owner_id is None
