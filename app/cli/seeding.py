"""Bringing 伊伊小区 into the database once, and knowing it again at the next start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app import worker
from app.cli.menus import publish_menu
from app.cli.seed import SLUG, Seeded, chats, live, seed
from app.cli.seed.community import PASSWORD
from app.cli.seed.names import Invented
from app.core import database, http
from app.core.ids import new_id
from app.notices.models import NoticeKind
from app.people import service as people
from app.people.models import Identity, Person, Role
from app.places.models import Community
from app.wechat.edge import Mode
from app.wechat.models import Account

STORY = 20
"""The number all of it is invented from."""
PHONES = 24
NEWCOMERS = 3
ACCOUNT = SLUG

FIELDS = ("keyword1", "keyword2", "keyword3", "keyword4", "keyword5", "keyword6")
_CONTENT = """工单编号：{{keyword2.DATA}}
诉求内容：{{keyword3.DATA}}
地点：{{keyword4.DATA}}
当前进度：{{keyword5.DATA}}
提示：{{keyword1.DATA}}
说明：{{keyword6.DATA}}"""
_SHORT_FIELDS = ("keyword1", "keyword2", "keyword3")
_SHORT_CONTENT = """结果：{{keyword1.DATA}}
住址：{{keyword2.DATA}}
说明：{{keyword3.DATA}}"""
TEMPLATES = {
    "request.progress": ("TM_PROGRESS", "诉求办理进度", FIELDS, _CONTENT),
    "request.assigned_to_you": ("TM_ASSIGNED", "新工单提醒", FIELDS, _CONTENT),
    "request.attention": ("TM_ATTENTION", "工单提醒", FIELDS, _CONTENT),
    "residence.decided": ("TM_RESIDENCE", "住址确认结果", _SHORT_FIELDS, _SHORT_CONTENT),
}

_NOTICE_FIELDS = ("keyword1", "keyword2", "keyword3", "keyword4")
_NOTICE_CONTENT = """标题：{{keyword1.DATA}}
发布单位：{{keyword2.DATA}}
发布时间：{{keyword3.DATA}}
{{keyword4.DATA}}"""
TEMPLATES |= {
    f"notice.{kind.value}": ("TM_NOTICE", "社区通知", _NOTICE_FIELDS, _NOTICE_CONTENT)
    for kind in NoticeKind
}
_POLL_CONTENT = """{{keyword1.DATA}}
投票号：{{keyword2.DATA}}
截止：{{keyword3.DATA}}
{{keyword4.DATA}}"""
POLL_PURPOSES = (
    *("opened", "reminder", "extended", "cancelled", "result"),
    *("attention", "objection", "refused"),
)
TEMPLATES |= {
    f"poll.{purpose}": ("TM_POLL", "投票提醒", _NOTICE_FIELDS, _POLL_CONTENT)
    for purpose in POLL_PURPOSES
}
_TOPIC_CONTENT = """{{keyword1.DATA}}
{{keyword2.DATA}}
{{keyword3.DATA}}
{{keyword4.DATA}}"""
_TALKED_OF = ("topic.progress", "topic.attention", "council.attention", "polls.overdue")
TEMPLATES |= dict.fromkeys(_TALKED_OF, ("TM_TOPIC", "议事提醒", _NOTICE_FIELDS, _TOPIC_CONTENT))
CHAT_SECRETS = (
    *("bot_secret", "bot_token", "robot_secret", "weibo_token"),
    *("wecom_key", "dingtalk_key", "feishu_key"),
)
ACCOUNT_SECRETS = ("app_id", "original_id", "app_secret", "token", "aes_key")

_TITLES = {
    Role.ADMIN: "管理员",
    Role.MANAGER: "社区主任",
    Role.LEADER: "包片领导",
    Role.GRID_WORKER: "网格员",
    Role.STAFF: "社区工作者",
    Role.PARTNER: "合作单位",
    Role.OPERATOR: "平台运营",
}


@dataclass(frozen=True)
class Stage:
    """Who plays, with what, as it is kept between two starts."""

    story: dict[str, Any]
    secrets: dict[str, str]

    @property
    def app_id(self) -> str:
        """The account's AppID."""
        return self.secrets["app_id"]

    def sandbox_account(self, base_url: str) -> dict[str, Any]:
        """The account as the sandbox is told about it."""
        return {
            "secret": self.secrets["app_secret"],
            "token": self.secrets["token"],
            "aes_key": self.secrets["aes_key"],
            "original_id": self.secrets["original_id"],
            "callback_url": f"{base_url}/wechat/{ACCOUNT}",
            "mode": "safe",
            "name": "掌上社区·伊伊小区",
            "templates": {
                template_id: {"title": title, "content": content}
                for template_id, title, _, content in TEMPLATES.values()
            },
        }

    def sandbox_users(self) -> list[dict[str, str]]:
        """The people whose phones the phone page shows."""
        return [
            {
                "openid": one["openid"],
                "app_id": self.app_id,
                "name": one["name"],
                "home": one.get("home", ""),
                "role": _TITLES.get(one.get("role", ""), one.get("role", "")),
            }
            for one in [*self.story["residents"], *self.story["staff"], *self.story["newcomers"]]
            if one.get("openid")
        ]

    def sandbox_bot(self, base_url: str) -> dict[str, str]:
        """The bot as the chat platform is told about it."""
        return {
            "name": chats.BOT_NAME,
            "hook_url": f"{base_url}/hooks/{chats.BOT}",
            "secret": self.secrets["bot_secret"],
            "token": self.secrets["bot_token"],
        }

    def sandbox_robots(self) -> dict[str, dict[str, Any]]:
        """The groups' own robots by their addresses in the sandbox."""
        robots = {}
        for group in self.story["groups"]:
            platform = group["platform"]
            if platform != "onebot11":
                robots[f"{platform}/{self.secrets[f'{platform}_key']}"] = {
                    "secret": "" if platform == "wecom" else self.secrets["robot_secret"],
                    "group": group["group_id"],
                    "name": chats.BOT_NAME,
                }
        return robots

    def described(self, base_url: str, sandbox_url: str) -> dict[str, Any]:
        """`demo.json`: every address and credential that a script needs."""
        return {
            "base_url": base_url,
            "sandbox_url": sandbox_url,
            "community": SLUG,
            "account": {
                "slug": ACCOUNT,
                "app_id": self.app_id,
                "token": self.secrets["token"],
                "aes_key": self.secrets["aes_key"],
                "original_id": self.secrets["original_id"],
            },
            **self.story,
        }


