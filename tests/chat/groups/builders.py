"""A group of neighbours on a chat platform, whose bot is ours."""

import hmac
import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import override

from app.core.ids import new_id
from app.groups.models import Bot, Group, GroupKind, GroupState
from app.groups.platforms import (
    Address,
    Answer,
    Call,
    Heard,
    Limits,
    Opened,
    Platform,
    SayInstead,
    Words,
)
from app.groups.problems import HookUnreadable
from app.people.models import Person
from tests.chat.builders import Street

SECRET = "longjing"
SELF = "10000"
GROUP = "90001"
_ids = itertools.count(1)


async def a_bot(
    session: AsyncSession, street: Street, slug: str = "xiaozhang", platform: str = "onebot11"
) -> Bot:
    bot = Bot(
        community_id=street.community.id,
        id=new_id(),
        slug=slug,
        name="小掌",
        platform=platform,
        keys=json.dumps({"secret": SECRET, "token": SECRET}),
        self_id=SELF,
    )
    session.add(bot)
    await session.commit()
    return bot


async def a_group(
    session: AsyncSession,
    street: Street,
    bot: Bot,
    *,
    external_id: str = GROUP,
    kind: GroupKind = GroupKind.BUILDING,
    **more: Any,
) -> Group:
    owner = Person(community_id=street.community.id, id=new_id(), name="群主")
    session.add(owner)
    await session.flush()
    group = Group(
        community_id=street.community.id,
        id=new_id(),
        kind=kind,
        name="3栋楼栋交流群",
        place_id=street.places["/G1/3/"].id,
        state=GroupState.OPEN,
        owner_id=owner.id,
        platform=bot.platform,
        bot_id=bot.id,
        external_id=external_id,
        **more,
    )
    session.add(group)
    await session.commit()
    return group


@dataclass
class Chat:
    """What the platform sends us, as OneBot 11 does it."""

    client: httpx.AsyncClient
    slug: str = "xiaozhang"
    secret: str = SECRET
    group: str = GROUP

    def report(
        self,
        text: str,
        *,
        by: str = "20001",
        name: str = "王秀英",
        at: bool = False,
        message_id: int | None = None,
        alone: bool = False,
        reply_to: str | None = None,
    ) -> bytes:
        said: list[dict[str, Any]] = [{"type": "text", "data": {"text": text}}]
        if at:
            said.insert(0, {"type": "at", "data": {"qq": SELF}})
        if reply_to:
            said.insert(0, {"type": "reply", "data": {"id": reply_to}})
        return json.dumps(
            {
                "time": int(time.time()),
                "self_id": int(SELF),
                "post_type": "message",
                "message_type": "private" if alone else "group",
                "sub_type": "normal",
                "message_id": message_id or next(_ids),
                "group_id": None if alone else int(self.group),
                "user_id": int(by),
                "message": said,
                "raw_message": text,
                "sender": {"user_id": int(by), "nickname": name, "card": ""},
            },
            ensure_ascii=False,
        ).encode()

    async def post(self, body: bytes, **headers: str) -> httpx.Response:
        signature = hmac.new(self.secret.encode(), body, "sha1").hexdigest()
        signed = {"X-Signature": f"sha1={signature}", "X-Self-ID": SELF, **headers}
        return await self.client.post(f"/hooks/{self.slug}", content=body, headers=signed)

    async def says(self, text: str, **how: Any) -> str:
        """What the bot answers; empty for nothing."""
        answer = await self.post(self.report(text, **how))
        assert answer.status_code in {200, 204}, answer.text
        return str(answer.json()["reply"]) if answer.status_code == 200 else ""

    async def asks(self, text: str, **how: Any) -> str:
        """The same, with the bot mentioned."""
        return await self.says(text, at=True, **how)


@dataclass
class Loopback(Platform):
    """A platform of the test's own: as impatient as it is told, and with a robot of its own."""

    needs: tuple[str, ...] = ("secret",)
    limits: Limits = field(
        default_factory=lambda: Limits(text_bytes=2000, per_minute=60, patience=60.0)
    )
    dedupes: bool = False
    carries: bool = True
    sent: list[Words] = field(default_factory=list)

    def waits(self, seconds: float) -> None:
        """Be as patient as this."""
        self.limits = replace(self.limits, patience=seconds)

    @override
    def open(self, keys: Mapping[str, str], call: Call) -> Opened:
        try:
            fields = json.loads(call.body)
        except ValueError:
            raise HookUnreadable from None
        return Opened([Heard(sent_at=call.at, **each) for each in fields])

    @override
    def answer(self, keys: Mapping[str, str], opened: Opened, text: str | None) -> Answer:
        if text and not self.carries:
            raise SayInstead
        return Answer(json.dumps({"reply": text}).encode())

    @override
    async def send(self, to: Address, words: Words) -> str | None:
        self.sent.append(words)
        return None


def heard(text: str, *, message_id: str | None = None, **more: Any) -> dict[str, Any]:
    """A message as `Loopback` takes them, several at a time."""
    return {
        "message_id": message_id or f"m{next(_ids)}",
        "group_id": GROUP,
        "sender_id": "20001",
        "sender_name": "王秀英",
        "text": text,
        **more,
    }
