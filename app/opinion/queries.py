"""Reading watches and alerts: every list begins at what the caller may see."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.groups.models import GroupMessage
from app.opinion.models import Alert, Watch
from app.opinion.permissions import ALERTS, WATCH
from app.people.access import Actor
from app.people.models import Post
from app.places.models import Place

AROUND = timedelta(minutes=10)
MOST = 200
"""Messages that are shown with an alert."""


def watches_visible_to(me: Actor) -> Select[Watch]:
    """What is listened for within the caller's places."""
    return (
        select(Watch)
        .join(Place, (Place.community_id == Watch.community_id) & (Place.id == Watch.place_id))
        .where(Watch.community_id == me.community_id, Watch.ended_at.is_(None), WATCH.places(me))
    )


def visible_to(me: Actor) -> Select[Alert]:
    """The alerts of groups within the caller's places."""
    return (
        select(Alert)
        .join(Place, (Place.community_id == Alert.community_id) & (Place.id == Alert.place_id))
        .where(Alert.community_id == me.community_id, ALERTS.places(me))
    )


async def context(session: AsyncSession, alert: Alert) -> Sequence[GroupMessage]:
    """What was said in the group from ten minutes before to ten minutes after, oldest first.

    The last of them, where there are more than are shown.
    """
    said = (
        select(GroupMessage)
        .where(
            GroupMessage.community_id == alert.community_id,
            GroupMessage.group_id == alert.group_id,
            GroupMessage.received_at >= alert.first_at - AROUND,
            GroupMessage.received_at <= alert.last_at + AROUND,
        )
        .order_by(GroupMessage.id.desc())
        .limit(MOST)
    )
    return (await session.scalars(said)).all()[::-1]


async def entitled(session: AsyncSession, alert: Alert) -> Sequence[UUID]:
    """Everybody who may see an alert."""
    path = select(Place.path).where(
        Place.community_id == alert.community_id, Place.id == alert.place_id
    )
    posts = (
        select(Post.person_id)
        .join(Post.place)
        .where(
            Post.community_id == alert.community_id,
            Post.ended_at.is_(None),
            Post.role.in_(ALERTS.roles),
            func.starts_with(path.scalar_subquery(), Place.path),
        )
        .distinct()
    )
    return (await session.scalars(posts)).all()
