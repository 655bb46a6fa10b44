"""Asking somebody the community does not know yet to say who they are, in the service account."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.groups.spoken import Reply, Spoken
from app.chat.phrases import shown
from app.core.i18n import _
from app.core.problems import TooManyRequests
from app.groups import binding
from app.groups.models import Bot, Group
from app.wechat.models import Account


async def invite(session: AsyncSession, spoken: Spoken) -> Reply:
    """Give whoever speaks a code for the service account; the whole group can read it."""
    words = await invitation(session, spoken.bot, spoken.sender_id, spoken.name, spoken.group)
    return Reply(words)


async def invitation(
    session: AsyncSession, bot: Bot, sender_id: str, name: str, group: Group | None
) -> str:
    """The sentence with a fresh code in it, or that there were enough of them."""
    called = shown(name.replace("@", "＠"), 20) or _("您好")
    accounts = select(Account.name).where(Account.community_id == bot.community_id)
    account = await session.scalar(accounts.order_by(Account.id).limit(1))
    if account is None:
        return _("{name}，我还不认识您，请联系社区工作人员登记。").format(name=called)
    try:
        code = await binding.issue(session, bot, sender_id, group)
    except TooManyRequests:
        return _("{name}，绑定码已经给过几次了，请过十分钟再试。").format(name=called)
    said = _(
        "{name}，我还不认识您。请在服务号“{account}”里发送：绑定群 {code}\n"
        "10分钟内有效，只能用一次；谁发送，我就把您当作谁，请只由您本人发送。"
    )
    return said.format(name=called, account=shown(account), code=code)
