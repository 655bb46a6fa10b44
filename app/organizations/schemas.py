"""Organisations, their people and their offers as they cross the wire."""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import ConfigDict, model_validator

from app.core.pages import Cursor
from app.core.wire import Code, In, Line, Out, Prose
from app.organizations.models import OrganizationKind
from app.people.phones import Phone
from app.people.schemas import Login, Password, PersonOut
from app.places.schemas import Change, PlaceOut


class OrganizationIn(In):
    """An organisation, and the place within which it works."""

    code: Code
    name: Line
    kind: OrganizationKind
    place_id: UUID
    handles: Prose | None = None
    phone: Line | None = None
    address: Line | None = None


class OrganizationChange(Change):
    """What to change about an organisation; what it handles and how it is reached may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"handles", "phone", "address"})

    name: Line | None = None
    kind: OrganizationKind | None = None
    place_id: UUID | None = None
    handles: Prose | None = None
    phone: Line | None = None
    address: Line | None = None
    active: bool | None = None


class OrganizationFilters(Cursor):
    """Which organisations: of a kind, at work at a place."""

    model_config = ConfigDict(extra="forbid")

    kind: OrganizationKind | None = None
    place: UUID | None = None


class OrganizationOut(Out):
    """An organisation, what it handles, and how it is reached."""

    id: UUID
    code: str
    name: str
    kind: OrganizationKind
    place: PlaceOut
    handles: str | None
    phone: str | None
    address: str | None
    active: bool
    created_at: datetime


class MemberIn(In):
    """Somebody we know, by `person_id`; or somebody new, with how they sign in.

    A head sees to all that the organisation does.
    """

    person_id: UUID | None = None
    name: Line | None = None
    phone: Phone | None = None
    login: Login | None = None
    password: Password | None = None
    head: bool = False

    @model_validator(mode="after")
    def _known_or_new(self) -> Self:
        new = self.name, self.login, self.password
        known = self.person_id is not None and not any((*new, self.phone))
        if not known and (self.person_id or not all(new)):
            message = "give person_id, or name, login and password"
            raise ValueError(message)
        return self

    def newcomer(self) -> dict[str, Any]:
        """Somebody new, as `hire_member` takes them on."""
        password = self.password.get_secret_value() if self.password else None
        return self.model_dump(exclude={"person_id"}) | {"password": password}


class MemberOut(Out):
    """Somebody who works for an organisation."""

    id: UUID
    person: PersonOut
    head: bool
    created_at: datetime


class ListingIn(In):
    """A service to offer, within the place its organisation works at."""

    organization_id: UUID
    category_code: Code
    title: Line
    description: Prose | None = None
    place_id: UUID
    price_note: Line | None = None


class ListingChange(Change):
    """What to change about an offer; its description and price may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"description", "price_note"})

    category_code: Code | None = None
    title: Line | None = None
    description: Prose | None = None
    place_id: UUID | None = None
    price_note: Line | None = None
    active: bool | None = None


class ListingFilters(Cursor):
    """Which offers: of a kind of matter, to order at a place, of an organisation."""

    model_config = ConfigDict(extra="forbid")

    category: Code | None = None
    place: UUID | None = None
    organization: UUID | None = None


class MerchantOut(Out):
    """Who offers it."""

    id: UUID
    name: str
    phone: str | None


class ListingOut(Out):
    """A service on offer; `score` is the mean of `rated` ratings from 1 to 5, null of none."""

    id: UUID
    organization: MerchantOut
    category_code: str
    title: str
    description: str | None
    place: PlaceOut
    price_note: str | None
    active: bool
    rated: int
    score: float | None
    created_at: datetime
