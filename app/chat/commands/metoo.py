"""我也是: a neighbour has the same matter, and is told of its progress."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations
from app.chat.commands import command
from app.chat.refusals import nothing_of_that_number
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, number_in
from app.core.i18n import N_, _
from app.core.problems import NotFound
from app.service_requests import following
from app.service_requests.problems import AlreadyFollowing, RequestClosed


@command(
    "我也是",
    "我家也是",
    "关注",
    "me too",
    takes=Takes.NUMBER,
    says=N_("邻居报过的事您也有，如“我也是 1024”"),
    order=36,
)
async def me_too(session: AsyncSession, speaker: Speaker, _said: Said, rest: str) -> Reply:
    """Follow the request of this number, if it is one that neighbours may know of."""
    number, _rest = number_in(rest)
    if number is None:
        return Reply(_("请带上编号，比如“我也是 1024”。没有编号，直接说是什么事就行。"))
    try:
        await following.follow(session, number, by=speaker.actor)
    except NotFound:
        return nothing_of_that_number()
    except AlreadyFollowing:
        return Reply(_("{number} 您已经在关注了，有进展会告诉您。").format(number=number))
    except RequestClosed:
        return Reply(_("{number} 已经办结了。还有问题，请重新说说是什么事。").format(number=number))
    # Whoever was about to report the same need not any more.
    conversations.close(await conversations.hold(session, speaker))
    return Reply(_("记下了，{number} 您家也有。有进展会一起告诉您。").format(number=number))


@command("不再关注", "不关注了", "unfollow", takes=Takes.NUMBER)
async def not_any_more(session: AsyncSession, speaker: Speaker, _said: Said, rest: str) -> Reply:
    """Hear no more of a neighbour's matter."""
    number, _rest = number_in(rest)
    if number is None:
        return Reply(_("请带上编号，比如“不再关注 1024”。"))
    await following.unfollow(session, number, by=speaker.actor)
    return Reply(_("好的，{number} 的进展不再告诉您。").format(number=number))