async def _connect_account(
    session: AsyncSession, seeded: Seeded, secrets: dict[str, str]
) -> Account:
    account = Account(
        community_id=seeded.community.id,
        id=new_id(),
        slug=ACCOUNT,
        name="掌上社区·伊伊小区",
        mode=Mode.SAFE,
        templates={
            purpose: {"template_id": template_id, "fields": list(fields)}
            for purpose, (template_id, _, fields, _) in TEMPLATES.items()
        },
        **{name: secrets[name] for name in ACCOUNT_SECRETS},
    )
    return await people.add_account(session, account, by=seeded.by)


def _phone(session: AsyncSession, account: Account, person: Person, number: int) -> str:
    """Let this person follow the account; the openid looks like WeChat's."""
    openid = f"oYiYi{number:023d}"
    session.add(
        Identity(
            community_id=account.community_id,
            account_id=account.id,
            openid=openid,
            person_id=person.id,
        )
    )
    return openid


async def _tell_story(session: AsyncSession, secrets: dict[str, str]) -> dict[str, Any]:
    """Make it all; returns what `demo.json` says about people."""
    invented = Invented(STORY)
    seeded = await seed(session, invented)
    account = await _connect_account(session, seeded, secrets)
    groups = await live(session, seeded, invented, secrets)
    _, key = await people.add_client(
        session, name="demo", place=seeded.root, role=Role.MANAGER, by=seeded.by
    )
    residents = [
        {
            "name": person.name,
            "openid": _phone(session, account, person, number),
            "home": home.name,
        }
        for number, (person, home) in enumerate(seeded.residents[:PHONES], start=1)
    ]
    staff = [
        {
            "name": person.name,
            "role": role.value,
            "login": login,
            "password": PASSWORD,
            "openid": _phone(session, account, person, 1000 + number),
        }
        for number, (person, role, login) in enumerate(seeded.staff, start=1)
    ]
    newcomers = [
        {"name": invented.name(), "openid": f"oYiYi{2000 + number:023d}", "role": "新关注"}
        for number in range(NEWCOMERS)
    ]
    return {
        "api_key": key,
        "staff": staff,
        "residents": residents,
        "newcomers": newcomers,
        "groups": groups,
    }


async def publish_demo_menu(url: str) -> None:
    """Put our menu under the conversations of the invented account, by its API."""
    engine = database.connect(url, pool_size=2)
    try:
        await publish_menu(engine, ACCOUNT)
    finally:
        await http.close()
        await engine.dispose()


async def prepared(
    url: str,
    secrets: dict[str, str],
    known: dict[str, Any] | None,
    keep: Callable[[dict[str, Any]], None],
    *,
    sandbox: str = "http://127.0.0.1:8001",
) -> Stage:
    """The community, made now unless it was made before; its bot looks for the sandbox here.

    `known` is what an earlier start kept; it is kept before the community is, so that no kill in
    between leaves one without the other. Raises `CommunityTaken` where somebody else made one of
    this name.
    """
    worker.load()
    engine = database.connect(url)
    try:
        async with database.sessions_of(engine).begin() as session:
            exists = await session.scalar(select(Community.id).where(Community.slug == SLUG))
            if exists is None or known is None:
                known = await _tell_story(session, secrets)
                keep(known)
            await chats.point(session, secrets, sandbox)
            # A planner that knows nothing of so many new rows guesses badly for minutes.
            await session.execute(text("ANALYZE"))
        return Stage(known, secrets)
    finally:
        await engine.dispose()
