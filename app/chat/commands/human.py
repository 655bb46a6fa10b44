"""转人工: somebody wants a person, is told whom to ring up, and staff are told of it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import whereabouts
from app.chat.commands import command
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes
from app.core.i18n import N_, _
from app.service_requests import queries, service
from app.service_requests.catalogue import OTHER
from app.service_requests.models import UNDONE, Category, Channel, ServiceRequest

HUMAN = "human"
"""The category of those who want to talk to somebody; without it, that of all the rest."""
_WISH = N_("居民想找工作人员")


@command(
    "转人工",
    "人工服务",
    "人工客服",
    "找人工",
    "human",
    takes=Takes.TEXT,
    exactly=("人工", "客服", "找人", "工作人员", "电话", "联系电话", "operator"),
    says=N_("找工作人员"),
    order=80,
)
async def human(session: AsyncSession, speaker: Speaker, _said: Said, rest: str) -> Reply:
    """Say where a person can be reached, and leave word that one is wanted, once at a time."""
    number = await _waiting(session, speaker) if not rest else None
    if number is None:
        number = await _leave_word(session, speaker, rest)
    lines = []
    if speaker.hotline:
        lines.append(_("社区电话：{hotline}，急事请直接打。").format(hotline=speaker.hotline))
    lines.append(_("也可以到{community}办公室当面说。").format(community=speaker.community_name))
    if number is not None:
        left = _("已经给工作人员留了话（编号 {number}），他们会尽快联系您。").format(number=number)
        lines.insert(0, left)
    return Reply("\n".join(lines))


async def _category(session: AsyncSession, speaker: Speaker) -> Category | None:
    known = await queries.catalogue(session, speaker.community_id)
    by_code = {each.code: each for each in known}
    return by_code.get(HUMAN) or by_code.get(OTHER)


async def _waiting(session: AsyncSession, speaker: Speaker) -> int | None:
    """The number under which this person is waiting already."""
    return await session.scalar(
        select(ServiceRequest.number)
        .where(
            ServiceRequest.community_id == speaker.community_id,
            ServiceRequest.reporter_id == speaker.person_id,
            ServiceRequest.summary == _WISH,
            ServiceRequest.state.in_(UNDONE),
        )
        .limit(1)
    )


async def _leave_word(session: AsyncSession, speaker: Speaker, words: str) -> int | None:
    category = await _category(session, speaker)
    if category is None:
        return None
    home = speaker.homes[0] if speaker.homes else None
    place = (
        await whereabouts.get(session, speaker.community_id, str(home.place_id))
        if home
        else await whereabouts.root(session, speaker.community_id)
    )
    request = await service.file(
        session,
        category=category,
        place=place,
        summary=words or _WISH,
        by=speaker.actor,
        reporter_id=speaker.person_id,
        channel=Channel.WECHAT,
    )
    return request.number
