"""What each phone shows, and waiting for it to show something new."""

import math
import re
from typing import Any, Literal

from app.sandbox.news import News
from app.sandbox.state import Bubble, World

_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(value: Any) -> Any:
    """The value without what neither XML nor JSON can carry in UTF-8."""
    if isinstance(value, str):
        return _UNSHOWABLE.sub("", value)
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class Phones:
    """The conversations of all phones; numbers run through all of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._news = News()
        self._by_phone: dict[str, list[Bubble]] = {}
        self._all = list(world.bubbles.values())
        for bubble in self._all:
            self._by_phone.setdefault(bubble.openid, []).append(bubble)
        self.last = self._all[-1].seq if self._all else 0

    def show(
        self,
        openid: str,
        direction: Literal["in", "out"],
        type_: str,
        text: str = "",
        **content: Any,
    ) -> Bubble:
        """Put something on a phone, now."""
        self.last += 1
        bubble = Bubble(
            seq=self.last,
            openid=openid,
            direction=direction,
            type=type_,
            text=clean(text),
            content=clean(content),
            at=self._world.now(),
        )
        self._world.bubbles.put(str(bubble.seq), bubble)
        self._all.append(bubble)
        self._by_phone.setdefault(openid, []).append(bubble)
        self._news.tell()
        return bubble

    def latest(self, openid: str) -> Bubble | None:
        """The newest thing on a phone."""
        bubbles = self._by_phone.get(openid)
        return bubbles[-1] if bubbles else None

    def _since(self, openid: str | None, after: int) -> list[Bubble]:
        bubbles = self._all if openid is None else self._by_phone.get(openid, [])
        newer = len(bubbles)
        while newer and bubbles[newer - 1].seq > after:
            newer -= 1
        return bubbles[newer:]

    async def since(self, openid: str | None, after: int, wait: float) -> list[Bubble]:
        """What came after a number, on one phone or on all; waits up to `wait` seconds for it."""
        return await self._news.awaited(lambda: self._since(openid, after), wait)
