"""People, the homes they live in, the accounts they write from, and the posts they hold."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.clock import now
from app.core.crypto import Encrypted
from app.core.database import Table, Tenant, belongs
from app.people import phones
from app.places.models import Place


class Role(StrEnum):
    """What a person is to the community; all but `resident` are held within one place."""

    RESIDENT = "resident"
    PARTNER = "partner"
    """Works for an organisation, on what it is given."""
    GRID_WORKER = "grid_worker"
    STAFF = "staff"
    LEADER = "leader"
    MANAGER = "manager"
    ADMIN = "admin"
    OPERATOR = "operator"


class Speciality(StrEnum):
    """The line of work of a member of staff (条线)."""

    CIVILITY = "civility"
    SAFETY = "safety"
    WELFARE = "welfare"
    CULTURE = "culture"
    LAW = "law"
    COUNSELLING = "counselling"
    PROPERTY = "property"
    GENERAL = "general"


class Relation(StrEnum):
    """What somebody is to the home they live in."""

    OWNER = "owner"
    TENANT = "tenant"
    FAMILY = "family"


class Standing(StrEnum):
    """How far it is known that somebody lives where they say."""

    CLAIMED = "claimed"
    VERIFIED = "verified"
    REFUSED = "refused"
    ENDED = "ended"


class Person(Tenant, Table):
    """Anybody we deal with. Who only follows the account has no name yet."""

    __tablename__ = "people"
    __table_args__ = (
        belongs("merged_into_id", "people"),
        Index(None, "community_id", "phone_index"),
    )

    name: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(Encrypted("people.phone"))
    phone_index: Mapped[bytes | None]
    email: Mapped[str | None] = mapped_column(Encrypted("people.email"))
    """Where notices may be sent, for who wants them there."""
    merged_into_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    def reached_at(self, phone: str | None) -> None:
        """Keep a phone number, eleven digits or none, and the index it is found by."""
        self.phone = phone
        self.phone_index = None if phone is None else phones.index(phone)

    @property
    def masked_email(self) -> str | None:
        """The address as it may be shown, `w***@qq.com`."""
        name, at, host = (self.email or "").partition("@")
        return f"{name[:1]}***{at}{host}" if at else None

    @property
    def masked_phone(self) -> str | None:
        """The phone number as it may be shown, `138****5678`."""
        return None if self.phone is None else phones.masked(self.phone)


class PersonTag(Tenant, Table):
    """A word that somebody is found under when they are to be told something: `志愿者`."""

    __tablename__ = "person_tags"
    __table_args__ = (
        belongs("person_id", "people"),
        UniqueConstraint("community_id", "tag", "person_id"),
        Index(None, "community_id", "person_id"),
    )

    person_id: Mapped[UUID]
    tag: Mapped[str]


class Residence(Tenant, Table):
    """Somebody living in a home: living there counts, not the household register."""

    __tablename__ = "residences"
    __table_args__ = (
        belongs("person_id", "people"),
        belongs("home_id", "places"),
        Index(
            "residences_once_key",
            "community_id",
            "person_id",
            "home_id",
            unique=True,
            postgresql_where=text("standing IN ('claimed', 'verified')"),
        ),
        Index(None, "community_id", "home_id"),
        Index(
            "residences_claimed_idx",
            "community_id",
            "id",
            postgresql_where=text("standing = 'claimed'"),
        ),
    )

    person_id: Mapped[UUID]
    home_id: Mapped[UUID]
    relation: Mapped[Relation]
    standing: Mapped[Standing]
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    home: Mapped[Place] = relationship(lazy="raise", viewonly=True)
    person: Mapped[Person] = relationship(lazy="raise", viewonly=True)


class Identity(Tenant, Table):
    """A person as one WeChat account knows them: an openid."""

    __tablename__ = "identities"
    __table_args__ = (
        belongs("person_id", "people"),
        belongs("account_id", "wechat_accounts"),
        UniqueConstraint("account_id", "openid"),
        Index(None, "community_id", "person_id"),
    )

    account_id: Mapped[UUID]
    openid: Mapped[str]
    person_id: Mapped[UUID]
    locale: Mapped[str] = mapped_column(default="zh")
    subscribed: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Post(Tenant, Table):
    """A role that a person holds within a place and everything below it (岗位)."""

    __tablename__ = "posts"
    __table_args__ = (
        belongs("person_id", "people"),
        belongs("place_id", "places"),
        Index(None, "community_id", "place_id"),
        Index(
            "posts_once_key",
            "community_id",
            "person_id",
            "place_id",
            "role",
            "speciality",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    person_id: Mapped[UUID]
    place_id: Mapped[UUID]
    role: Mapped[Role]
    speciality: Mapped[Speciality | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)
    person: Mapped[Person] = relationship(lazy="raise", viewonly=True)


class Credential(Tenant, Table):
    """How a member of staff signs in."""

    __tablename__ = "credentials"
    __table_args__ = (
        belongs("person_id", "people"),
        UniqueConstraint("community_id", "login"),
        UniqueConstraint("community_id", "person_id"),
    )

    person_id: Mapped[UUID]
    login: Mapped[str]
    password_hash: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(default=now)


class LinkCode(Tenant, Table):
    """A code that a member of staff types once into the chat, to be known there."""

    __tablename__ = "link_codes"
    __table_args__ = (
        belongs("person_id", "people"),
        UniqueConstraint("community_id", "person_id"),
        UniqueConstraint("community_id", "digest"),
    )

    person_id: Mapped[UUID]
    digest: Mapped[bytes]
    expires_at: Mapped[datetime]


class Client(Tenant, Table):
    """Another program that calls us, with the rights of one role within one place."""

    __tablename__ = "clients"
    __table_args__ = (belongs("place_id", "places"),)

    name: Mapped[str]
    place_id: Mapped[UUID]
    role: Mapped[Role]
    created_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]

    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)


class ConsentChannel(StrEnum):
    """How somebody agreed."""

    PAPER = "paper"
    SPOKEN = "spoken"
    WECHAT = "wechat"


class Consent(Tenant, Table):
    """What somebody agreed to, and until when (个人信息保护法 §§14, 15, 29)."""

    __tablename__ = "consents"
    __table_args__ = (
        belongs("person_id", "people"),
        Index(
            "consents_in_force_key",
            "community_id",
            "person_id",
            "purpose",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    person_id: Mapped[UUID]
    purpose: Mapped[str]
    """`care_register`."""
    wording: Mapped[str]
    """The words that were agreed to."""
    channel: Mapped[ConsentChannel]
    by_guardian: Mapped[bool] = mapped_column(default=False)
    """Whether a guardian agreed, for a child or for whoever cannot (§31)."""
    taken_by_id: Mapped[UUID | None]
    given_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]


class CareKind(StrEnum):
    """Why somebody should look in on a person."""

    LIVING_ALONE = "living_alone"
    BEREAVED = "bereaved"
    """Parents who lost their only child (失独)."""
    CHILD = "child"
    """Children left behind or in need (留守、困境儿童)."""
    DISABLED = "disabled"
    ILL = "ill"
    ELDERLY = "elderly"


class CareEntry(Tenant, Table):
    """Somebody on the care register (关爱台账): sensitive, and every reading is a fact."""

    __tablename__ = "care_entries"
    __table_args__ = (
        belongs("person_id", "people"),
        belongs("place_id", "places"),
        belongs("consent_id", "consents"),
        Index(
            "care_entries_once_key",
            "community_id",
            "person_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    person_id: Mapped[UUID]
    place_id: Mapped[UUID]
    kinds: Mapped[str] = mapped_column(Encrypted("care_entries.kinds"))
    """Kinds, parted by commas: why they are here is nobody's to read in the database."""
    note: Mapped[str | None] = mapped_column(Encrypted("care_entries.note"))
    contact: Mapped[str | None] = mapped_column(Encrypted("care_entries.contact"))
    """Whom to call when nobody opens."""
    consent_id: Mapped[UUID]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    person: Mapped[Person] = relationship(lazy="raise", viewonly=True)
    place: Mapped[Place] = relationship(lazy="raise", viewonly=True)
