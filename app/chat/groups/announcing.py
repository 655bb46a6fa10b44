"""How a command says that it may be used in a group; it does so beside its words for one alone."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.chat.groups.spoken import Reply
from app.chat.words import Takes, spelled
from app.core.plugins import Plugins

RunAloud = TypeVar("RunAloud", bound=Callable[..., Awaitable[Reply]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Aloud:
    """Something that can be said in a group, where everybody hears the answer."""

    name: str
    words: tuple[tuple[str, Takes], ...]
    hears: frozenset[str]
    unasked: bool
    meant: Callable[[str], bool] | None
    says: str
    order: int
    run: Callable[..., Awaitable[Reply]]


alouds: Plugins[Aloud] = Plugins("app.chat.commands")


def aloud(
    name: str,
    *words: str,
    takes: Takes = Takes.NOTHING,
    hears: Sequence[str] = (),
    unasked: bool = False,
    meant: Callable[[str], bool] | None = None,
    says: str = "",
    order: int = 100,
) -> Callable[[RunAloud], RunAloud]:
    """Announce the decorated function as what these words do in a group.

    It is called with the session of the message's transaction, what was `Spoken`, and what
    followed the word as it was written; it never says one resident's matter aloud. `hears` are
    kinds of messages, `chain`, that need no word and no mention, and are given all of the text.
    Words are understood after a mention of the bot or a slash; with `unasked` also where the
    message is nothing but the word and what it takes, and no more than a number, or what `meant`
    says is meant for it. `says` is its line in the help.
    """
    fixed = tuple((spelled(word), takes) for word in (name, *words))

    def announce(run: RunAloud) -> RunAloud:
        made = Aloud(
            name=name,
            words=fixed,
            hears=frozenset(hears),
            unasked=unasked,
            meant=meant,
            says=says,
            order=order,
            run=run,
        )
        alouds.add(name, made)
        return run

    return announce
