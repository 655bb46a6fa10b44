"""What a conversation is made of: questions in their order, what answers them, what comes of it.

A command that needs more than one message declares a `Flow`. What is known already is not asked,
so that one line with everything in it and an answer at a time are the same conversation.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.talk import Reply, Said, Speaker
from app.core.i18n import _

PARTS = "parts"
"""What a conversation keeps the parts under that were answered, as pairs."""


@dataclass(slots=True)
class Turn:
    """One message in a conversation, and what is known by now."""

    session: AsyncSession
    speaker: Speaker
    said: Said
    known: dict[str, Any]
    """Answers by the name of their question, and whatever else the flow keeps; JSON, and nothing
    that is encrypted elsewhere."""

    @property
    def parts(self) -> dict[str, Any]:
        """What was answered of the question that is asked part by part, in that order."""
        return dict(self.known.get(PARTS, []))


@dataclass(frozen=True, slots=True)
class Option:
    """An answer to choose: by its number, by tapping it, by its label or other words."""

    value: Any
    label: str
    """A message id, or a name."""
    words: tuple[str, ...] = ()
    """The first one is what a tap says, instead of the label."""


class Unclear(Exception):  # noqa: N818 - it is no error to be misunderstood
    """What was said answers nothing; the sentence says why, and the question is asked again."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Stay:
    """The question stays open, and this is what to say for now."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Revise:
    """Ask another question of the flow again, however plain its answer seemed."""

    ask: str
    forget: tuple[str, ...] = ()
    """The answers that hang on it."""


@dataclass(frozen=True, slots=True)
class Part:
    """The answer to one part of a question; `settles` says when all parts are answered."""

    code: str
    value: Any


@dataclass(frozen=True, slots=True)
class Leave:
    """Stop here, and forget what was said."""

    sentence: str = ""
    """What to say instead of the usual words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question. Its answer is a JSON value, never null, kept under its name."""

    name: str
    says: str | Callable[[Turn], Awaitable[str]]
    """A message id, or what makes the sentence."""
    offers: Sequence[Option] | Callable[[Turn], Awaitable[Sequence[Option]]] = ()
    hears: Callable[[Turn], Awaitable[Any]] | None = None
    """What free words, a photo or a place mean: an answer, a `Part` of it, `Stay`, `Revise` or
    `Leave`; raises `Unclear`."""
    settles: Callable[[Turn], Awaitable[Any]] | None = None
    """The answer where nobody needs to be asked; None asks."""
    numbered: bool = True
    """Whether options can be chosen by their place in the list; not where they are numbers."""
    words: frozenset[str] = frozenset()
    """Words that mean something here though they are commands elsewhere."""

    async def question(self, turn: Turn) -> str:
        """What is asked, in the reader's language."""
        return _(self.says) if isinstance(self.says, str) else await self.says(turn)

    async def options(self, turn: Turn) -> Sequence[Option]:
        """What may be chosen."""
        return await self.offers(turn) if callable(self.offers) else self.offers


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A conversation; its name is that of the command it belongs to."""

    name: str
    asks: tuple[Ask, ...]
    done: Callable[[Turn], Awaitable[Reply]]
    aside: Callable[[Turn], Awaitable[str | None]] | None = None
    """What becomes of a photo or a place that the open question does not ask for, in a sentence."""

    def ask(self, name: str) -> Ask | None:
        """The question of this name."""
        return next((ask for ask in self.asks if ask.name == name), None)


flows: dict[str, Flow] = {}
"""Every conversation there is, by name; a command that has one puts it here."""
