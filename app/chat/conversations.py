"""Carrying a conversation on: a question at a time, kept in the database between messages."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.asking import (
    PARTS,
    Ask,
    Flow,
    Leave,
    Option,
    Part,
    Revise,
    Stay,
    Turn,
    Unclear,
    flows,
)
from app.chat.models import Conversation
from app.chat.phrases import AT_MOST, shown, size, tap
from app.chat.refusals import refusal
from app.chat.talk import Reply, Said, Speaker, Talk
from app.chat.words import bluntly, folded, numeral
from app.core.clock import now
from app.core.i18n import _
from app.core.ids import new_id
from app.core.problems import Problem

PATIENCE = timedelta(minutes=10)
"""How long a question stays open."""
REMEMBERED = timedelta(days=1)
"""How long a conversation that ran out can be taken up again."""

OUT = frozenset({"取消", "退出", "不办了", "算了", "不用了", "cancel", "quit", "exit", "stop"})
BACK = frozenset({"上一步", "返回", "后退", "back"})
ON = frozenset({"继续", "接着办", "接着说", "continue"})

_INSISTS = "_insists"
"""Which question must be asked although its answer could be guessed."""


_ROW = insert(Conversation).values(
    {name: bindparam(name) for name in ("community_id", "id", "identity_id")}
)
_HOLD = _ROW.on_conflict_do_update(
    index_elements=[Conversation.community_id, Conversation.identity_id],
    set_={"identity_id": _ROW.excluded.identity_id},
).returning(Conversation)


async def hold(session: AsyncSession, speaker: Speaker) -> Conversation:
    """Put this person's messages in a queue until the transaction ends; where they stand now."""
    held: dict[UUID, Conversation] = session.info.setdefault("conversations", {})
    if speaker.identity_id not in held:
        who = {
            "community_id": speaker.community_id,
            "id": new_id(),
            "identity_id": speaker.identity_id,
        }
        rows = await session.scalars(_HOLD, who, execution_options={"populate_existing": True})
        held[speaker.identity_id] = rows.one()
    return held[speaker.identity_id]


def talk_of(row: Conversation) -> Talk | None:
    """The conversation in this row, if there is one."""
    if row.command is None or row.step is None or row.expires_at is None:
        return None
    return Talk(row.command, row.step, row.expires_at)


def is_live(talk: Talk | None) -> bool:
    """Whether an answer is being waited for."""
    return talk is not None and talk.expires_at > now()


def has_lapsed(talk: Talk | None) -> bool:
    """Whether it ran out not long ago, and nobody has said so yet."""
    return talk is not None and now() - REMEMBERED < talk.expires_at <= now()


def flow_of(talk: Talk | None) -> Flow | None:
    """What is being asked there; None when the software knows it no more."""
    return flows.get(talk.command) if talk else None


async def begin(
    session: AsyncSession, speaker: Speaker, said: Said, flow: Flow, known: dict[str, Any]
) -> Reply:
    """Open a conversation in which this much is known, and ask what is missing."""
    row = await hold(session, speaker)
    close(row)
    return await _go_on(Turn(session, speaker, said, dict(known)), flow, row)


def leave(row: Conversation, sentence: str = "") -> Reply:
    """Stop, and forget what was said."""
    close(row)
    return Reply(sentence or _("好的，已取消。需要时再找我，回复“帮助”可以看看能办什么。"))


async def proceed(session: AsyncSession, speaker: Speaker, said: Said, row: Conversation) -> Reply:
    """Take what was said for the answer to the open question, and ask the next one."""
    talk = talk_of(row)
    flow = flow_of(talk)
    ask = flow.ask(talk.step) if flow and talk else None
    if flow is None or ask is None or said.word in OUT:
        return leave(row)
    turn = Turn(session, speaker, said, dict(row.known))
    if not is_live(talk):
        return await _again(turn, flow, ask, row)
    if said.word in BACK:
        return await _back(turn, flow, ask, row)
    try:
        answer = await _answer(turn, flow, ask)
    except Unclear as unclear:
        return await _ask(turn, flow, ask, row, before=unclear.sentence)
    return await _answered(turn, flow, ask, row, answer)


async def _again(turn: Turn, flow: Flow, ask: Ask, row: Conversation) -> Reply:
    """Take up a conversation that ran out, or say once that it did."""
    if turn.said.word in ON:
        return await _ask(turn, flow, ask, row)
    row.expires_at = now() - REMEMBERED
    return Reply(
        _(
            "刚才的“{name}”隔得久了，先放下了，您说的都还记着。\n{on}就接着说；要从头来，请回复“{name}”。"
        ).format(on=tap(_("继续"), "继续"), name=flow.name)
    )


async def _back(turn: Turn, flow: Flow, ask: Ask, row: Conversation) -> Reply:
    if turn.known.get(PARTS):
        turn.known[PARTS] = turn.known[PARTS][:-1]
        return await _ask(turn, flow, ask, row)
    if not row.asked:
        return await _ask(turn, flow, ask, row, before=_("这已经是第一步了。"))
    *row.asked, name = row.asked
    names = [each.name for each in flow.asks]
    for later in names[names.index(name) :]:
        turn.known.pop(later, None)
    turn.known[_INSISTS] = name
    return await _go_on(turn, flow, row)


