"""What was said in a group, and whether it is meant for the bot; no database.

The bot speaks only when it is spoken to: when it is mentioned, when a command word follows a
slash, and by a sign-up (接龙). A message that is nothing but a command's word and a number, or a
vote (`投票 3 A`), counts where that command asks for it. All else is talk among neighbours,
whatever words it begins with: `报修电话是多少` is answered by nobody. A slash before a word that is
none is left alone as well; whoever mentions the bot without one is told what it can do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.chat.groups.announcing import Aloud, alouds
from app.chat.groups.bots import Door
from app.chat.words import Split, Takes, folded, number_in, plain, split_command
from app.core.clock import now
from app.core.plugins import Plugins
from app.groups.chains.native import words_of
from app.groups.ingest import Arrival
from app.groups.platforms import Heard

CHAIN = "chain"
_HELP = "帮助"
_CHAIN = re.compile(r"#\s?(?:接龙|group note)")
_HEAD = 40
"""Characters in which a sign-up says that it is one."""
_LONGEST = 200
"""Characters of what a platform calls somebody or something."""
_SLASHES = ("/", "／")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a message is for."""

    command: Aloud
    rest: str
    """What followed the word, as it was written; all of it where no word is needed."""
    unbidden: bool = False
    """Whether no word was needed."""


def arrival_of(door: Door, heard: Heard) -> Arrival:
    """A message as it is kept, by the bot that heard it."""
    # A sign-up as WeChat itself sends it is XML around the words; all other XML is what it is.
    text = plain(words_of(heard.text) or heard.text)
    spoken_to, text = _mentioned(text, door.name)
    chain = heard.kind == "text" and _CHAIN.match(folded(text[:_HEAD]))
    return Arrival(
        community_id=door.community_id,
        bot_id=door.bot_id,
        external_id=_called(heard.message_id),
        group=None if heard.group_id is None else _called(heard.group_id),
        sender_id=_called(heard.sender_id),
        sender_name=" ".join(_called(heard.sender_name).split()),
        sent_at=min(heard.sent_at, now()),
        kind=CHAIN if chain else _called(heard.kind),
        text=text,
        asked=heard.to_bot or spoken_to,
        reply_to=heard.reply_to and _called(heard.reply_to),
    )


def _called(name: str) -> str:
    return plain(name[:_LONGEST])


def _mentioned(text: str, name: str) -> tuple[bool, str]:
    """Whether a text begins by calling the bot, and the rest of it."""
    for sign in ("@", "＠"):
        if text.startswith(sign + name):
            return True, text[len(sign + name) :].strip()
    return False, text


def choose(kind: str, text: str, *, asked: bool) -> Chosen | None:
    """The command a message is for; None for what is none of the bot's business."""
    for _, each in alouds:
        if kind in each.hears:
            return Chosen(each, text, unbidden=True)
    known = _vocabulary(Plugins.changes)
    slashed = text.startswith(_SLASHES)
    split = split_command(text[1:] if slashed else text, known.takes, longest=known.longest)
    command = known.commands[split.word] if split else None
    set_apart = asked or slashed
    if split and command and (set_apart or (command.unasked and _nothing_else(command, split))):
        return Chosen(command, split.rest)
    helping = alouds.get(_HELP)
    return Chosen(helping, "") if asked and helping else None


def _nothing_else(command: Aloud, split: Split) -> bool:
    """Whether nothing follows the word, or a number alone, or what the command says is for it."""
    number, more = number_in(split.rest)
    if not split.rest or (number is not None and not more):
        return True
    return command.meant is not None and command.meant(split.rest)


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    takes: Mapping[str, Takes]
    commands: Mapping[str, Aloud]
    longest: int


@lru_cache(maxsize=1)
def _vocabulary(_changes: int) -> _Vocabulary:
    """Put the words together once, and again when a file brings others."""
    takes: dict[str, Takes] = {}
    commands: dict[str, Aloud] = {}
    for _, each in alouds:
        for word, what in each.words:
            takes.setdefault(word, what)
            commands.setdefault(word, each)
    return _Vocabulary(takes, commands, max(map(len, takes), default=0))
