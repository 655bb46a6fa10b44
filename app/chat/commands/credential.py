"""工号: a member of staff is known in the chat by a code that was made on the desk."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import command
from app.chat.phrases import shown
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, folded
from app.core.i18n import _
from app.people import service as people
from app.people.models import Identity


@command("工号", "staff", takes=Takes.NUMBER)
async def credential(session: AsyncSession, speaker: Speaker, _said: Said, rest: str) -> Reply:
    """Link whoever types a code that is good for ten minutes."""
    code = folded(rest).replace(" ", "")
    if not code:
        return Reply(_("请在工作台生成验证码，再回复“工号 验证码”。"))
    identity = await session.get_one(Identity, (speaker.community_id, speaker.identity_id))
    person = await people.link_staff(session, identity=identity, code=code)
    return Reply(
        _(
            "{name}，您好，已认出您的工作身份。回复“待办”看派给您的事，回复“帮助”看都能做什么。"
        ).format(name=shown(person.name or _("同事")))
    )
