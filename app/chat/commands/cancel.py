"""取消, where there is nothing to cancel; an open conversation hears it before this does."""

from app.chat.commands import Reads, command
from app.chat.conversations import BACK, ON, OUT
from app.chat.phrases import tap
from app.chat.talk import Reply, Said, Speaker
from app.core.i18n import _


@command("取消", exactly=(*sorted(OUT), *sorted(BACK), *sorted(ON)), reads=True)
async def cancel(_reads: Reads, _speaker: Speaker, _said: Said, _rest: str) -> Reply:
    """Say that nothing is under way."""
    return Reply(
        _("现在没有正在办的事。想看看能办什么，请回复{help}。").format(help=tap(_("帮助"), "帮助"))
    )
