"""帮助: what one can do here, the usual things first."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import Command, Reads, aloud, alouds, command, commands
from app.chat.groups import spoken
from app.chat.groups.spoken import Spoken
from app.chat.phrases import listed, tap
from app.chat.talk import Reply, Said, Speaker
from app.core.i18n import N_, _, locale


@command(
    "帮助",
    "help",
    exactly=(
        "?",
        "？",
        "菜单",
        "功能",
        "怎么用",
        "使用说明",
        "你能做什么",
        "能办什么",
        "menu",
        "h",
    ),
    reads=True,
    says=N_("看看能办什么"),
    order=90,
)
async def help_(_reads: Reads, speaker: Speaker, _said: Said, _rest: str) -> Reply:
    """A line for every command, to be tapped."""
    return Reply(listed(_("您可以这样说（点一下蓝字也行）："), lines(speaker), foot(speaker)))


def lines(speaker: Speaker) -> list[str]:
    """What this person may say, each with what it is for."""
    offered = [
        each for _name, each in commands if each.says and (speaker.is_staff or not each.staff)
    ]
    offered.sort(key=lambda each: each.order)
    return [f"· {tap(called(each), each.name)}：{_(each.says)}" for each in offered]


def called(each: Command) -> str:
    """The command's name in the reader's language: its first word that is written so."""
    if locale() == "zh":
        return each.name
    return next((word for word, _takes in each.words if word.isascii()), each.name)


def foot(speaker: Speaker) -> str:
    """Whom to ring up, and what to do first."""
    parts = []
    if not speaker.homes and not speaker.is_staff:
        parts.append(_("您还没登记住址，{bind}只要一分钟。").format(bind=tap(_("绑定"), "绑定")))
    if speaker.hotline:
        parts.append(_("急事请打电话：{hotline}").format(hotline=speaker.hotline))
    return "\n".join(parts)


@aloud("帮助", "help", "菜单", "功能", "怎么用", says=N_("看看我能做什么"), order=90)
async def help_aloud(_session: AsyncSession, heard: Spoken, _rest: str) -> spoken.Reply:
    """A line for everything that can be said in the group."""
    offered = sorted((each for _name, each in alouds if each.says), key=lambda each: each.order)
    head = _("叫我“@{bot}”，后面跟着说：").format(bot=heard.bot.name)
    return spoken.Reply("\n".join([head, *(f"· {each.name}：{_(each.says)}" for each in offered)]))
