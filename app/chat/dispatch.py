"""Which command a message is for, and its answer, by the reading or by the writing road."""

from dataclasses import dataclass, replace

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations
from app.chat.asking import Ask
from app.chat.commands import Alone, Command, Reads, commands, hearing, vocabulary
from app.chat.phrases import AT_MOST, size
from app.chat.refusals import refusal
from app.chat.talk import SILENCE, Reply, Said, Speaker, Talk
from app.chat.words import Split, split_command
from app.core import problems
from app.core.i18n import _, speaking
from app.core.problems import Problem

commands.load()

_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a message is for: a command, the conversation that is open, or nothing."""

    command: Command | None = None
    rest: str = ""
    """What followed the command word, as it was written."""
    continues: bool = False

    @property
    def reads(self) -> bool:
        """Whether it can be answered without a transaction of its own."""
        return not self.continues and (self.command is None or self.command.reads)


def choose(speaker: Speaker, said: Said) -> Chosen:
    """What a message is for, judged by the words and by what is open; no input or output."""
    if said.kind == "event" and said.event != "click":
        return Chosen(hearing(f"event.{said.event}"))
    talk = speaker.conversation
    open_ask = _open_ask(speaker)
    known = vocabulary(staff=speaker.is_staff)
    split = split_command(said.raw, known.takes, longest=known.longest) if said.text else None
    if (open_ask and said.word in conversations.OUT | conversations.BACK) or _takes_up(talk, said):
        return Chosen(continues=True)
    command = commands.get(known.names[split.word]) if split else None
    if split and not (open_ask and _is_answer(open_ask, said, split, again=_asks(command, talk))):
        return Chosen(command, split.rest)
    if open_ask:
        return Chosen(continues=True)
    return Chosen(hearing(said.kind if not said.text else "text") or hearing("text"), said.raw)


def _open_ask(speaker: Speaker) -> Ask | None:
    """The question that is waiting for an answer, or that ran out so lately that we must say so."""
    talk = speaker.conversation
    if not (conversations.is_live(talk) or conversations.has_lapsed(talk)):
        return None
    flow = conversations.flow_of(talk)
    return flow.ask(talk.step) if flow and talk else None


def _takes_up(talk: Talk | None, said: Said) -> bool:
    """Whether somebody wants to go on where a conversation ran out."""
    known = conversations.flow_of(talk) is not None
    return known and said.word in conversations.ON and not conversations.is_live(talk)


def _asks(command: Command | None, talk: Talk | None) -> bool:
    """Whether it is this command's conversation that is open."""
    return command is not None and talk is not None and command.name == talk.command


def _is_answer(ask: Ask, said: Said, split: Split, *, again: bool) -> bool:
    """Whether words that could be a command are meant for the open question.

    A whole message that is a command leaves the question, unless the question knows the word; so
    does one that sets the command apart, `报修：水管漏水`, and one that begins the same thing anew.
    """
    if said.word in ask.words or said.word.isdecimal():
        return True
    return bool(split.rest) and not (split.apart or again) and ask.hears is not None


async def answer_reading(reads: Reads, speaker: Speaker, chosen: Chosen, said: Said) -> Reply:
    """Answer what changes nothing; `chosen.reads` says whether a message is of that kind."""
    if chosen.command is None:
        return SILENCE
    with speaking(speaker.locale):
        try:
            reply = await chosen.command.run(reads, speaker, said, chosen.rest)
        except Problem as problem:
            reply = _refused(problem)
        return _reminding(speaker, reply)


async def answer(session: AsyncSession, speaker: Speaker, said: Said) -> Reply:
    """Answer anything, in the message's own transaction, one message of a person at a time.

    What is refused leaves no trace and is said in a sentence. Only what is nobody's fault here, a
    database that is away or a mistake in the code, leaves as an error.
    """
    with speaking(speaker.locale):
        row = await conversations.hold(session, speaker)
        before = conversations.talk_of(row)
        speaker = replace(speaker, conversation=before)
        chosen = choose(speaker, said)
        if chosen.command is None and not chosen.continues:
            return SILENCE
        if _asks(chosen.command, before):
            conversations.close(row)
        try:
            async with session.begin_nested():
                await session.connection()
                if chosen.continues:
                    return await conversations.proceed(session, speaker, said, row)
                reply = await _run(session, speaker, chosen, said)
                await session.flush()
        except (Problem, DBAPIError) as error:
            return _reminding(speaker, _refused(error))
        if conversations.talk_of(row) != before:
            return reply
        return _reminding(speaker, reply)


async def _run(session: AsyncSession, speaker: Speaker, chosen: Chosen, said: Said) -> Reply:
    command = chosen.command
    if command is None:
        return SILENCE
    by = Alone(session) if command.reads else session
    return await command.run(by, speaker, said, chosen.rest)


def _refused(error: Problem | DBAPIError) -> Reply:
    problem = problems.of(error)
    if problem.status >= _SERVER_ERROR:
        raise error
    return refusal(problem)


def _reminding(speaker: Speaker, reply: Reply) -> Reply:
    """The answer, and a word about the question that is still open."""
    talk = speaker.conversation
    if talk is None or not reply.text or not conversations.is_live(talk):
        return reply
    reminder = _("（“{name}”还没说完，可以接着说；不办了，回复“取消”。）").format(name=talk.command)
    text = f"{reply.text}\n\n{reminder}"
    return Reply(text) if size(text) <= AT_MOST else reply
