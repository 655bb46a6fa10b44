"""Who may see an alert is told that there is one; not what was said."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.i18n import _, speaking
from app.groups.models import Group
from app.notices import service as notices
from app.opinion import queries
from app.opinion.events import AlertRaised
from app.opinion.models import Alert, Watch
from app.people import queries as people

ALERT = "opinion.alert"


@reacts_to(AlertRaised)
async def tell_the_entitled(session: AsyncSession, event: AlertRaised, community_id: UUID) -> None:
    """Tell each of them which group, and what it is about."""
    alert = await session.get_one(Alert, (community_id, event.alert_id))
    watch = await session.get_one(Watch, (community_id, event.watch_id))
    group = await session.get_one(Group, (community_id, event.group_id))
    for person_id in await queries.entitled(session, alert):
        with speaking(await people.language_of(session, community_id, person_id)):
            await notices.tell(
                session,
                community_id=community_id,
                person_id=person_id,
                purpose=ALERT,
                title=_("群里有情况需要关注"),
                lines=[
                    (_("群"), group.name),
                    (_("话题"), watch.topic or watch.written),
                    (_("消息数"), str(alert.messages)),
                ],
                about=alert.id,
                once=f"{event.kind}:{alert.id}:{person_id}",
            )
