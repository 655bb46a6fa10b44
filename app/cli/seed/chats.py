"""The building chats: a group of every kind, the bot and the robots in them, and what was said."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.seed.teller import Teller, ago
from app.core.clock import now
from app.core.ids import new_id
from app.groups import oversight
from app.groups import service as groups
from app.groups.chains import hearing
from app.groups.models import Binding, Bot, Group, GroupKind, GroupMember, GroupMessage, Title
from app.groups.search import grams
from app.opinion import watches
from app.opinion.models import Gravity, WatchKind
from app.people.models import Person

BOT = "xiaozhang"
SELF_ID = "10000"
BOT_NAME = "小掌"
MEMBERS = 6
"""Residents who are in the groups that the bot hears; the first half of them are bound."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A group as it is made, in the community and on the platform."""

    external_id: str
    name: str
    kind: GroupKind
    platform: str = "onebot11"
    purpose: str | None = None


CHATS = (
    Chat("30001", "楼栋交流群", GroupKind.BUILDING, purpose="本楼栋邻里互助，谁建群谁负责"),
    Chat("30002", "社区物业一家亲", GroupKind.PROPERTY, purpose="物业有问必答，每月公布"),
    Chat("30003", "党员之家", GroupKind.PARTY, "wecom"),
    Chat("30004", "书法兴趣群", GroupKind.INTEREST, "dingtalk"),
    Chat("30005", "创业就业服务", GroupKind.JOBS, "feishu"),
)
_TALK = (
    (0, "单元门禁又坏了，什么时候能修好？", timedelta(days=2, hours=3)),
    (None, "已经联系厂家，今天下午上门。", timedelta(days=2, hours=2, minutes=20)),
    (1, "电梯里的广告屏声音能不能小一点？", timedelta(days=1, hours=5)),
    (None, "收到，晚上八点后静音。", timedelta(days=1, hours=4, minutes=50)),
    (2, "停车费收据在哪里开？", timedelta(hours=3)),
)
"""Who of the members said what and how long ago; None is the property company."""
_WATCHES = (
    ("停水", Gravity.SPIKE, WatchKind.WORD, "供水"),
    ("物业…涨价", Gravity.SPIKE, WatchKind.PATTERN, "物业费"),
    ("堵路", Gravity.SERIOUS, WatchKind.WORD, "群体性事件"),
)
_CHAIN = "#接龙\n周六上午9点 社区学堂书法课 限3人\n\n1. {} {} 1人\n2. {} {} 2人\n3. {} {} 1人"


def members_of(teller: Teller) -> Sequence[tuple[str, Person, str]]:
    """Who is in the groups: the platform's id, who it is, and the home."""
    return [
        (str(20001 + number), person, home.name)
        for number, (person, home) in enumerate(teller.seeded.residents[:MEMBERS])
    ]


def described(teller: Teller) -> list[dict[str, Any]]:
    """The groups as the sandbox is told about them; a company's woman answers in one."""
    company = {"id": "20099", "name": "物业客服小刘"}
    people = [
        {"id": sender_id, "name": person.name, "card": home}
        for sender_id, person, home in members_of(teller)
    ]
    return [
        {
            "group_id": chat.external_id,
            "name": _named(teller, chat),
            "platform": chat.platform,
            "members": [*people, company] if chat.kind is GroupKind.PROPERTY else people,
        }
        for chat in CHATS
    ]


def _named(teller: Teller, chat: Chat) -> str:
    if chat.kind is not GroupKind.BUILDING:
        return chat.name
    _, home = teller.seeded.residents[0]
    return f"{home.path.split('/')[3]}栋{chat.name}"


async def chat(teller: Teller, secrets: Mapping[str, str]) -> None:
    """Found the groups, let the bot hear two of them, and let people have talked."""
    bot = await groups.add_bot(
        teller.session,
        slug=BOT,
        name=BOT_NAME,
        platform="onebot11",
        keys={"secret": secrets["bot_secret"], "token": secrets["bot_token"]},
        self_id=SELF_ID,
        by=teller.seeded.by,
    )
    made = [await _found(teller, each, bot, secrets) for each in CHATS]
    await _bind(teller, bot)
    await _talk(teller, bot, made[1])
    await _sign_up(teller, made[0])
    await _propose(teller)
    for written, gravity, kind, topic in _WATCHES:
        await watches.add(
            teller.session,
            teller.seeded.root,
            kind=kind,
            gravity=gravity,
            written=written,
            topic=topic,
            least=5,
            times=3,
            by=teller.seeded.by,
        )


