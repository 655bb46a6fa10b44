"""What is remembered of groups, bots and robots."""

from typing import Any, Literal

from pydantic import Field

from app.sandbox.journal import Row

PlatformName = Literal["onebot11", "wecom", "dingtalk", "feishu"]
RobotPlatform = Literal["wecom", "dingtalk", "feishu"]


class Bot(Row):
    """An account that software speaks for, and where and how that software is told."""

    self_id: str
    name: str
    hook_url: str
    secret: str = Field(default="", repr=False)
    """Signs reports: OneBot's `secret`, DingTalk's AppSecret."""
    token: str = Field(default="", repr=False)
    """OneBot's access token; the Token of a WeCom application; Feishu's Verification Token."""
    aes_key: str = Field(default="", repr=False)
    """The EncodingAESKey of a WeCom application."""
    corp_id: str = ""
    """The company of a WeCom application, which its messages are encrypted for."""
    agent_id: str = "1000002"
    encrypt_key: str = Field(default="", repr=False)
    """Feishu's Encrypt Key; without one, events come in the clear."""


class Member(Row):
    """Somebody in a group; `card` is the name borne in this group."""

    id: str
    name: str
    card: str = ""
    role: Literal["owner", "admin", "member"] = "member"


class Group(Row):
    """A chat group; `bot` is empty where nobody listens."""

    group_id: str
    bot: str
    name: str
    platform: PlatformName
    members: list[Member]


class Said(Row):
    """One thing in a group, `to` somebody alone or (empty) to all; `recall` takes back another."""

    seq: int
    message_id: int
    group: str
    by: str
    name: str
    kind: Literal["member", "bot", "robot", "recall"]
    type: str
    text: str
    """As everybody reads it, mentions and all."""
    words: str
    """As it was written, without the mention of the bot in front."""
    at: list[str]
    to: str
    reply_to: int | None
    recalls: int | None
    time: float


class Robot(Row):
    """An address that posts into one group."""

    platform: RobotPlatform
    key: str
    secret: str = Field(repr=False)
    keywords: list[str]
    group: str
    name: str


class Post(Row):
    """What a robot was given and took."""

    seq: int
    platform: str
    key: str
    type: str
    text: str
    body: dict[str, Any]
    time: float


class Pace(Row):
    """When something was done lately, and until when it may not be done again."""

    times: list[float]
    blocked_until: float = 0


class Session(Row):
    """An address that answers into one DingTalk group for a while."""

    group: str
    expires_at: float
