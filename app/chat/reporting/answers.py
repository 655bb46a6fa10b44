"""The questions that the category of a matter asks."""

from collections.abc import Sequence
from typing import Any

from app.chat import form
from app.chat.asking import Option, Turn, Unclear
from app.chat.reporting import matter
from app.core.i18n import _


async def settle(turn: Turn) -> dict[str, Any] | None:
    """All answers, once nothing is left to ask."""
    return form.answers(turn, await matter.category(turn))


async def ask(turn: Turn) -> str:
    """The next question."""
    question = form.pending(turn, await matter.category(turn))
    return form.sentence(question) if question else ""


async def offer(turn: Turn) -> Sequence[Option]:
    """What may be answered to it."""
    question = form.pending(turn, await matter.category(turn))
    return form.options(question) if question else []


async def hear(turn: Turn) -> Any:
    """What free words answer to it."""
    question = form.pending(turn, await matter.category(turn))
    if question is None or not turn.said.text:
        raise Unclear(_("请打字回答。"))
    return form.heard(question, turn.said.raw)
