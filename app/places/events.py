"""What happens to communities and their maps."""

from uuid import UUID

from app.core.facts import Event


class CommunityFounded(Event, kind="community.founded", subject="community_id"):
    """A community was opened, with the root of its map."""

    community_id: UUID


class CommunityChanged(Event, kind="community.changed", subject="community_id"):
    """A community is called or reached otherwise; `fields` names what changed."""

    community_id: UUID
    fields: list[str]


class PlaceAdded(Event, kind="place.added", subject="place_id"):
    """A place was put on the map."""

    place_id: UUID
    parent_id: UUID


class PlaceRenamed(Event, kind="place.renamed", subject="place_id"):
    """A place is called otherwise."""

    place_id: UUID
    old: str
    new: str


class PlaceMoved(Event, kind="place.moved", subject="place_id"):
    """A place, and all within it, now stands in another one."""

    place_id: UUID
    old_parent_id: UUID
    new_parent_id: UUID
