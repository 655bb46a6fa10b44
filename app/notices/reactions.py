"""What people are told about themselves."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.i18n import N_, _, speaking
from app.notices import service as notices
from app.people import queries as people
from app.people.events import ResidenceConfirmed, ResidenceRefused
from app.people.models import Residence
from app.places.models import Place

RESIDENCE = "residence.decided"


async def _home(session: AsyncSession, community_id: UUID, residence_id: UUID) -> str:
    home = (
        select(Place.name)
        .join(
            Residence,
            (Residence.community_id == Place.community_id) & (Residence.home_id == Place.id),
        )
        .where(Residence.community_id == community_id, Residence.id == residence_id)
    )
    return await session.scalar(home) or ""


async def _tell(
    session: AsyncSession,
    event: ResidenceConfirmed | ResidenceRefused,
    community_id: UUID,
    *,
    sentence: str,
    reason: str | None = None,
) -> None:
    with speaking(await people.language_of(session, community_id, event.person_id)):
        lines = [(_("住址"), await _home(session, community_id, event.residence_id))]
        if reason:
            lines.append((_("原因"), reason))
        await notices.tell(
            session,
            community_id=community_id,
            person_id=event.person_id,
            purpose=RESIDENCE,
            title=_(sentence),
            lines=lines,
            about=event.residence_id,
            once=f"{event.kind}:{event.residence_id}",
        )


@reacts_to(ResidenceConfirmed)
async def tell_who_lives_there(
    session: AsyncSession, event: ResidenceConfirmed, community_id: UUID
) -> None:
    """Tell somebody that their home is confirmed."""
    await _tell(session, event, community_id, sentence=N_("您的住址已确认"))


@reacts_to(ResidenceRefused)
async def tell_who_does_not(
    session: AsyncSession, event: ResidenceRefused, community_id: UUID
) -> None:
    """Tell somebody that their home could not be confirmed, and why."""
    sentence = N_("您的住址未能确认，请联系社区工作人员")
    await _tell(session, event, community_id, sentence=sentence, reason=event.reason)
