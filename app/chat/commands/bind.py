"""绑定: somebody says which home they live in, in one line or an answer at a time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations, whereabouts
from app.chat.asking import Ask, Flow, Option, Turn, Unclear
from app.chat.commands import aloud, command
from app.chat.groups import spoken
from app.chat.groups.inviting import invite
from app.chat.groups.spoken import Spoken
from app.chat.homes import HomeWords, code_in, name_in, parse_home, phone_in, relation_in
from app.chat.phrases import shown, tap
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes
from app.core.i18n import N_, _
from app.groups import binding
from app.people import service as people
from app.people.models import Person, Relation, Residence, Standing
from app.places import queries as places
from app.places.models import Kind, Place

_NONE = "-"
"""There is no such part, or it was not told."""
_RELATIONS = {
    Relation.OWNER: N_("业主"),
    Relation.TENANT: N_("租户"),
    Relation.FAMILY: N_("家属"),
}


async def _offer_buildings(turn: Turn) -> Sequence[Option]:
    return _named(await whereabouts.buildings(turn.session, turn.speaker.community_id))


def _named(found: Sequence[Place]) -> Sequence[Option]:
    return [Option(str(each.id), each.name, (each.name, each.code)) for each in found]


async def _hear_building(turn: Turn) -> str:
    """A building by its number; whoever says all of the home is not asked for its parts."""
    if words := parse_home(turn.said.raw):
        home = await _only(turn, words)
        turn.known |= {"unit": _NONE, "home": str(home.id)}
        return _NONE
    return _meant(turn, await whereabouts.buildings(turn.session, turn.speaker.community_id))


async def _only(turn: Turn, words: HomeWords) -> Place:
    homes = await _homes(turn.session, turn.speaker, words)
    if len(homes) != 1:
        raise Unclear(_missing(words) if not homes else _("请把几单元也写上。"))
    return homes[0]


def _meant(turn: Turn, found: Sequence[Place]) -> str:
    code = code_in(turn.said.raw)
    for each in found:
        if code is not None and code in (each.code, each.name):
            return str(each.id)
    raise Unclear(_("没有找到“{said}”。").format(said=shown(turn.said.raw, 20)))


async def _building(turn: Turn, name: str = "building") -> Place:
    return await whereabouts.get(turn.session, turn.speaker.community_id, turn.known[name])


async def _units(turn: Turn) -> Sequence[Place]:
    return await whereabouts.inside(turn.session, await _building(turn), Kind.UNIT)


async def _settle_unit(turn: Turn) -> str | None:
    units = await _units(turn)
    if not units:
        return _NONE
    return str(units[0].id) if len(units) == 1 else None


async def _ask_unit(turn: Turn) -> str:
    return _("{building}的几单元？").format(building=(await _building(turn)).name)


async def _offer_units(turn: Turn) -> Sequence[Option]:
    return _named(await _units(turn))


async def _hear_unit(turn: Turn) -> str:
    return _meant(turn, await _units(turn))


async def _hear_home(turn: Turn) -> str:
    if turn.known.get("among"):
        raise Unclear(_("请点您家那一户。"))
    outer = await _building(turn, "building" if turn.known["unit"] == _NONE else "unit")
    return _meant(turn, await whereabouts.inside(turn.session, outer, Kind.HOME))


async def _offer_among(turn: Turn) -> Sequence[Option]:
    """Where one number stands on several doors, those doors."""
    found = [await _place(turn, each) for each in turn.known.get("among", [])]
    addresses = [await whereabouts.address(turn.session, each) for each in found]
    return [
        Option(str(each.id), address, (address,))
        for each, address in zip(found, addresses, strict=True)
    ]


async def _place(turn: Turn, place_id: str) -> Place:
    return await whereabouts.get(turn.session, turn.speaker.community_id, place_id)


async def _ask_relation(turn: Turn) -> str:
    home = await _place(turn, turn.known["home"])
    address = await whereabouts.address(turn.session, home)
    return _("您是{home}的业主、租户，还是家属？").format(home=address)


async def _hear_relation(turn: Turn) -> str:
    relation = relation_in(turn.said.raw)
    if relation is None:
        raise Unclear(_("没看明白您的意思。"))
    return relation.value


async def _settle_name(turn: Turn) -> str | None:
    return turn.speaker.name


async def _hear_name(turn: Turn) -> str:
    """A name; the number beside it is not kept here, but read again from the last message."""
    phone = phone_in(turn.said.raw)
    words = turn.said.raw.replace(phone, " ") if phone else turn.said.raw
    if name := name_in(words):
        return name
    if phone:
        return _NONE
    raise Unclear(_("请回复姓名，比如“张三”；不想说，点“先不填”。"))


async def _bind(turn: Turn) -> Reply:
    home = await _place(turn, turn.known["home"])
    name = turn.known["name"]
    residence = await _claim(
        turn.session,
        turn.speaker,
        home,
        relation=Relation(turn.known["relation"]),
        name=None if name == _NONE else name,
        phone=phone_in(turn.said.raw),
    )
    return Reply(await _bound(turn.session, home, residence))


BIND = Flow(
    name="绑定",
    asks=(
        Ask(
            name="building",
            says=N_("您住在哪一栋？整句也行，比如“3栋2单元502”。"),
            offers=_offer_buildings,
            hears=_hear_building,
            numbered=False,
        ),
        Ask(
            name="unit",
            says=_ask_unit,
            offers=_offer_units,
            hears=_hear_unit,
            settles=_settle_unit,
            numbered=False,
        ),
        Ask(
            name="home",
            says=N_("门牌号是多少？比如“502”。"),
            offers=_offer_among,
            hears=_hear_home,
            numbered=False,
        ),
        Ask(
            name="relation",
            says=_ask_relation,
            offers=[Option(each.value, word) for each, word in _RELATIONS.items()],
            hears=_hear_relation,
        ),
        Ask(
            name="name",
            says=N_("怎么称呼您？请回复姓名；加上手机号，核实起来更快。"),
            offers=(Option(_NONE, N_("先不填"), ("不填", "跳过", "不说")),),
            hears=_hear_name,
            settles=_settle_name,
            numbered=False,
        ),
    ),
    done=_bind,
)


@command(
    "绑定",
    "绑定住址",
    "绑定房屋",
    "登记住址",
    "bind",
    takes=Takes.TEXT,
    says=N_("登记您住哪里，如“绑定 3栋2单元502”"),
    order=70,
    flow=BIND,
)
async def bind(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Note the home at once when one line says which; otherwise ask."""
    words = parse_home(rest)
    if words is None:
        return await conversations.begin(session, speaker, said, BIND, {})
    homes = await _homes(session, speaker, words)
    if len(homes) > 1:
        known: dict[str, Any] = {"building": _NONE, "unit": _NONE}
        known["among"] = [str(each.id) for each in homes]
        return await conversations.begin(session, speaker, said, BIND, known)
    if not homes:
        asked = await conversations.begin(session, speaker, said, BIND, {})
        return Reply(f"{_missing(words)}\n{asked.text}")
    residence = await _claim(
        session,
        speaker,
        homes[0],
        relation=words.relation,
        name=words.name,
        phone=words.phone,
    )
    told = await _bound(session, homes[0], residence)
    if words.relation is None and residence.standing is Standing.CLAIMED:
        told += "\n" + _others(words.spelled)
    return Reply(told)


