"""Following the account, leaving it, scanning its codes."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import Reads, command
from app.chat.commands.help import foot, lines
from app.chat.homes import parse_home
from app.chat.phrases import listed, tap
from app.chat.talk import SILENCE, Reply, Said, Speaker
from app.core.i18n import _
from app.people import service as people
from app.wechat.models import Account

_SHOWN = 4
_SCENE = "qrscene_"


@command("关注", hears=("event.subscribe",))
async def follow(session: AsyncSession, speaker: Speaker, said: Said, _rest: str) -> Reply:
    """Welcome somebody, and say the few things that are worth knowing first."""
    account = await session.get_one(Account, (speaker.community_id, speaker.account_id))
    await people.follow(session, account=account, openid=speaker.openid)
    return Reply(welcome(speaker, said.event_key.removeprefix(_SCENE)))


@command("取消关注", hears=("event.unsubscribe",))
async def leave(session: AsyncSession, speaker: Speaker, _said: Said, _rest: str) -> Reply:
    """Note that they are gone; nobody is there to be answered."""
    account = await session.get_one(Account, (speaker.community_id, speaker.account_id))
    await people.unfollow(session, account=account, openid=speaker.openid)
    return SILENCE


@command("扫码", hears=("event.scan",), reads=True)
async def scan(_reads: Reads, speaker: Speaker, said: Said, _rest: str) -> Reply:
    """Greet somebody who follows already and has scanned a code of ours."""
    return Reply(welcome(speaker, said.event_key))


def welcome(speaker: Speaker, scene: str) -> str:
    """A greeting; the code on a door spells its home, and saves them typing it."""
    greeting = _(
        "您好，这里是{community}的掌上社区。修修补补、问事办事，在这里说一声就行。"
    ).format(community=speaker.community_name)
    home = parse_home(scene)
    if home and not speaker.homes:
        bind = tap(_("登记为{home}的住户").format(home=home.spelled), f"绑定{home.spelled}")
        greeting = f"{greeting}\n{bind}"
    return listed(greeting, lines(speaker)[:_SHOWN], foot(speaker))