async def _answer(turn: Turn, flow: Flow, ask: Ask) -> Any:
    """What the message answers to the question; raises `Unclear`."""
    if turn.said.kind == "voice" and not turn.said.text:
        raise Unclear(_("这段语音没听清，麻烦您打字告诉我。"))
    if turn.said.text:
        for option in chosen(await ask.options(turn), turn.said.text, numbered=ask.numbered):
            return option.value
    try:
        return await (ask.hears or _hear_nothing)(turn)
    except Unclear:
        if turn.said.text or not flow.aside or not (sentence := await flow.aside(turn)):
            raise
        return Stay(sentence)


async def _hear_nothing(_turn: Turn) -> Any:
    """Refuse what is none of the options."""
    raise Unclear(_("没看明白您的意思。"))


def chosen(options: Sequence[Option], text: str, *, numbered: bool = True) -> list[Option]:
    """The option that a text names, by its place in the list or in words; none or one."""
    bare = text.strip(" .、。)(号!～~,，")
    number = numeral(bare) if numbered else None
    if number is not None and 1 <= number <= len(options):
        return [options[number - 1]]
    for heard in (bare, bluntly(bare)):
        for each in options:
            if heard in map(folded, (_(each.label), each.label, *each.words)):
                return [each]
    return []


async def _answered(turn: Turn, flow: Flow, ask: Ask, row: Conversation, answer: Any) -> Reply:
    match answer:
        case Leave(sentence):
            return leave(row, sentence)
        case Stay(sentence):
            _save(row, turn, flow, ask)
            return Reply(sentence)
        case Part(code, value):
            turn.known[PARTS] = [*turn.parts.items(), (code, value)]
        case Revise(name, others):
            for each in (name, *others):
                turn.known.pop(each, None)
            turn.known[_INSISTS] = name
        case _:
            turn.known[ask.name] = answer
            turn.known.pop(PARTS, None)
            turn.known.pop(_INSISTS, None)
            row.asked = [*row.asked, ask.name]
    return await _go_on(turn, flow, row)


async def _go_on(turn: Turn, flow: Flow, row: Conversation) -> Reply:
    """Ask the first question that has no answer yet, or do what all of it was for."""
    for ask in flow.asks:
        if ask.name in turn.known:
            continue
        if ask.settles and turn.known.get(_INSISTS) != ask.name:
            settled = await ask.settles(turn)
            if settled is not None:
                turn.known[ask.name] = settled
                turn.known.pop(PARTS, None)
                continue
        return await _ask(turn, flow, ask, row)
    close(row)
    try:
        async with turn.session.begin_nested():
            await turn.session.connection()
            return await flow.done(turn)
    except Problem as problem:
        return refusal(problem)


async def _ask(turn: Turn, flow: Flow, ask: Ask, row: Conversation, *, before: str = "") -> Reply:
    _save(row, turn, flow, ask)
    head = [part for part in (before, await ask.question(turn)) if part]
    options = await ask.options(turn)
    back = _("说错了，回复“上一步”；") if row.asked else ""
    tail = back + _("不办了，回复“取消”。")
    return Reply(laid_out(head, options, tail, numbered=ask.numbered))


def laid_out(
    head: Sequence[str], options: Sequence[Option], tail: str, *, numbered: bool = True
) -> str:
    """A question with its answers to tap; to type, where so many links would be too long."""
    labels = [
        f"{n} {shown(_(each.label))}" if numbered else shown(_(each.label))
        for n, each in enumerate(options, 1)
    ]
    links = [
        tap(label, each.words[0] if each.words else each.label)
        for label, each in zip(labels, options, strict=True)
    ]
    hint = _("点一下，或回复前面的数字。") if options and numbered else ""
    for lines in (links, labels):
        text = _joined(head, lines, hint, tail, numbered=numbered)
        if size(text) <= AT_MOST:
            return text
    head = [shown(part, 300) for part in head]
    while labels and size(_joined(head, labels, hint, tail, numbered=numbered)) > AT_MOST - 60:
        labels.pop()
    left = _("（还有 {n} 个没列出来，直接打字也行）").format(n=len(options) - len(labels))
    return _joined(head, [*labels, left], hint, tail, numbered=numbered)


def _joined(
    head: Sequence[str], lines: Sequence[str], hint: str, tail: str, *, numbered: bool
) -> str:
    listed = lines if numbered else ["  ".join(lines)]
    return "\n".join(part for part in (*head, *listed, hint, tail) if part)


def _save(row: Conversation, turn: Turn, flow: Flow, ask: Ask) -> None:
    row.command = flow.name
    row.step = ask.name
    row.known = dict(turn.known)
    row.expires_at = now() + PATIENCE


def close(row: Conversation) -> None:
    """Let nothing be open any more."""
    row.command = row.step = row.expires_at = None
    row.known, row.asked = {}, []
