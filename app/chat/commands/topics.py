"""议题 and 附议: what neighbours want to talk over, and one's word that one wants it, too."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import aloud, command
from app.chat.groups import spoken
from app.chat.groups.inviting import invite
from app.chat.groups.spoken import SILENCE, Spoken
from app.chat.phrases import listed, shown, tap
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, number_in
from app.core.i18n import N_, _
from app.people.access import Actor
from app.polls.models import Topic, TopicState
from app.polls.problems import NotLivingHere, OwnTopic, TopicStep
from app.polls.service import policies
from app.polls.topics import queries, raising
from app.polls.topics.links import topic_link

_MOST = 10
_TALKED_OF = (TopicState.RAISED, TopicState.DISCUSSED)
_STATES = {
    TopicState.RAISED: N_("征集附议"),
    TopicState.DISCUSSED: N_("讨论中"),
    TopicState.VOTED: N_("投票中"),
    TopicState.RESOLVED: N_("有了结论"),
    TopicState.CARRIED_OUT: N_("正在落实"),
    TopicState.CLOSED: N_("已办结"),
    TopicState.REFUSED: N_("没有受理"),
}


@command(
    "议题",
    "议事",
    "topics",
    takes=Takes.NUMBER,
    says=N_("看看大家在议什么；支持一件，如“附议 5”"),
    order=56,
)
async def topics(session: AsyncSession, speaker: Speaker, _said: Said, rest: str) -> Reply:
    """The topics that are seconded and discussed, or one of them with one's own link to it."""
    number, _rest = number_in(rest)
    if number is None:
        return await _list(session, speaker)
    topic = await _of_number(session, speaker.actor, number)
    if topic is None:
        return await _list(session, speaker, _unknown(number))
    return Reply(await _card(session, topic, speaker))


@command("附议", "支持议题", "second", takes=Takes.NUMBER)
async def second(session: AsyncSession, speaker: Speaker, _said: Said, rest: str) -> Reply:
    """Second the topic of this number."""
    number, _rest = number_in(rest)
    topic = await _of_number(session, speaker.actor, number) if number is not None else None
    if topic is None:
        return await _list(session, speaker, _unknown(number) if number is not None else "")
    said = await _second(session, topic, speaker.actor)
    return Reply(f"{said}\n{_link(topic, speaker.person_id)}")


@aloud("议题", "议事", takes=Takes.NUMBER, says=N_("大家在议的事"), order=55)
async def topics_aloud(session: AsyncSession, heard: Spoken, _rest: str) -> spoken.Reply:
    """The topics that everybody may read."""
    rows = queries.public(heard.community_id).where(Topic.state == TopicState.DISCUSSED)
    found = (await session.scalars(rows.order_by(Topic.id.desc()).limit(_MOST))).all()
    if not found:
        return spoken.Reply(_("现在没有正在讨论的议题。"))
    lines = [_("· {number} {title}").format(number=t.number, title=shown(t.title)) for t in found]
    tail = _("要支持一件，说“附议 {n}”；要发言，请在服务号里发送“议题”。")
    return spoken.Reply(
        listed(_("正在讨论的议题："), lines, tail.format(n=found[0].number)),
    )


@aloud("附议", takes=Takes.NUMBER, unasked=True, says=N_("支持一个议题，如“附议 5”"), order=56)
async def second_aloud(session: AsyncSession, heard: Spoken, rest: str) -> spoken.Reply:
    """Second the topic of this number, for somebody who is known."""
    number, _rest = number_in(rest)
    if number is None:
        return spoken.Reply(_("请带上编号，比如“附议 5”。")) if heard.asked else SILENCE
    if heard.person is None:
        return await invite(session, heard)
    topic = await _of_number(session, heard.person, number)
    said = await _second(session, topic, heard.person) if topic else _unknown(number)
    return spoken.Reply(_("{name}，{said}").format(name=heard.called, said=said))


async def _of_number(session: AsyncSession, by: Actor, number: int) -> Topic | None:
    """The topic of this number, if whoever asks may know of it, theirs alone until we are done."""
    seen = queries.visible_to(by).where(Topic.number == number)
    topic_id = await session.scalar(seen.with_only_columns(Topic.id))
    return await queries.alone(session, by.community_id, topic_id) if topic_id else None


async def _second(session: AsyncSession, topic: Topic, by: Actor) -> str:
    """Second it, and say how many do, or why it cannot be."""
    try:
        count = await raising.second(session, topic, by=by)
    except OwnTopic:
        return _("这是您自己提的，不用附议。")
    except NotLivingHere:
        return _("附议要先登记住址，请在服务号里发送“绑定”。")
    except TopicStep:
        return _("{number}号议题已经过了附议的时候。").format(number=topic.number)
    said = _("已附议{number}号议题，现在 {n} 人支持。").format(number=topic.number, n=count)
    return said + (_("可以讨论了。") if topic.state is TopicState.DISCUSSED else "")


async def _list(session: AsyncSession, speaker: Speaker, before: str = "") -> Reply:
    rows = queries.visible_to(speaker.actor).where(Topic.state.in_(_TALKED_OF))
    found = (await session.scalars(rows.order_by(Topic.id.desc()).limit(_MOST))).all()
    if not found:
        return Reply("\n".join(filter(None, [before, _("现在没有正在议的事。")])))
    seconds = await queries.seconds(session, found)
    lines = [_line(topic, seconds[topic.id]) for topic in found]
    head = "\n".join(filter(None, [before, _("大家在议的事：")]))
    return Reply(listed(head, lines, _("点前面的数字看详情；要支持一件，回复“附议”加数字。")))


def _line(topic: Topic, seconds: int) -> str:
    number = tap(str(topic.number), f"议题{topic.number}")
    return _("· {number} {title}（{state}，{n} 人附议）").format(
        number=number, title=shown(topic.title, 30), state=_(_STATES[topic.state]), n=seconds
    )


async def _card(session: AsyncSession, topic: Topic, speaker: Speaker) -> str:
    count = (await queries.seconds(session, [topic]))[topic.id]
    state = _(_STATES[topic.state])
    lines = [
        _("议题{number}：{title}").format(number=topic.number, title=shown(topic.title, 60)),
        shown(topic.body, 200),
        _("{state}，{n} 人附议").format(state=state, n=count),
    ]
    if topic.state is TopicState.RAISED:
        policy = await policies.of(session, topic.community_id)
        lines[-1] += _("，满 {n} 人开始讨论").format(n=policy.seconds_needed)
        lines.append(_("您也支持？点{tap}").format(tap=tap(_("附议"), f"附议{topic.number}")))
    lines.append(
        _("看全文、发言（链接只给您本人）：{link}").format(link=_link(topic, speaker.person_id))
    )
    return listed("\n".join(lines), [])


def _link(topic: Topic, person_id: UUID) -> str:
    return topic_link(topic.community_id, topic.id, person_id)


def _unknown(number: int) -> str:
    return _("没有找到{n}号议题。").format(n=number)
