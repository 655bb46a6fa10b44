"""People, staff, programs and accounts as they cross the wire; phone numbers leave masked."""

import re
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

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


def _email(written: str) -> str:
    name, _, host = written.partition("@")
    labels = host.split(".")
    good = _MAILBOX.fullmatch(name) and len(labels) > 1 and all(map(_LABEL.fullmatch, labels))
    if not good:
        message = "is not an e-mail address"
        raise ValueError(message)
    return f"{name}@{host.lower()}"


_MAILBOX = re.compile(r"[A-Za-z0-9_+-](?:[A-Za-z0-9_.+-]{0,62}[A-Za-z0-9_+-])?")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_email)
]
"""An e-mail address as people have them: ASCII, `name@host.example`."""
Tag = Annotated[Line, StringConstraints(max_length=40)]
MaskedEmail = Annotated[str | None, Field(validation_alias="masked_email")]
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
    """A corrected name, number or e-mail address; number and address may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"phone", "email"})

    name: Line | None = None
    phone: Phone | None = None
    email: Email | None = None


class TagsIn(In):
    """The words that somebody is found under when they are to be told something."""

    tags: Annotated[list[Tag], Field(max_length=30)]


class TagsOut(Out):
    """The words that somebody is found under."""

    tags: list[str]


class PeopleFilters(Cursor):
    """Which people: who live in a home, whose name holds this, whose number or tag this is."""

    model_config = ConfigDict(extra="forbid")

    home: UUID | None = None
    name: Line | None = None
    phone: Phone | None = None
    tag: Tag | None = None


class PersonOut(Out):
    """Somebody in the register."""

    id: UUID
    name: str | None
    phone: MaskedPhone
    email: MaskedEmail
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


FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,63}$")]


class TemplateIn(In):
    """How a purpose is sent: by which template of WeChat's, and which fields in which order.

    `mass` needs no template: what is for all followers is sent to all of them, or to a tag's.
    """

    kind: Literal["template", "subscribe", "mass"] = "template"
    template_id: Code | None = None
    fields: list[FieldName] = Field(default_factory=list, max_length=20)
    tag_id: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind != "mass" and not (self.template_id and self.fields):
            message = "needs template_id and fields"
            raise ValueError(message)
        return self


def _no_longer_than_50(templates: dict[str, TemplateIn]) -> dict[str, TemplateIn]:
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
Templates = Annotated[dict[Purpose, TemplateIn], AfterValidator(_no_longer_than_50)]
"""How each purpose is sent: `request.progress`, `notice.policy`, `notice` for all its kinds."""


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
    templates: dict[str, Any]
    created_at: datetime


class RosterOut(Out):
    """What came of a roster, or would come of it: how many rows and what they changed."""

    rows: int
    people: int
    residences: int
    changed: int
    dry_run: bool
