"""What no command claims: guessed at where it sounds like a matter, and never left unanswered."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import Alone, command
from app.chat.commands.help import foot, lines
from app.chat.commands.progress import progress
from app.chat.commands.report import open_report
from app.chat.phrases import listed, shown
from app.chat.talk import Reply, Said, Speaker
from app.core.i18n import _
from app.service_requests import queries, service

_NUMBER_FROM = 4
"""Figures that look like the number of a request."""
_SHOWN = 5


@command("不明白", hears=("text",))
async def unknown(session: AsyncSession, speaker: Speaker, said: Said, _rest: str) -> Reply:
    """Offer to report what sounds like a matter; otherwise say what can be said."""
    if not said.text:
        return Reply(_unread(said, speaker))
    if said.text.isdecimal() and len(said.text) >= _NUMBER_FROM:
        return await progress(Alone(session), speaker, said, said.raw)
    known = await queries.catalogue(session, speaker.community_id)
    if service.suggest(known, said.text):
        return await open_report(session, speaker, said, said.raw, guessed=True)
    head = _("没看明白“{said}”。想反映问题，请在前面加上“报修”两个字，比如“报修 水管漏水”。")
    told = head.format(said=shown(said.raw, 30))
    return Reply(listed(told, lines(speaker)[:_SHOWN], foot(speaker)))


def _unread(said: Said, speaker: Speaker) -> str:
    """What to say to a message without words that we can read."""
    if said.kind == "voice":
        told = _("这段语音没听清，麻烦您打字告诉我，一句话就行。")
    elif said.kind in {"video", "shortvideo"}:
        told = _("这里还看不了视频。请拍张照片发来，再打字说说是什么事。")
    else:
        told = _("这里看得懂文字、照片和位置。有什么事，打字说一声就行。")
    return listed(told, lines(speaker)[:_SHOWN], foot(speaker))
