"""报修 in a group: a matter is filed for whoever asks, and only its number is said aloud."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import whereabouts
from app.chat.commands import aloud
from app.chat.groups.inviting import invite
from app.chat.groups.spoken import Reply, Spoken
from app.chat.phrases import shown, tap
from app.chat.words import Takes, folded
from app.core.i18n import N_, _, speaking
from app.core.problems import Invalid
from app.people.access import Actor
from app.places.models import Place
from app.service_requests import placing, queries, service
from app.service_requests.catalogue import OTHER
from app.service_requests.models import Category, Channel, ServiceRequest

_ENOUGH = 2
"""Characters that may be a matter."""


@aloud(
    "报修",
    "投诉",
    "求助",
    "反映",
    "反映问题",
    "建议",
    "report",
    takes=Takes.TEXT,
    says=N_("报修、反映问题，如“报修 3栋电梯坏了”"),
    order=10,
)
async def report(session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
    """File it where it was said to be, else where the rule of its category says, else at the group.

    What only those who handle it may know is not taken down where everybody listens.
    """
    if len(folded(rest)) < _ENOUGH:
        return Reply(
            _("请把事情写在后面，比如“@{bot} 报修 3栋电梯坏了”。").format(bot=spoken.bot.name)
        )
    if spoken.person is None:
        return await invite(session, spoken)
    category = await _category(session, spoken.community_id, rest)
    if category is None:
        return Reply(_("这里暂时不能报修，请直接联系社区。"))
    if category.confidential:
        return Reply(
            _("{name}，这类事情不方便在群里说，请到服务号里告诉我们。").format(name=spoken.called)
        )
    if named := await whereabouts.named(session, spoken.community_id, rest):
        request = await _file_at(session, named, spoken.person, category, rest)
    else:
        request = await file(session, spoken, spoken.person, category, rest)
    return Reply(_aloud(spoken, request), _privately(spoken, request))


async def _category(session: AsyncSession, community_id: UUID, what: str) -> Category | None:
    """What the words speak for, or what fits no other."""
    known = await queries.catalogue(session, community_id)
    fitting = service.suggest(known, what)
    return next(iter([*fitting, *(each for each in known if each.code == OTHER)]), None)


async def file(
    session: AsyncSession, spoken: Spoken, by: Actor, category: Category, what: str
) -> ServiceRequest:
    """File a matter in the name of whoever speaks, at the place its category's rule says.

    Where the rule says nothing of them it is the group's.
    """
    try:
        place = await placing.by_rule(
            session, category.place_rule, person_id=by.id, anonymous=False, by=by
        )
    except Invalid:
        place = await session.get_one(Place, (spoken.community_id, spoken.group.place_id))
    return await _file_at(session, place, by, category, what)


async def _file_at(
    session: AsyncSession, place: Place, by: Actor, category: Category, what: str
) -> ServiceRequest:
    """File a matter in the name of whoever speaks."""
    return await service.file(
        session,
        category=category,
        place=place,
        summary=what,
        by=by,
        reporter_id=by.id,
        channel=Channel.CHAT,
    )


def _aloud(spoken: Spoken, request: ServiceRequest) -> str:
    said = _("{name}，已经报上去了，编号 {number}。").format(
        name=spoken.called, number=request.number
    )
    if spoken.reachable:
        return said + _("进展会在服务号里告诉您。")
    return said + _("请关注服务号，在那里发送“进度{number}”看进展。").format(number=request.number)


def _privately(spoken: Spoken, request: ServiceRequest) -> str:
    with speaking(spoken.locale):
        said = _(
            "您在“{group}”里说的“{what}”已经登记，编号 {number}。\n"
            "想看办到哪了，点{progress}；有要补充的，点{add}，或直接发照片。"
        )
        return said.format(
            group=shown(spoken.group.name),
            what=shown(request.summary, 60),
            number=request.number,
            progress=tap(_("进度"), f"进度{request.number}"),
            add=tap(_("补充"), f"补充{request.number}"),
        )
