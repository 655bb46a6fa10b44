"""Staff of a grid are told that its council will sit, so that they can set its agenda."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA, now
from app.core.facts import reacts_to
from app.core.i18n import _, speaking
from app.notices import service as notices
from app.people import queries as people
from app.polls.events import SittingCalled
from app.polls.models import Council, Sitting
from app.polls.topics import telling

COUNCIL = "council.attention"


@reacts_to(SittingCalled)
async def tell_the_desk(session: AsyncSession, event: SittingCalled, community_id: UUID) -> None:
    """Tell them when and where, of a sitting that is still to come."""
    sitting = await session.get_one(Sitting, (community_id, event.sitting_id))
    council = await session.get_one(Council, (community_id, event.council_id))
    if sitting.starts_at <= now():
        return
    for person_id in await telling.desk(session, community_id, council.place_id):
        with speaking(await people.language_of(session, community_id, person_id)):
            starts = f"{sitting.starts_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
            await notices.tell(
                session,
                community_id=community_id,
                person_id=person_id,
                purpose=COUNCIL,
                title=_("议事会将召开，请安排议程"),
                lines=[
                    (_("会议"), council.name),
                    (_("时间"), starts),
                    (_("地点"), sitting.where or _("地点另行通知")),
                ],
                about=sitting.id,
                once=f"{event.kind}:{sitting.id}:{person_id}",
            )
