"""One file for each thing a person can say: its words, what it does, and what it asks for that.

A file that announces a `command` is all it takes to add one. A reading command is given `Reads`
and touches the database through `reads.ask(statement, key)` alone, so that messages that arrive
together share statements; any other is given the session of its message's transaction.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.asking import Flow, flows
from app.chat.groups.announcing import aloud, alouds
from app.chat.talk import Reply
from app.chat.words import Takes, spelled
from app.core.batch import Statement
from app.core.i18n import locale
from app.core.plugins import Plugins

__all__ = [
    "Alone",
    "Command",
    "Reads",
    "Vocabulary",
    "Word",
    "aloud",
    "alouds",
    "command",
    "commands",
    "hearing",
    "vocabulary",
]

K = TypeVar("K")
V = TypeVar("V")
Run = TypeVar("Run", bound=Callable[..., Awaitable[Reply]])
Word = tuple[str, Takes]


class Reads(Protocol):
    """Whoever answers batched statements: all of a process, or one transaction alone."""

    async def ask(self, statement: Statement[K, V], key: K) -> V:
        """The statement's answer to this key."""


class Alone:
    """Answers batched statements inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def ask(self, statement: Statement[K, V], key: K) -> V:
        """The statement's answer to this key alone, as this transaction sees it."""
        (answer,) = await statement(await self._session.connection(), [key])
        return answer


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Command:
    """Something a person can say."""

    name: str
    fixed: tuple[Word, ...]
    also: Callable[[], Sequence[Word]]
    hears: frozenset[str]
    reads: bool
    staff: bool
    says: str
    order: int
    flow: Flow | None
    run: Callable[..., Awaitable[Reply]]

    @property
    def words(self) -> tuple[Word, ...]:
        """Its words as they are at this moment."""
        return (*self.fixed, *_known(tuple(self.also())))


commands: Plugins[Command] = Plugins(__name__)


def command(
    name: str,
    *words: str,
    takes: Takes = Takes.NOTHING,
    exactly: Sequence[str] = (),
    also: Callable[[], Sequence[Word]] = tuple,
    hears: Sequence[str] = (),
    reads: bool = False,
    staff: bool = False,
    says: str = "",
    order: int = 100,
    flow: Flow | None = None,
) -> Callable[[Run], Run]:
    """Announce the decorated function as what these words do.

    `exactly` are words that must be the whole message; `also` finds more when they are asked for.
    `hears` are kinds of messages, `image`, or events, `event.subscribe`, that no word is needed
    for; with them alone the name is no word. `says` is its line in the help; `staff` hides it from
    everybody else.
    """
    spoken = [(word, takes) for word in (name, *words) if words or not hears]
    fixed = _known((*spoken, *((word, Takes.NOTHING) for word in exactly)))

    def announce(run: Run) -> Run:
        made = Command(
            name=name,
            fixed=fixed,
            also=also,
            hears=frozenset(hears),
            reads=reads,
            staff=staff,
            says=says,
            order=order,
            flow=flow,
            run=run,
        )
        commands.add(name, made)
        if flow is not None:
            flows[flow.name] = flow
        return run

    return announce


@lru_cache(maxsize=256)
def _known(words: tuple[Word, ...]) -> tuple[Word, ...]:
    return tuple((spelled(word), takes) for word, takes in words)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word somebody may use: what it takes, and the name of the command it belongs to."""

    takes: Mapping[str, Takes]
    names: Mapping[str, str]
    longest: int
    """Characters of the longest word."""


def vocabulary(*, staff: bool) -> Vocabulary:
    """The words of everybody, and those of staff when asked for; the first to claim one has it."""
    return _vocabulary(staff, locale(), Plugins.changes)


@lru_cache(maxsize=8)
def _vocabulary(staff: bool, _locale: str, _changes: int) -> Vocabulary:  # noqa: FBT001 - a cache's key
    """Put the words together once, and again when a file brings others."""
    takes: dict[str, Takes] = {}
    names: dict[str, str] = {}
    for each in (each for _, each in commands if staff or not each.staff):
        for word, what in each.words:
            takes.setdefault(word, what)
            names.setdefault(word, each.name)
    return Vocabulary(takes, names, max(map(len, takes), default=0))


def hearing(kind: str) -> Command | None:
    """The command for a kind of message that needs no word."""
    return next((each for _, each in commands if kind in each.hears), None)
