"""The care register as it crosses the wire."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BeforeValidator, Field

from app.core.wire import In, Line, Out, Prose
from app.people.models import CareKind, ConsentChannel
from app.places.schemas import Change

Kinds = Annotated[list[CareKind], Field(min_length=1, max_length=len(CareKind))]


class ConsentIn(In):
    """The words that were agreed to, and how; by a guardian for a child."""

    wording: Prose
    channel: ConsentChannel
    by_guardian: bool = False


class CareIn(In):
    """Somebody to look in on, where, why, and whom to call when nobody opens."""

    person_id: UUID
    place_id: UUID
    kinds: Kinds
    note: Prose | None = None
    contact: Line | None = None
    consent: ConsentIn


class CareChange(Change):
    """What to correct; a note and a contact may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset({"note", "contact"})

    kinds: Kinds | None = None
    note: Prose | None = None
    contact: Line | None = None

    def columns(self) -> dict[str, Any]:
        """The same as columns of `CareEntry`."""
        named = self.named()
        if self.kinds:
            named["kinds"] = ",".join(sorted(set(self.kinds)))
        return named


class CareReading(In):
    """What somebody reads an entry for."""

    reason: Line


class CarePerson(Out):
    """Somebody on the register."""

    id: UUID
    name: str | None
    phone: Annotated[str | None, Field(validation_alias="masked_phone")]


class CarePlace(Out):
    """Where somebody looks in."""

    id: UUID
    name: str
    path: str


class CareBrief(Out):
    """Somebody on the register; why is not said."""

    id: UUID
    person: CarePerson
    place: CarePlace
    created_at: datetime


class CareOut(CareBrief):
    """The whole entry."""

    kinds: Annotated[list[CareKind], BeforeValidator(lambda kinds: kinds.split(","))]
    note: str | None
    contact: str | None
