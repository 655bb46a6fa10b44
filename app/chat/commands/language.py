"""中文, English: the language somebody is answered in from now on."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import command
from app.chat.talk import Reply, Said, Speaker
from app.core.i18n import N_, _, speaking
from app.people.models import Identity

_ENGLISH = frozenset({"english", "en", "英文", "英语"})


@command(
    "English",
    exactly=("en", "英文", "英语", "中文", "汉语", "普通话", "chinese", "zh"),
    says=N_("换成英文；回复“中文”换回来"),
    order=95,
)
async def language(session: AsyncSession, speaker: Speaker, said: Said, _rest: str) -> Reply:
    """Answer in this language from now on."""
    locale = "en" if said.word in _ENGLISH else "zh"
    this = Identity.community_id == speaker.community_id, Identity.id == speaker.identity_id
    await session.execute(update(Identity).where(*this).values(locale=locale))
    with speaking(locale):
        return Reply(_("好的，以后用中文和您说话。"))
