"""A report read back before it is handed in: is it right, and is it known already?"""

from collections.abc import Sequence
from typing import Any

from app.chat import whereabouts
from app.chat.asking import Leave, Option, Revise, Turn, Unclear
from app.chat.phrases import shown, tap
from app.chat.reporting import matter, photos, place
from app.chat.words import plain
from app.core.i18n import N_, _
from app.service_requests import duplicates, words
from app.service_requests.models import Category

ANONYMOUS = "anonymous"
YES = (
    *("1", "是", "是的", "对", "对的", "好", "好的"),
    *("确认", "可以", "行", "嗯", "没问题", "ok", "yes"),
)
NO = ("不是", "不对", "不要", "不", "没有", "no")
_SHOWN = 2
"""Matters of neighbours that are named."""


async def ask(turn: Turn) -> str:
    """Everything that was said, and what is known of it already."""
    category = await matter.category(turn)
    head = _("您是想反映这件事吗？") if turn.known.get("guessed") else _("请看看对不对：")
    lines = [
        head,
        _("事情：{what}").format(what=shown(turn.known["what"], 300)),
        _("类别：{category}").format(category=category.name),
        _("地点：{place}").format(place=await place.address(turn)),
    ]
    if n := len(photos.sent(turn)):
        lines.append(_("照片：{n}张").format(n=n))
    if advice := category.guide.get("text"):
        lines.append(_("提醒：{guide}").format(guide=advice))
    return "\n".join([*lines, *await _known_already(turn, category)])


async def _known_already(turn: Turn, category: Category) -> list[str]:
    """What neighbours have reported that may be the same, to be followed with a tap."""
    where = await whereabouts.get(
        turn.session, turn.speaker.community_id, turn.known["where"]["place"]
    )
    found = await duplicates.similar(
        turn.session,
        category=category,
        place=where,
        summary=turn.known["what"],
        by=turn.speaker.actor,
    )
    said = _("附近有人报过 {number}（{category}，{building}，{state}）。是同一件事就点{follow}。")
    return [
        said.format(
            number=each.number,
            category=each.category.name,
            building=shown(each.building),
            state=words.label(each.state),
            follow=tap(_("我也是"), f"我也是：{each.number}"),
        )
        for each in found
        if each.may_follow
    ][:_SHOWN]


async def offer(turn: Turn) -> Sequence[Option]:
    """To hand it in, with or without a name, to change it, or to leave it."""
    offered = [Option("named", N_("对，提交"), ("提交", *YES))]
    if (await matter.category(turn)).anonymous_allowed:
        offered.append(Option(ANONYMOUS, N_("匿名提交"), ("匿名提交", "匿名")))
    return [
        *offered,
        Option(Revise("where"), N_("换地点"), ("换地点", "地点不对")),
        Option(Revise("group", ("category", "answers")), N_("换类别"), ("换类别", "类别不对")),
        Option(Leave(), N_("不报了"), ("不报了", *NO)),
    ]


async def hear(turn: Turn) -> Any:
    """Whatever else is typed where only a yes is missing belongs to the matter."""
    if matter.says_nothing(turn.said):
        raise Unclear(_("没看明白您的意思。"))
    turn.known["what"] = plain(f"{turn.known['what']}\n{turn.said.raw}")
    raise Unclear(_("好的，已经补上。"))
