"""接龙: a sign-up goes round in a group, and whatever list is sent is merged into one."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.commands import aloud
from app.chat.groups.spoken import SILENCE, Reply, Spoken
from app.chat.phrases import shown
from app.chat.words import LONGEST, Takes
from app.core.i18n import N_, _
from app.groups.chains import hearing, queries, service
from app.groups.chains.entries import compared
from app.groups.chains.merge import Sender
from app.groups.chains.render import MARK, render
from app.groups.models import Chain
from app.groups.platforms import platforms
from app.groups.problems import ChainIsClosed, NotAManager
from app.people.access import Actor, system

_NEARLY_CUT = LONGEST - 200
"""Characters from which a message may have lost its end; masking makes it a little shorter."""
_LONGEST_REPLY = 4000
"""Bytes, where the platform would take more."""


@aloud(
    "接龙",
    takes=Takes.TEXT,
    hears=("chain",),
    says=N_("发起接龙，如“接龙 周六书法课 限20人”；直接发接龙也行"),
    order=40,
)
async def chain(session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
    """Merge a list that goes round, or begin one with the title that follows the word."""
    if spoken.kind != "chain":
        return await _start(session, spoken, rest)
    return await _heard(session, spoken, spoken.text, cut=len(spoken.text) >= _NEARLY_CUT)


async def _start(session: AsyncSession, spoken: Spoken, title: str) -> Reply:
    if not title:
        return await _now(session, spoken)
    return await _heard(session, spoken, f"{MARK}\n{title}")


async def _heard(session: AsyncSession, spoken: Spoken, text: str, *, cut: bool = False) -> Reply:
    try:
        outcome = await hearing.hear(
            session, spoken.group, spoken.member, text, cut=cut, by=_by(spoken)
        )
    except ChainIsClosed:
        return Reply(_("这个接龙已经结束了，没有再登记。"))
    if outcome is None:
        return SILENCE
    remarks = [_remark(spoken, outcome)] if outcome.opened else []
    remarks += [
        _("{name} 已由工作人员移出名单，请联系社区。").format(name=shown(name))
        for name in outcome.barred
    ]
    remarks += [
        _("{name} 要加的人数已经没有名额，仍按原来的登记。").format(name=shown(name))
        for name in outcome.full
    ]
    return Reply(await _list(session, spoken, outcome.chain, remarks))


def _remark(spoken: Spoken, outcome: hearing.Outcome) -> str:
    """How the one who began it ends it, and how many may come."""
    if outcome.chain.capacity is None:
        said = _("接龙开始了，复制下面的名单往下写就行。结束时请 {name} 回复“接龙结束”。")
    else:
        said = _(
            "接龙开始了，限 {capacity} 人，后面的排候补。复制下面的名单往下写就行。"
            "结束时请 {name} 回复“接龙结束”。"
        )
    return said.format(name=spoken.called, capacity=outcome.chain.capacity)


async def _list(session: AsyncSession, spoken: Spoken, chain: Chain, remarks: list[str]) -> str:
    """The remarks, and under them the list as it is now, within what the platform takes."""
    lines = [line.entry for line in await queries.standings(session, chain)]
    head = "".join(f"{remark}\n\n" for remark in remarks)
    room = _room(spoken) - len(head.encode())
    closed = chain.closed_at is not None
    return head + render(chain.title, lines, chain.capacity, at_most=room, closed=closed)


def _room(spoken: Spoken) -> int:
    platform = platforms.get(spoken.group.platform)
    return min(platform.limits.text_bytes if platform else _LONGEST_REPLY, _LONGEST_REPLY)


def _by(spoken: Spoken) -> Actor:
    return spoken.person or system(spoken.community_id)


async def _now(session: AsyncSession, spoken: Spoken) -> Reply:
    """The lists that go round, the latest in full."""
    here = await _open(session, spoken)
    if not here:
        return Reply(_("群里没有进行中的接龙。发起接龙，说“接龙 周六书法课 限20人”。"))
    others = _("还有：{titles}").format(titles=_titles(here[1:]))
    return Reply(await _list(session, spoken, here[0], [others] if here[1:] else []))


@aloud("接龙结束", "结束接龙", "接龙截止", takes=Takes.TEXT, unasked=True)
async def end(session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
    """Close the sign-up that goes round, for who began it and for who runs the group."""
    here = [each for each in await _open(session, spoken) if _meant(each, rest)]
    if not here:
        return Reply(_("没有找到进行中的接龙。")) if spoken.asked else SILENCE
    sender = await _sender(session, spoken)
    theirs = [each for each in here if service.running(each, sender).runs]
    if not theirs:
        return Reply(_("接龙由发起人或群主、楼栋长等结束。"))
    if len(theirs) > 1:
        return Reply(_which(theirs, _("接龙结束")))
    await service.close(session, theirs[0], sender=sender, by=_by(spoken))
    return Reply(await _list(session, spoken, theirs[0], [_("接龙结束，最后的名单：")]))


@aloud("取消接龙", "退出接龙", takes=Takes.TEXT, unasked=True)
async def withdraw(session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
    """Take the speaker's own lines off; with a name that line, for who wrote it or runs it."""
    sender = await _sender(session, spoken)
    found = [
        each
        for each in await _open(session, spoken)
        if await _stands_on(session, each, sender, rest)
    ]
    if not found:
        return Reply(_("名单上没有找到要取消的人。")) if spoken.asked or rest else SILENCE
    if len(found) > 1 and not rest:
        return Reply(_which(found, _("取消接龙")))
    name = rest if await _names(session, found[0], rest) else ""
    try:
        gone = await service.withdraw(session, found[0], sender, name, by=_by(spoken))
    except NotAManager:
        return Reply(_("别人登记的，由本人、发起人或群主、楼栋长等取消。"))
    names = "、".join(shown(row.name) for row in gone)
    said = _("已取消：{names}").format(names=names)
    return Reply(await _list(session, spoken, found[0], [said]))


async def _open(session: AsyncSession, spoken: Spoken) -> list[Chain]:
    rows = queries.open_in(spoken.community_id, spoken.group.id)
    return list(await session.scalars(rows))


async def _sender(session: AsyncSession, spoken: Spoken) -> Sender:
    return await service.sender_in(session, spoken.group, spoken.member, by=_by(spoken))


def _meant(chain: Chain, words: str) -> bool:
    """Whether the words name this sign-up; no words name each."""
    return compared(words) in compared(chain.title) if words else True


async def _stands_on(session: AsyncSession, chain: Chain, sender: Sender, rest: str) -> bool:
    """Whether there is a line that could be meant: one of this name, or one's own."""
    if await _names(session, chain, rest):
        return True
    lines = await queries.standings(session, chain)
    return _meant(chain, rest) and any(line.row.sender_id == sender.id for line in lines)


async def _names(session: AsyncSession, chain: Chain, words: str) -> bool:
    """Whether the words are the name of somebody on the list."""
    lines = await queries.standings(session, chain)
    return bool(words) and any(line.entry.key[0] == compared(words) for line in lines)


def _titles(chains: list[Chain]) -> str:
    return "、".join(shown(each.title.partition("\n")[0], 20) for each in chains)


def _which(chains: list[Chain], word: str) -> str:
    said = _("有好几个接龙：{titles}。请带上标题，如“{word} {title}”。")
    return said.format(titles=_titles(chains), word=word, title=_titles(chains[:1]))
