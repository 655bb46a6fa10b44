"""What people are told about themselves, and what two who turn out to be one have read."""

from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import reacts_to
from app.core.i18n import N_, _, speaking
from app.groups.events import GroupOpened, GroupRefused
from app.groups.models import Group
from app.notices import outlets
from app.notices import service as notices
from app.notices.models import Notice, Reading
from app.people import queries as people
from app.people.events import PeopleMerged, ResidenceConfirmed, ResidenceRefused
from app.people.models import Residence
from app.places.events import CommunityFounded
from app.places.models import Place
from app.webhooks.events import SubscriptionDisabled
from app.webhooks.models import Subscription
from app.webhooks.sending import GONE

RESIDENCE = "residence.decided"
GROUP = "group.decided"
WEBHOOK = "webhook.disabled"


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


async def _tell_proposer(
    session: AsyncSession, event: GroupOpened | GroupRefused, community_id: UUID, sentence: str
) -> None:
    group = await session.get_one(Group, (community_id, event.group_id))
    if group.proposed_by_id is None:
        return
    with speaking(await people.language_of(session, community_id, group.proposed_by_id)):
        reason = [(_("原因"), group.reason)] if group.reason else []
        await notices.tell(
            session,
            community_id=community_id,
            person_id=group.proposed_by_id,
            purpose=GROUP,
            title=_(sentence),
            lines=[(_("群名"), group.name), *reason],
            about=group.id,
            once=f"{event.kind}:{group.id}",
        )


@reacts_to(GroupOpened)
async def tell_who_proposed_it(
    session: AsyncSession, event: GroupOpened, community_id: UUID
) -> None:
    """Tell somebody that there is the group they proposed."""
    await _tell_proposer(session, event, community_id, N_("您申请的群已通过"))


@reacts_to(GroupRefused)
async def tell_who_proposed_in_vain(
    session: AsyncSession, event: GroupRefused, community_id: UUID
) -> None:
    """Tell somebody that there is not to be the group they proposed, and why."""
    await _tell_proposer(session, event, community_id, N_("您申请的群未能通过"))


@reacts_to(CommunityFounded)
async def open_first_outlets(
    session: AsyncSession, _event: CommunityFounded, community_id: UUID
) -> None:
    """Let a new community publish on its site and its board."""
    await outlets.open_first(session, community_id)


@reacts_to(SubscriptionDisabled)
async def tell_whose_endpoint_it_was(
    session: AsyncSession, event: SubscriptionDisabled, community_id: UUID
) -> None:
    """Tell the owner of an endpoint that nothing is sent there any more, and why."""
    subscription = await session.get(Subscription, (community_id, event.subscription_id))
    if event.owner_id is None or subscription is None:
        return
    with speaking(await people.language_of(session, community_id, event.owner_id)):
        why = _("对方已停用该地址") if event.reason == GONE else _("连续三天投递失败")
        await notices.tell(
            session,
            community_id=community_id,
            person_id=event.owner_id,
            purpose=WEBHOOK,
            title=_("消息推送已停止，请检查接收地址"),
            lines=[(_("名称"), subscription.name), (_("原因"), why)],
            about=subscription.id,
        )


@reacts_to(PeopleMerged)
async def let_one_have_read(session: AsyncSession, event: PeopleMerged, community_id: UUID) -> None:
    """What one entry of the register has read, the other has; where both did, the first time."""
    rows = select(Reading).where(
        Reading.community_id == community_id,
        Reading.person_id.in_([event.kept_id, event.gone_id]),
    )
    first: dict[UUID, Reading] = {}
    for row in await session.scalars(rows.order_by(Reading.id).with_for_update()):
        kept = first.setdefault(row.notice_id, row)
        if kept is not row:
            kept.studied_at = kept.studied_at or row.studied_at
            await session.delete(row)
    await session.flush()
    for row in first.values():
        row.person_id = event.kept_id
    written = Notice.community_id == community_id, Notice.author_id == event.gone_id
    other = or_(Notice.reviewed_by_id.is_(None), Notice.reviewed_by_id != event.kept_id)
    theirs = update(Notice).where(*written, other)
    await session.execute(theirs.values(author_id=event.kept_id, updated_at=Notice.updated_at))
