"""What happens to organisations, to who works for them, and to what they offer."""

from typing import Any
from uuid import UUID

from app.core.facts import Event

# Event
# ├── organizations  OrganizationAdded OrganizationChanged
# ├── members        MemberAdded MemberLeft
# └── listings       ListingAdded ListingChanged


class OrganizationAdded(Event, kind="organization.added", subject="organization_id"):
    """An organisation works for the community."""

    organization_id: UUID


class OrganizationChanged(Event, kind="organization.changed", subject="organization_id"):
    """An organisation is described otherwise, works elsewhere, or not at all any more."""

    organization_id: UUID
    was: dict[str, Any]
    now: dict[str, Any]


class MemberAdded(Event, kind="organization.member_added", subject="organization_id"):
    """Somebody works for an organisation."""

    organization_id: UUID
    member_id: UUID
    person_id: UUID
    head: bool


class MemberLeft(Event, kind="organization.member_left", subject="organization_id"):
    """Somebody works for an organisation no more."""

    organization_id: UUID
    member_id: UUID
    person_id: UUID


class ListingAdded(Event, kind="listing.added", subject="listing_id"):
    """A service to the neighbourhood is offered."""

    listing_id: UUID
    organization_id: UUID


class ListingChanged(Event, kind="listing.changed", subject="listing_id"):
    """A service is offered otherwise, or not any more."""

    listing_id: UUID
    was: dict[str, Any]
    now: dict[str, Any]
