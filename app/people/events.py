"""What happens to people, their homes, their posts, and the programs that act for them."""

from uuid import UUID

from app.core.facts import Event
from app.people.models import Role, Speciality

# Event
# ├── people      PersonRegistered PersonChanged PeopleMerged PhoneRevealed RosterImported
# ├── care        ConsentGiven ConsentWithdrawn CareEntryMade CareEntryChanged CareEntryRead
# │               CareRegisterListed CareEntryEnded
# ├── residences  ResidenceClaimed ResidenceConfirmed ResidenceRefused ResidenceEnded
# ├── identities  Followed Unfollowed StaffLinked
# ├── staff       PostGiven PostEnded PasswordSet LinkCodeIssued SignedIn SignedOut
# └── programs    ClientAdded ClientRevoked AccountAdded AccountChanged


class PersonRegistered(Event, kind="person.registered", subject="person_id"):
    """Somebody was put into the register."""

    person_id: UUID


class PersonChanged(Event, kind="person.changed", subject="person_id"):
    """A name or number was corrected; `fields` names which."""

    person_id: UUID
    fields: list[str]


class PeopleMerged(Event, kind="people.merged", subject="kept_id"):
    """Two entries turned out to be one person: what is the second's is the first's from now on."""

    kept_id: UUID
    gone_id: UUID


class PhoneRevealed(Event, kind="person.phone_revealed", subject="person_id"):
    """Somebody was shown a phone number in full, and said what for."""

    person_id: UUID
    reason: str


class ConsentGiven(Event, kind="consent.given", subject="consent_id"):
    """Somebody agreed that we keep something about them."""

    consent_id: UUID
    person_id: UUID
    purpose: str


class ConsentWithdrawn(Event, kind="consent.withdrawn", subject="consent_id"):
    """Somebody does not want us to keep it any more."""

    consent_id: UUID
    person_id: UUID
    purpose: str


class CareEntryMade(Event, kind="care_entry.made", subject="entry_id"):
    """Somebody was put on the care register; why is not said here."""

    entry_id: UUID
    person_id: UUID


class CareEntryChanged(Event, kind="care_entry.changed", subject="entry_id"):
    """What is known of somebody on the care register was corrected; `fields` names what."""

    entry_id: UUID
    fields: list[str]


class CareEntryRead(Event, kind="care_entry.read", subject="entry_id"):
    """Somebody read why a person is on the care register, and said what for."""

    entry_id: UUID
    person_id: UUID
    reason: str


class CareRegisterListed(Event, kind="care_register.listed", subject="listing_id"):
    """Somebody was shown who is on the care register."""

    listing_id: UUID
    entry_ids: list[UUID]


class CareEntryEnded(Event, kind="care_entry.ended", subject="entry_id"):
    """Somebody is not on the care register any more, and what it said is erased."""

    entry_id: UUID
    person_id: UUID


class RosterImported(Event, kind="roster.imported", subject="roster_id"):
    """A list of residents was read in: how many people and residences came of it."""

    roster_id: UUID
    people: int
    residences: int
    changed: int


class ResidenceClaimed(Event, kind="residence.claimed", subject="residence_id"):
    """Somebody says where they live, and staff are to confirm it."""

    residence_id: UUID
    person_id: UUID
    home_id: UUID


class ResidenceConfirmed(Event, kind="residence.confirmed", subject="residence_id"):
    """Somebody is known to live where they say."""

    residence_id: UUID
    person_id: UUID
    home_id: UUID


class ResidenceRefused(Event, kind="residence.refused", subject="residence_id"):
    """Somebody is not known to live where they say; `reason` is what they are told."""

    residence_id: UUID
    person_id: UUID
    home_id: UUID
    reason: str | None = None


class ResidenceEnded(Event, kind="residence.ended", subject="residence_id"):
    """Somebody lives there no more."""

    residence_id: UUID
    person_id: UUID
    home_id: UUID


class Followed(Event, kind="identity.followed", subject="person_id"):
    """Somebody follows an account, for the first time or again."""

    person_id: UUID
    identity_id: UUID


class Unfollowed(Event, kind="identity.unfollowed", subject="person_id"):
    """Somebody follows an account no more."""

    person_id: UUID
    identity_id: UUID


class StaffLinked(Event, kind="identity.linked", subject="person_id"):
    """A member of staff is known in the chat."""

    person_id: UUID
    identity_id: UUID


class PostGiven(Event, kind="post.given", subject="person_id"):
    """Somebody holds a role within a place."""

    person_id: UUID
    post_id: UUID
    place_id: UUID
    role: Role
    speciality: Speciality | None


class PostEnded(Event, kind="post.ended", subject="person_id"):
    """Somebody holds a role no more."""

    person_id: UUID
    post_id: UUID


class PasswordSet(Event, kind="staff.password_set", subject="person_id"):
    """A member of staff has a new password, and must sign in again."""

    person_id: UUID


class LinkCodeIssued(Event, kind="staff.link_code_issued", subject="person_id"):
    """A code was made by which a member of staff is known in the chat."""

    person_id: UUID


class SignedIn(Event, kind="session.started", subject="person_id"):
    """A member of staff signed in."""

    person_id: UUID


class SignedOut(Event, kind="session.ended", subject="person_id"):
    """A member of staff signed out."""

    person_id: UUID


class ClientAdded(Event, kind="client.added", subject="client_id"):
    """Another program may call us."""

    client_id: UUID
    place_id: UUID
    role: Role


class ClientRevoked(Event, kind="client.revoked", subject="client_id"):
    """Another program may call us no more."""

    client_id: UUID


class AccountAdded(Event, kind="account.added", subject="account_id"):
    """The community is reached by a WeChat account."""

    account_id: UUID


class AccountChanged(Event, kind="account.changed", subject="account_id"):
    """The settings of a WeChat account changed; `fields` names which, and no secret is told."""

    account_id: UUID
    fields: list[str]
