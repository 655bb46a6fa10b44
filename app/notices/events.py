"""What happens to notices."""

from uuid import UUID

from app.core.facts import Event

# Event
# ├── a notice    NoticeDrafted NoticeChanged NoticeSubmitted NoticeApproved NoticeReturned
# │               NoticeScheduled NoticePublished NoticeSent NoticeWithdrawn
# ├── its people  NoticeRead LessonStudied KnockAsked
# └── around it   NoticePolicyChanged OutletChanged DeliveriesReplayed DeliveryReplayed


class NoticeDrafted(Event, kind="notice.drafted", subject="notice_id"):
    """Somebody wrote a notice."""

    notice_id: UUID
    corrects_id: UUID | None = None


class NoticeChanged(Event, kind="notice.changed", subject="notice_id"):
    """A draft says something else, to others, or otherwise."""

    notice_id: UUID
    changed: list[str]


class NoticeSubmitted(Event, kind="notice.submitted", subject="notice_id"):
    """A second person is asked to agree."""

    notice_id: UUID


class NoticeApproved(Event, kind="notice.approved", subject="notice_id"):
    """A second person agrees."""

    notice_id: UUID


class NoticeReturned(Event, kind="notice.returned", subject="notice_id"):
    """A second person does not agree, and said why."""

    notice_id: UUID


class NoticeScheduled(Event, kind="notice.scheduled", subject="notice_id"):
    """A notice goes out at its time."""

    notice_id: UUID


class NoticePublished(Event, kind="notice.published", subject="notice_id"):
    """A notice goes out."""

    notice_id: UUID


class NoticeSent(Event, kind="notice.sent", subject="notice_id"):
    """Everybody's delivery is planned."""

    notice_id: UUID
    deliveries: int


class NoticeWithdrawn(Event, kind="notice.withdrawn", subject="notice_id"):
    """A notice is not to be read any more."""

    notice_id: UUID


class NoticeRead(Event, kind="notice.read", subject="notice_id"):
    """Somebody has read a notice."""

    notice_id: UUID
    person_id: UUID


class LessonStudied(Event, kind="notice.studied", subject="notice_id"):
    """Somebody has gone through a lesson."""

    notice_id: UUID
    person_id: UUID


class KnockAsked(Event, kind="notice.knock_asked", subject="notice_id"):
    """A home was not reached, and somebody should knock there."""

    notice_id: UUID
    knock_id: UUID
    home_id: UUID


class NoticePolicyChanged(Event, kind="notice.policy_changed", subject="community_id"):
    """The community publishes otherwise."""

    community_id: UUID
    changed: list[str]


class OutletChanged(Event, kind="notice.outlet_changed", subject="outlet_id"):
    """A place where the community publishes came, changed or went."""

    outlet_id: UUID
    changed: list[str]


class DeliveriesReplayed(Event, kind="notice.deliveries_replayed", subject="notice_id"):
    """What had died is tried again."""

    notice_id: UUID
    deliveries: int


class DeliveryReplayed(Event, kind="delivery.replayed", subject="delivery_id"):
    """One message that had died is tried again."""

    delivery_id: UUID
