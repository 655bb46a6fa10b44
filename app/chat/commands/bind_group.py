"""绑定群: whoever got a code in a group says it here once, and is known there from then on."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import command
from app.chat.groups.jobs import promise
from app.chat.phrases import shown
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, folded
from app.core.i18n import _, speaking
from app.core.ids import new_id
from app.groups import binding
from app.groups.binding import Bound
from app.people.models import Identity


@command("绑定群", "群绑定", takes=Takes.NUMBER)
async def bind_group(session: AsyncSession, speaker: Speaker, _said: Said, rest: str) -> Reply:
    """Take the sender who asked for the code for whoever says it, and tell both ends."""
    code = folded(rest).replace(" ", "")
    if not code:
        return Reply(_("请先在群里@机器人发送“绑定”，拿到绑定码后，回来发送“绑定群 绑定码”。"))
    identity = await session.get_one(Identity, (speaker.community_id, speaker.identity_id))
    bound = await binding.redeem(session, identity, code)
    await _tell_group(session, bound)
    where = bound.group.name if bound.group else bound.bot.name
    said = _(
        "绑定好了：“{group}”里的“{name}”就是您。以后在群里报修、查进度，都会记在您名下。\n"
        "这个绑定码不是您自己要的？请马上在这里回复“解绑群”。"
    )
    return Reply(said.format(group=shown(where), name=shown(bound.name or bound.sender_id, 20)))


@command("解绑群", "群解绑")
async def unbind_group(session: AsyncSession, speaker: Speaker, _said: Said, _rest: str) -> Reply:
    """Let nobody in any group be taken for whoever says this."""
    identity = await session.get_one(Identity, (speaker.community_id, speaker.identity_id))
    if await binding.undo_all(session, identity, by=speaker.actor):
        return Reply(_("已经解除，群里不再有人算作您。"))
    return Reply(_("您没有绑定过群里的账号。"))


async def _tell_group(session: AsyncSession, bound: Bound) -> None:
    """Tell where the code was asked for, so that a stranger's use of it is seen."""
    if bound.group is None:
        return
    with speaking("zh"):
        said = _("{name}，您的绑定码已经有人在服务号里用了。不是您本人，请发送“@{bot} 解绑”。")
        text = said.format(name=shown(bound.name, 20), bot=bound.bot.name)
    await promise(
        session,
        bound.group.community_id,
        bound.group.id,
        text,
        dedupe=new_id().hex,
    )