async def _found(teller: Teller, chat: Chat, bot: Bot, secrets: Mapping[str, str]) -> Group:
    heard = chat.platform == bot.platform
    _, home = teller.seeded.residents[0]
    building = "/".join(home.path.split("/")[:4]) + "/"
    path = building if chat.kind is GroupKind.BUILDING else "/"
    columns: dict[str, Any] = {
        "kind": chat.kind,
        "name": _named(teller, chat),
        "purpose": chat.purpose,
        "platform": chat.platform,
        "external_id": chat.external_id if heard else None,
    }
    if chat.kind is GroupKind.PROPERTY:
        columns["organization_id"] = teller.seeded.organizations["wuye"].id
    if not heard:
        columns["robot"] = json.dumps(robot(chat.platform, secrets, sandbox=""))
    owner, _ = teller.seeded.residents[0]
    if chat.kind is not GroupKind.BUILDING:
        owner = next(each for each, _, login in teller.seeded.staff if login == "clerk1")
    return await groups.add(
        teller.session,
        place=teller.seeded.places.get(path, teller.seeded.root),
        columns=columns,
        owner=owner,
        bot=bot if heard else None,
        by=teller.seeded.by,
    )


def robot(platform: str, secrets: Mapping[str, str], *, sandbox: str) -> dict[str, str]:
    """The address and the secret of a group's robot on this machine's platforms."""
    base, key = f"{sandbox}/sandbox/robots/{platform}", secrets[f"{platform}_key"]
    return {
        "wecom": {"url": f"{base}/send?key={key}"},
        "dingtalk": {"url": f"{base}/send?access_token={key}"},
        "feishu": {"url": f"{base}/hook/{key}"},
    }[platform] | ({} if platform == "wecom" else {"secret": secrets["robot_secret"]})


async def point(session: AsyncSession, secrets: Mapping[str, str], sandbox: str) -> None:
    """Let bot and robots be where this start has the platforms."""
    bot = (await session.scalars(select(Bot).where(Bot.slug == BOT))).one()
    bot.address = f"{sandbox}/sandbox/onebot/{SELF_ID}"
    with_robot = select(Group).where(
        Group.community_id == bot.community_id, Group.robot.is_not(None)
    )
    for group in await session.scalars(with_robot):
        group.robot = json.dumps(robot(group.platform, secrets, sandbox=sandbox))


async def _bind(teller: Teller, bot: Bot) -> None:
    """Half of the members said to the service account who they are."""
    for sender_id, person, _ in members_of(teller)[: MEMBERS // 2]:
        teller.session.add(
            Binding(
                community_id=bot.community_id,
                bot_id=bot.id,
                sender_id=sender_id,
                person_id=person.id,
            )
        )
    await teller.session.flush()


def _member(group: Group, sender_id: str, name: str | None, **more: Any) -> GroupMember:
    return GroupMember(
        community_id=group.community_id,
        id=new_id(),
        group_id=group.id,
        sender_id=sender_id,
        name=name or "",
        **more,
    )


async def _talk(teller: Teller, bot: Bot, group: Group) -> None:
    """Let residents have asked in the property's group, and the company have answered."""
    known = [
        _member(group, sender_id, person.name, person_id=person.id if bound else None)
        for number, (sender_id, person, _) in enumerate(members_of(teller))
        for bound in (number < MEMBERS // 2,)
    ]
    company = _member(group, "20099", "物业客服小刘", title=Title.COMPANY)
    teller.session.add_all([*known, company])
    await teller.session.flush()
    for who, text, past in _TALK:
        member = company if who is None else known[who]
        with ago(past):
            message = GroupMessage(
                community_id=group.community_id,
                id=new_id(),
                bot_id=bot.id,
                group_id=group.id,
                sender_id=member.sender_id,
                sender_name=member.name,
                external_id=f"demo-{past.total_seconds():.0f}",
                kind="text",
                text=text,
                grams=grams(text),
                sent_at=now(),
                received_at=now(),
            )
            teller.session.add(message)
            await teller.session.flush()
            by_company = member is company
            await oversight.heard(teller.session, group, message, by_company=by_company)


async def _sign_up(teller: Teller, group: Group) -> None:
    """Let people have signed up for a course, one more than there are places for."""
    signed = [part for _, person, home in members_of(teller)[:3] for part in (home, person.name)]
    sender_id, person, _ = members_of(teller)[0]
    member = _member(group, sender_id, person.name, person_id=person.id)
    teller.session.add(member)
    await teller.session.flush()
    by = await teller.actor(person.id)
    await hearing.hear(teller.session, group, member, _CHAIN.format(*signed), by=by)


async def _propose(teller: Teller) -> None:
    """Let a resident wish for a group of their own."""
    person, _ = teller.seeded.residents[4]
    await groups.add(
        teller.session,
        place=teller.seeded.root,
        columns={
            "kind": GroupKind.INTEREST,
            "name": "太极拳晨练群",
            "purpose": "每天早上六点半，中心花园",
            "platform": "onebot11",
        },
        by=await teller.actor(person.id),
    )
