"""What a delivery says: its own words, or those of the notice that it carries."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA
from app.core.i18n import _
from app.notices import links, markdown
from app.notices.channels import Content
from app.notices.models import Delivery, Notice
from app.places.models import Community


def purpose_of(notice: Notice) -> str:
    """The purpose that its deliveries have, by which a channel finds its form: `notice.policy`."""
    return f"notice.{notice.kind.value}"


def own(delivery: Delivery) -> Content:
    """The words of a delivery that carries no notice."""
    lines = [(label, value) for label, value in delivery.lines]
    return Content(
        purpose=delivery.purpose, title=delivery.title or "", lines=lines, link=delivery.link
    )


def _of_notice(notice: Notice, community: Community) -> Content:
    title = notice.title
    if notice.corrects_id is not None:
        title = _("更正：{title}").format(title=title)
    text = markdown.plain(notice.body)
    lines = [(_("发布单位"), community.name)]
    if notice.published_at is not None:
        day = notice.published_at.astimezone(CHINA)
        lines.append((_("发布时间"), f"{day:%Y-%m-%d %H:%M}"))
    lines.append((_("内容"), text))
    return Content(
        purpose=purpose_of(notice),
        title=title,
        lines=lines,
        text=text,
        markdown=notice.body,
        link=links.link_to(notice.community_id, notice.id, None),
        notice_id=notice.id,
        notice_kind=notice.kind.value,
    )


async def of_notices(
    session: AsyncSession, community_id: UUID, ids: Iterable[UUID]
) -> dict[UUID, Content]:
    """The words of these notices, by their ids."""
    community = await session.get_one(Community, community_id)
    notices = select(Notice).where(Notice.community_id == community_id, Notice.id.in_(list(ids)))
    return {each.id: _of_notice(each, community) for each in await session.scalars(notices)}


def addressed(said: Content, delivery: Delivery) -> Content:
    """The words of a notice as one of its deliveries carries them: the link is the reader's own."""
    if delivery.person_id is None or said.notice_id is None:
        return said
    link = links.link_to(delivery.community_id, said.notice_id, delivery.person_id)
    return replace(said, link=link)


async def of(session: AsyncSession, said: Notice | Delivery) -> Content:
    """The words of a notice, or of a delivery."""
    if isinstance(said, Notice):
        community = await session.get_one(Community, said.community_id)
        return _of_notice(said, community)
    if said.notice_id is None:
        return own(said)
    found = await of_notices(session, said.community_id, [said.notice_id])
    return addressed(found[said.notice_id], said)
