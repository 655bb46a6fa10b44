"""进度: how far a request has come, the latest one unless a number is given."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import Alone, Reads, aloud, command
from app.chat.commands.mine import none
from app.chat.groups import spoken
from app.chat.groups.inviting import invite
from app.chat.groups.spoken import Spoken
from app.chat.mine import RATEABLE
from app.chat.phrases import day, shown, tap
from app.chat.queries import Found, requests_of
from app.chat.refusals import nothing_of_that_number
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, number_in
from app.core.i18n import N_, _, speaking
from app.people.access import Actor
from app.service_requests import words
from app.service_requests.models import ENDED, UNDONE
from app.service_requests.permissions import VIEW


@command(
    "进度",
    "查进度",
    "查询进度",
    "查看进度",
    "报修进度",
    "投诉进度",
    "进展",
    "查询",
    "progress",
    "status",
    takes=Takes.NUMBER,
    exactly=(
        "进度怎么样",
        "进度怎么样了",
        "进度如何",
        "办得怎么样",
        "办得怎么样了",
        "怎么样了",
        "修好了吗",
    ),
    reads=True,
    says=N_("办到哪一步了；也可加编号，如“进度1024”"),
    order=30,
)
async def progress(reads: Reads, speaker: Speaker, _said: Said, rest: str) -> Reply:
    """How one request stands; somebody else's is answered like one that is not there."""
    return await _found(reads, speaker.actor, rest)


async def _found(reads: Reads, by: Actor, rest: str) -> Reply:
    number, _rest = number_in(rest)
    if by.id is None:
        return nothing_of_that_number()
    paths = tuple(VIEW.paths(by))
    found = await reads.ask(requests_of, (by.community_id, by.id, number, paths))
    if found:
        return Reply(told(found))
    return Reply(none()) if number is None else nothing_of_that_number()


@aloud(
    "进度",
    "查进度",
    "查询进度",
    "progress",
    takes=Takes.NUMBER,
    says=N_("办到哪一步了，答复只发给您本人"),
    order=20,
)
async def progress_aloud(session: AsyncSession, heard: Spoken, rest: str) -> spoken.Reply:
    """Say it to whoever asks alone; the group hears the same whatever there is to say."""
    if heard.person is None:
        return await invite(session, heard)
    if not heard.reachable:
        said = _("{name}，进度只能私下告诉您：请关注服务号，在那里发送“进度”。")
        return spoken.Reply(said.format(name=heard.called))
    with speaking(heard.locale):
        reply = await _found(Alone(session), heard.person, rest)
    said = _("{name}，已经在服务号里答复您了。").format(name=heard.called)
    return spoken.Reply(said, reply.text)


def told(request: Found) -> str:
    """All there is to say about a request, a line each."""
    lines = [
        _("编号 {number}：{state}").format(number=request.number, state=words.label(request.state)),
        f"{request.category}：{shown(request.summary, 200)}",
        _("地点：{place}").format(place=shown(request.place)),
        _("提交：{day}").format(day=day(request.filed_at)),
    ]
    if request.worker:
        lines.append(_("处理人：{worker}").format(worker=shown(request.worker)))
    if request.state in UNDONE:
        lines.append(_("预计办结：{day}").format(day=day(request.due_at)))
    if request.outcome:
        lines.append(_("办理结果：{outcome}").format(outcome=shown(request.outcome, 200)))
    if request.reason:
        lines.append(_("原因：{reason}").format(reason=shown(request.reason, 200)))
    if request.right_channel:
        lines.append(_("办理途径：{channel}").format(channel=shown(request.right_channel, 200)))
    return "\n".join([*lines, *_next(request)])


def _next(request: Found) -> list[str]:
    """What can be done about it now, by whoever reported it."""
    if not request.own:
        return []
    if request.state in RATEABLE and request.score is None:
        rate = tap(_("评价"), f"评价{request.number}")
        return [_("办得怎么样？点{rate}，打1到5分。").format(rate=rate)]
    if request.state in ENDED:
        return []
    add = tap(_("补充"), f"补充{request.number}")
    return [_("有要补充的，点{add}，或直接发照片。").format(add=add)]
