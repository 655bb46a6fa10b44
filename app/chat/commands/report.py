"""报修: something is asked for, in one line or an answer at a time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations, form, whereabouts
from app.chat.asking import Ask, Flow, Leave, Option, Revise, Stay, Turn, Unclear
from app.chat.commands import command
from app.chat.jobs import promise_photos
from app.chat.phrases import shown, tap
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, folded, plain
from app.core.i18n import N_, _
from app.service_requests import duplicates, queries, service, words
from app.service_requests.catalogue import OTHER
from app.service_requests.models import Category, Channel, Location, ServiceRequest
from app.service_requests.photos import MOST
from app.service_requests.problems import CategoryWithdrawn

_ENOUGH = 2
"""Characters that may be a matter."""
_ALL = "-"
"""No group was chosen."""
YES = (
    "1",
    "是",
    "是的",
    "对",
    "对的",
    "好",
    "好的",
    "确认",
    "可以",
    "行",
    "嗯",
    "没问题",
    "ok",
    "yes",
)
NO = ("不是", "不对", "不要", "不", "没有", "no")
DONE = ("完成", "没有", "没", "好了", "发完了", "不用", "不用了", "跳过", "下一步", "no", "done")


async def _hear_what(turn: Turn) -> str:
    words = turn.said.raw
    if len(turn.said.text) < _ENOUGH or turn.said.text.isdecimal():
        raise Unclear(
            _("麻烦用一句话说说是什么事。") if words else _("光有照片还不够，请再打字说说。")
        )
    return words


async def _categories(turn: Turn) -> Sequence[Category]:
    return await queries.catalogue(turn.session, turn.speaker.community_id)


async def _settle_group(_turn: Turn) -> str:
    return _ALL


async def _offer_groups(turn: Turn) -> Sequence[Option]:
    groups = dict.fromkeys(each.group for each in await _categories(turn))
    return [Option(group, group) for group in groups]


async def _settle_category(turn: Turn) -> str | None:
    """The category whose keywords fit; without one, that of all the rest."""
    known = await _categories(turn)
    if turn.known["group"] != _ALL:
        of_group = [each for each in known if each.group == turn.known["group"]]
        return of_group[0].code if len(of_group) == 1 else None
    fitting = service.suggest(known, folded(turn.known["what"]))
    if not fitting:
        fitting = [each for each in known if each.code == OTHER] or list(known[-1:])
    return fitting[0].code if fitting else None


async def _offer_categories(turn: Turn) -> Sequence[Option]:
    group = turn.known["group"]
    known = [each for each in await _categories(turn) if group in (_ALL, each.group)]
    return [Option(each.code, each.name) for each in known]


async def _settle_where(turn: Turn) -> dict[str, Any] | None:
    """The place that the report itself names, or the only home of whoever says it in one line."""
    what = turn.known["what"]
    if place := await whereabouts.named(turn.session, turn.speaker.community_id, what):
        return {"place": str(place.id)}
    if turn.known.get("brief") and len(turn.speaker.homes) == 1:
        return {"place": str(turn.speaker.homes[0].place_id)}
    return None


async def _ask_where(turn: Turn) -> str:
    if turn.known.get("guessed"):
        return _("您是想反映“{what}”吗？告诉我在哪里，我帮您报上去。").format(
            what=shown(turn.known["what"])
        )
    return _("在哪里？也可以直接打字，比如“3栋楼下”，或发送位置。")


async def _offer_places(turn: Turn) -> Sequence[Option]:
    whole = await whereabouts.root(turn.session, turn.speaker.community_id)
    homes = [Option({"place": str(each.place_id)}, each.name) for each in turn.speaker.homes]
    return [*homes, Option({"place": str(whole.id)}, N_("小区公共区域"))]


async def _hear_where(turn: Turn) -> dict[str, Any]:
    whole = await whereabouts.root(turn.session, turn.speaker.community_id)
    if turn.said.latitude is not None and turn.said.longitude is not None:
        return {"place": str(whole.id), **point(turn.said)}
    words = turn.said.raw
    if not turn.said.text or turn.said.text.isdecimal():
        raise Unclear(_("没看明白是哪里。"))
    place = await whereabouts.named(turn.session, turn.speaker.community_id, words)
    if place is None:
        return {"place": str(whole.id), "words": words}
    return {"place": str(place.id), "words": words}


def point(said: Said) -> dict[str, Any]:
    """A position that was sent, as it is kept in a conversation."""
    return {"latitude": said.latitude, "longitude": said.longitude, "label": said.label}


async def _settle_answers(turn: Turn) -> dict[str, Any] | None:
    return form.answers(turn, await _category(turn))


async def _ask_next(turn: Turn) -> str:
    question = form.pending(turn, await _category(turn))
    return form.sentence(question) if question else ""


async def _offer_answers(turn: Turn) -> Sequence[Option]:
    question = form.pending(turn, await _category(turn))
    return form.options(question) if question else []


async def _hear_answer(turn: Turn) -> Any:
    question = form.pending(turn, await _category(turn))
    if question is None or not turn.said.text:
        raise Unclear(_("请打字回答。"))
    return form.heard(question, turn.said.raw)


async def _settle_photos(turn: Turn) -> bool | None:
    return True if turn.known.get("brief") or len(_media(turn)) >= MOST else None


async def _ask_photos(turn: Turn) -> str:
    if sent := len(_media(turn)):
        return _("已收到{n}张照片，还有就接着发。").format(n=sent)
    return _("有照片吗？有就现在发，最多{most}张；没有就点下面。").format(most=MOST)


async def _offer_no_more(turn: Turn) -> Sequence[Option]:
    label = N_("发完了") if _media(turn) else N_("没有照片")
    return [Option(value=True, label=label, words=DONE)]


async def _hear_photo(turn: Turn) -> Any:
    if turn.said.kind != "image":
        raise Unclear(_("请发照片；没有照片，或者发完了，回复“完成”。"))
    sentence = add_photo(turn)
    return (
        True if len(_media(turn)) >= MOST else Stay(sentence + _("还有就接着发，发完回复“完成”。"))
    )


def _media(turn: Turn) -> list[str]:
    media: list[str] = turn.known.get("media", [])
    return media


def add_photo(turn: Turn) -> str:
    """Keep a photo for later, nine at most."""
    media = _media(turn)
    if len(media) >= MOST:
        return _("照片最多{most}张，这一张没有收下。").format(most=MOST)
    if turn.said.media_id not in media:
        turn.known["media"] = [*media, turn.said.media_id]
    return _("收到第{n}张照片。").format(n=len(_media(turn)))


async def _ask_right(turn: Turn) -> str:
    category, place = await _category(turn), await _place(turn)
    head = _("您是想反映这件事吗？") if turn.known.get("guessed") else _("请看看对不对：")
    lines = [
        head,
        _("事情：{what}").format(what=shown(turn.known["what"], 300)),
        _("类别：{category}").format(category=category.name),
        _("地点：{place}").format(place=place),
    ]
    if sent := len(_media(turn)):
        lines.append(_("照片：{n}张").format(n=sent))
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
    ][:2]


async def _offer_right(turn: Turn) -> Sequence[Option]:
    offered = [Option("named", N_("对，提交"), ("提交", *YES))]
    if (await _category(turn)).anonymous_allowed:
        offered.append(Option("anonymous", N_("匿名提交"), ("匿名提交", "匿名")))
    return [
        *offered,
        Option(Revise("where"), N_("换地点"), ("换地点", "地点不对")),
        Option(Revise("group", ("category", "answers")), N_("换类别"), ("换类别", "类别不对")),
        Option(Leave(), N_("不报了"), ("不报了", *NO)),
    ]


async def _hear_more(turn: Turn) -> Any:
    """Whatever else is typed where only a yes is missing belongs to the matter."""
    if len(turn.said.text) < _ENOUGH or turn.said.text.isdecimal():
        raise Unclear(_("没看明白您的意思。"))
    turn.known["what"] = plain(f"{turn.known['what']}\n{turn.said.raw}")
    raise Unclear(_("好的，已经补上。"))


async def _category(turn: Turn) -> Category:
    for each in await _categories(turn):
        if each.code == turn.known["category"]:
            return each
    raise CategoryWithdrawn


async def _place(turn: Turn) -> str:
    where = turn.known["where"]
    place = await whereabouts.get(turn.session, turn.speaker.community_id, where["place"])
    said = where.get("words") or where.get("label")
    address = await whereabouts.address(turn.session, place)
    return f"{address}（{shown(said)}）" if said else address


async def _aside(turn: Turn) -> str | None:
    """A photo or a place is welcome at any time."""
    if turn.said.kind == "image":
        return add_photo(turn) + _("请接着回答上面的问题。")
    if turn.said.latitude is not None:
        turn.known["point"] = point(turn.said)
        return _("收到您的位置。") + _("请接着回答上面的问题。")
    return None


async def _file(turn: Turn) -> Reply:
    """Hand it in, and promise its photos."""
    known, speaker = turn.known, turn.speaker
    anonymous = known["right"] == "anonymous"
    where = known["where"]
    place = await whereabouts.get(turn.session, speaker.community_id, where["place"])
    own_home = any(home.place_id == place.id for home in speaker.homes)
    if anonymous and own_home:
        # The home would tell who lives there.
        place = await whereabouts.building_of(turn.session, place)
    request = await service.file(
        turn.session,
        category=await _category(turn),
        place=place,
        summary=_summary(known["what"], where),
        by=speaker.actor,
        reporter_id=speaker.person_id,
        answers=known["answers"],
        anonymous=anonymous,
        location=_location(known.get("point") or where),
        channel=Channel.WECHAT,
    )
    await promise_photos(turn.session, speaker, request, known.get("media", []))
    return Reply(_filed(request, speaker))


def _summary(what: str, where: dict[str, Any]) -> str:
    """The matter in their own words, and the place where they named one."""
    words = where.get("words")
    return _("{what}（地点：{words}）").format(what=what, words=words) if words else what


def _location(where: dict[str, Any]) -> Location | None:
    if where.get("latitude") is None:
        return None
    return Location(where["latitude"], where["longitude"], label=where["label"] or None)


def _filed(request: ServiceRequest, speaker: Speaker) -> str:
    lines = [
        _("已经报上去了，编号 {number}。有进展会在这里告诉您。").format(number=request.number),
        _("想看办到哪了，点{progress}；有要补充的，点{add}，或直接发照片。").format(
            progress=tap(_("进度"), f"进度{request.number}"),
            add=tap(_("补充"), f"补充{request.number}"),
        ),
    ]
    if not speaker.homes and not speaker.is_staff:
        lines.append(
            _("登记住址后，下次报修就不用再说在哪里：{bind}").format(bind=tap(_("绑定"), "绑定"))
        )
    return "\n".join(lines)


REPORT = Flow(
    name="报修",
    asks=(
        Ask(
            name="what",
            says=N_("请问是什么事？直接打字就行，比如“厨房水管漏水”，也可以发照片。"),
            hears=_hear_what,
        ),
        Ask(
            name="group", says=N_("这件事属于哪一类？"), offers=_offer_groups, settles=_settle_group
        ),
        Ask(
            name="category",
            says=N_("具体是哪一种？"),
            offers=_offer_categories,
            settles=_settle_category,
        ),
        Ask(
            name="where",
            says=_ask_where,
            offers=_offer_places,
            hears=_hear_where,
            settles=_settle_where,
        ),
        Ask(
            name="answers",
            says=_ask_next,
            offers=_offer_answers,
            hears=_hear_answer,
            settles=_settle_answers,
            words=frozenset(form.SKIP),
        ),
        Ask(
            name="photos",
            says=_ask_photos,
            offers=_offer_no_more,
            hears=_hear_photo,
            settles=_settle_photos,
            numbered=False,
            words=frozenset(DONE),
        ),
        Ask(name="right", says=_ask_right, offers=_offer_right, hears=_hear_more),
    ),
    done=_file,
    aside=_aside,
)


@command(
    "报修",
    "投诉",
    "求助",
    "反映",
    "举报",
    "建议",
    "我要报修",
    "我要投诉",
    "我要反映",
    "我想反映",
    "反映问题",
    "report",
    takes=Takes.TEXT,
    says=N_("有事要办、要修、要投诉，一句话就行，如“报修 水管漏水”"),
    order=10,
    flow=REPORT,
)
async def report(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Take a matter down: what is not said in one line is asked."""
    return await open_report(session, speaker, said, rest)


async def open_report(
    session: AsyncSession,
    speaker: Speaker,
    said: Said,
    what: str,
    *,
    guessed: bool = False,
    **known: Any,
) -> Reply:
    """Begin to take a matter down; `guessed` when nobody said yet that they want to."""
    if not await queries.catalogue(session, speaker.community_id):
        hotline = speaker.hotline or speaker.community_name
        return Reply(_("这里暂时不能报修，请直接联系社区：{hotline}").format(hotline=hotline))
    if len(folded(what)) >= _ENOUGH:
        known |= {"what": what, "brief": True, "guessed": guessed}
    return await conversations.begin(session, speaker, said, REPORT, known)