async def _homes(session: AsyncSession, speaker: Speaker, words: HomeWords) -> list[Place]:
    return await places.find_home(
        session, speaker.community_id, words.building, words.unit, words.home
    )


def _missing(words: HomeWords) -> str:
    return _("没有找到“{home}”，请核对楼栋和门牌号。").format(home=words.spelled)


async def _claim(
    session: AsyncSession,
    speaker: Speaker,
    home: Place,
    *,
    relation: Relation | None,
    name: str | None,
    phone: str | None,
) -> Residence:
    person = await session.get_one(Person, (speaker.community_id, speaker.person_id))
    residence = await people.claim_home(
        session,
        person=person,
        home=home,
        relation=relation or Relation.OWNER,
        name=name,
        phone=phone,
        by=speaker.actor,
    )
    if relation and residence.standing is Standing.CLAIMED:
        # Whoever corrects what they said before anybody confirmed it is believed as much.
        residence.relation = relation
    return residence


async def _bound(session: AsyncSession, home: Place, residence: Residence) -> str:
    address = await whereabouts.address(session, home)
    relation = _(_RELATIONS[residence.relation])
    if residence.standing is Standing.VERIFIED:
        told = _("登记好了：{home}（{relation}），已核实。")
    else:
        told = _("登记好了：{home}（{relation}）。社区工作人员核实后会告诉您。")
    next_ = _("现在就可以{report}了，一句话也行。").format(report=tap(_("报修"), "报修"))
    return told.format(home=address, relation=relation) + "\n" + next_


def _others(spelled: str) -> str:
    """How to say that one is not the owner."""
    tenant = tap(_("租户"), f"绑定{spelled}租户")
    family = tap(_("家属"), f"绑定{spelled}家属")
    return _("不是业主？请点：{tenant}  {family}").format(tenant=tenant, family=family)


@aloud("绑定", "绑定群", "bind", says=N_("让我认识您，报修和查进度都要先绑定"), order=70)
async def bind_aloud(session: AsyncSession, heard: Spoken, _rest: str) -> spoken.Reply:
    """Invite who is not known yet to say who they are."""
    if heard.person is None:
        return await invite(session, heard)
    said = _("{name}，您已经绑定了。不是您本人绑的，请发送“@{bot} 解绑”。")
    return spoken.Reply(said.format(name=heard.called, bot=heard.bot.name))


@aloud("解绑", "解除绑定", "unbind")
async def unbind_aloud(session: AsyncSession, heard: Spoken, _rest: str) -> spoken.Reply:
    """Know whoever asks no more; it is their own account in the group, and theirs to say."""
    by = heard.person
    if by is None or not await binding.undo(session, heard.bot, heard.sender_id, by=by):
        return spoken.Reply(_("{name}，您还没有绑定。").format(name=heard.called))
    private = _("您在“{group}”里的账号“{name}”已经解除绑定。").format(
        group=shown(heard.group.name), name=heard.called
    )
    return spoken.Reply(_("{name}，已经解除绑定。").format(name=heard.called), private)
