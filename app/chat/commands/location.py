"""A position out of the blue: something may be reported there."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import whereabouts
from app.chat.commands import command
from app.chat.commands.report import open_report
from app.chat.reporting.place import point
from app.chat.talk import Reply, Said, Speaker
from app.core.i18n import _


@command("位置", "发位置", hears=("location",))
async def location(session: AsyncSession, speaker: Speaker, said: Said, _rest: str) -> Reply:
    """Begin a report that lacks nothing but the matter."""
    if said.latitude is None:
        return Reply(_("想发位置，请点输入框右边的“＋”，选“位置”。"))
    whole = await whereabouts.root(session, speaker.community_id)
    where = {"place": str(whole.id), **point(said)}
    reply = await open_report(session, speaker, said, "", where=where)
    return Reply(_("收到您的位置，要在这里反映问题吗？") + "\n" + reply.text)
