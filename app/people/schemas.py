"""People, staff, programs and accounts as they cross the wire; phone numbers leave masked."""

import re
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, StringConstraints

from app.core.pages import Cursor
from app.core.wire import Code, In, Line, Out, Slug
from app.people.models import Relation, Role, Speciality, Standing
from app.people.phones import Phone
from app.places.schemas import Change, CommunityOut, PlaceOut
from app.wechat.edge import Mode


def _held_by_staff(role: Role) -> Role:
    if role is Role.RESIDENT:
        message = "is not a role of staff"
        raise ValueError(message)
    return role


def _login(written: str) -> str:
    login = written.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._@-]{1,63}", login):
        message = "must be 2 to 64 letters and figures, or . _ @ -"
        raise ValueError(message)
    return login


StaffRole = Annotated[Role, AfterValidator(_held_by_staff)]
Login = Annotated[str, StringConstraints(max_length=100), AfterValidator(_login)]
"""What a member of staff signs in with: 2 to 64 letters, figures, `._@-`; case does not count."""
Password = Annotated[SecretStr, Field(min_length=8, max_length=128)]
MaskedPhone = Annotated[str | None, Field(validation_alias="masked_phone")]


class HomeOut(Out):
    """The home of a residence."""

    id: UUID
    name: str
    path: str


class PersonIn(In):
    """A resident, and the home they live in."""

    name: Line
    phone: Phone | None = None
    home_id: UUID
    relation: Relation = Relation.OWNER


class PersonChange(Change):
    """A corrected name or number; a number may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"phone"})

    name: Line | None = None
    phone: Phone | None = None


class PeopleFilters(Cursor):
    """Which people: who live in a home, whose name holds this, whose number this is."""

    model_config = ConfigDict(extra="forbid")

    home: UUID | None = None
    name: Line | None = None
    phone: Phone | None = None


class PersonOut(Out):
    """Somebody in the register."""

    id: UUID
    name: str | None
    phone: MaskedPhone
    created_at: datetime


class RevealIn(In):
    """What a phone number is needed for; it is kept in the record."""

    reason: Annotated[Line, Field(min_length=2)]


class RevealOut(Out):
    """A phone number in full."""

    phone: str


class ResidenceFilters(Cursor):
    """Which residences: by how far they are known, of a home, of a person."""

    model_config = ConfigDict(extra="forbid")

    standing: Standing | None = None
    home: UUID | None = None
    person: UUID | None = None


class ResidenceOut(Out):
    """Somebody living in a home, as far as it is known."""

    id: UUID
    person: PersonOut
    home: HomeOut
    relation: Relation
    standing: Standing
    decided_at: datetime | None
    created_at: datetime


class RejectionIn(In):
    """Why a residence is refused; the resident is told."""

    reason: Line | None = None


class PostIn(In):
    """A role within a place, and a line of work (条线) where it has one."""

    role: StaffRole
    place_id: UUID
    speciality: Speciality | None = None


class PostOut(Out):
    """A role that somebody holds."""

    id: UUID
    role: Role
    place: PlaceOut
    speciality: Speciality | None
    created_at: datetime


class StaffIn(PostIn):
    """A new member of staff with their first post."""

    name: Line
    phone: Phone | None = None
    login: Login
    password: Password


class StaffOut(Out):
    """A member of staff, and the posts they hold now."""

    id: UUID
    name: str | None
    phone: str | None
    posts: list[PostOut]


class PasswordIn(In):
    """A new password; who changes their own gives the present one, too."""

    password: Password
    current: Annotated[SecretStr, Field(max_length=128)] | None = None


class LinkCodeOut(Out):
    """A code to type into the chat, once, before it expires."""

    code: str
    expires_at: datetime


class SessionIn(In):
    """How a member of staff signs in."""

    community: Line
    login: Line
    password: Annotated[SecretStr, Field(max_length=128)]


class SessionOut(Out):
    """A bearer token, shown once, and whose it is."""

    token: str
    expires_at: datetime
    person: PersonOut
    posts: list[PostOut]


class MePostOut(Out):
    """A role that the caller holds."""

    role: Role
    path: str
    speciality: Speciality | None


class MeOut(Out):
    """Who is calling: a person or another program, where, and with which rights."""

    kind: str
    id: UUID
    name: str | None
    phone: str | None = None
    community: CommunityOut
    posts: list[MePostOut]
    permissions: list[str]


class ClientIn(In):
    """Another program, and the role it acts in within a place."""

    name: Line
    role: StaffRole
    place_id: UUID


class ClientOut(Out):
    """Another program that calls us."""

    id: UUID
    name: str
    role: Role
    place: PlaceOut
    created_at: datetime
    revoked_at: datetime | None


class ClientKeyOut(Out):
    """A new client and its key, which is shown this once."""

    client: ClientOut
    key: str


class FounderIn(In):
    """The first administrator of a community."""

    name: Line
    login: Login
    password: Password


class CommunityIn(In):
    """A community to found."""

    slug: Slug
    name: Line
    town: Line
    hotline: Line | None = None
    admin: FounderIn


def _no_longer_than_50(templates: dict[str, str]) -> dict[str, str]:
    if len(templates) > 50:  # noqa: PLR2004 - more than there are purposes
        message = "at most 50 templates"
        raise ValueError(message)
    return templates


def _shaped(pattern: str, description: str) -> AfterValidator:
    """Look at a secret without ever repeating it."""

    def check(secret: SecretStr) -> SecretStr:
        if re.fullmatch(pattern, secret.get_secret_value()):
            return secret
        message = f"must be {description}"
        raise ValueError(message)

    return AfterValidator(check)


AppSecret = Annotated[SecretStr, _shaped(r"[!-~]{1,128}", "1 to 128 printable ASCII characters")]
Token = Annotated[SecretStr, _shaped(r"[A-Za-z0-9]{3,32}", "3 to 32 letters and digits")]
AesKey = Annotated[SecretStr, _shaped(r"[A-Za-z0-9]{43}", "43 letters and digits")]
Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.-]{1,64}$")]
Templates = Annotated[dict[Purpose, Code], AfterValidator(_no_longer_than_50)]
"""Which template message serves which purpose: purpose → template id."""


class AccountIn(In):
    """A WeChat service account, with the secrets its owner copied from the platform."""

    slug: Slug
    name: Line
    app_id: Code
    original_id: Code | None = None
    mode: Mode = Mode.SAFE
    app_secret: AppSecret
    token: Token
    aes_key: AesKey | None = None
    templates: Templates = Field(default_factory=dict)


class AccountChange(Change):
    """New settings; a new `aes_key` keeps the one before it valid until the next."""

    emptied: ClassVar[frozenset[str]] = frozenset({"original_id"})

    name: Line | None = None
    original_id: Code | None = None
    mode: Mode | None = None
    app_secret: AppSecret | None = None
    token: Token | None = None
    aes_key: AesKey | None = None
    templates: Templates | None = None


class AccountOut(Out):
    """A WeChat account; its secrets are never told."""

    id: UUID
    slug: str
    name: str
    app_id: str
    original_id: str | None
    mode: Mode
    templates: dict[str, str]
    created_at: datetime


class RosterOut(Out):
    """What came of a roster, or would come of it: how many rows and what they changed."""

    rows: int
    people: int
    residences: int
    changed: int
    dry_run: bool
