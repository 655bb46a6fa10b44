"""点歌: a song is asked for in a group, where the community plays them."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import aloud
from app.chat.commands.report_aloud import file
from app.chat.groups.inviting import invite
from app.chat.groups.spoken import Reply, Spoken
from app.chat.phrases import shown
from app.chat.words import Takes
from app.core.i18n import N_, _
from app.service_requests import queries

CATEGORY = "song_request"


@aloud(
    "点歌",
    "我要点歌",
    "song",
    takes=Takes.TEXT,
    says=N_("点一首歌，如“点歌 茉莉花，送给3栋的老姐妹”"),
    order=60,
)
async def song(session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
    """Put a song on the list, with the words it is sent with."""
    known = await queries.catalogue(session, spoken.community_id)
    category = next((each for each in known if each.code == CATEGORY), None)
    if category is None:
        return Reply(_("这里还没有点歌台。"))
    if not rest:
        return Reply(_("想听哪首？比如“@{bot} 点歌 茉莉花”。").format(bot=spoken.bot.name))
    if spoken.person is None:
        return await invite(session, spoken)
    request = await file(session, spoken, spoken.person, category, rest)
    said = _("{name}，点好了：{song}（编号 {number}）。")
    return Reply(
        said.format(name=spoken.called, song=shown(rest.replace("@", "＠")), number=request.number)
    )
