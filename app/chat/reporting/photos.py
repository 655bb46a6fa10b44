"""The photos of a matter, as they come in before it is handed in."""

from collections.abc import Sequence
from typing import Any

from app.chat.asking import Option, Stay, Turn, Unclear
from app.core.i18n import N_, _
from app.service_requests.photos import MOST

DONE = ("完成", "没有", "没", "好了", "发完了", "不用", "不用了", "跳过", "下一步", "no", "done")


def sent(turn: Turn) -> list[str]:
    """WeChat's ids of what was sent so far."""
    media: list[str] = turn.known.get("media", [])
    return media


def add(turn: Turn) -> str:
    """Keep a photo for later, nine at most."""
    media = sent(turn)
    if len(media) >= MOST:
        return _("照片最多{most}张，这一张没有收下。").format(most=MOST)
    if turn.said.media_id not in media:
        turn.known["media"] = [*media, turn.said.media_id]
    return _("收到第{n}张照片。").format(n=len(sent(turn)))


async def settle(turn: Turn) -> bool | None:
    """A report in one line is not asked for photos, nor is one that has all it may have."""
    return True if turn.known.get("brief") or len(sent(turn)) >= MOST else None


async def ask(turn: Turn) -> str:
    """Whether there are any, or any more."""
    if n := len(sent(turn)):
        return _("已收到{n}张照片，还有就接着发。").format(n=n)
    return _("有照片吗？有就现在发，最多{most}张；没有就点下面。").format(most=MOST)


async def offer(turn: Turn) -> Sequence[Option]:
    """To go on."""
    label = N_("发完了") if sent(turn) else N_("没有照片")
    return [Option(value=True, label=label, words=DONE)]


async def hear(turn: Turn) -> Any:
    """One photo after the other, until there are as many as may be."""
    if turn.said.kind != "image":
        raise Unclear(_("请发照片；没有照片，或者发完了，回复“完成”。"))
    sentence = add(turn)
    if len(sent(turn)) >= MOST:
        return True
    return Stay(sentence + _("还有就接着发，发完回复“完成”。"))
