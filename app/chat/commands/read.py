"""收到: whoever was sent a notice says that they have read it."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import command
from app.chat.talk import Reply, Said, Speaker
from app.core.i18n import N_, _
from app.notices import reading


@command(
    "收到",
    "received",
    exactly=("已读", "看过了", "知道了", "我已收到", "已收到"),
    says=N_("告诉社区，通知您看到了"),
    order=85,
)
async def read(session: AsyncSession, speaker: Speaker, _said: Said, _rest: str) -> Reply:
    """Note that the notice they were sent last has been read."""
    notice = await reading.last_sent_to(session, speaker.community_id, speaker.person_id)
    if notice is None:
        return Reply(_("最近没有发给您的通知。"))
    by = speaker.actor
    await reading.read(session, notice, speaker.person_id, way=reading.WORD, by=by)
    return Reply(_("好的，已记下您看过“{title}”。").format(title=notice.title))
