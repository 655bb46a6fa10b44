"""What the community publishes: a notice for the first start, and one in the making."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from app.cli.seed.teller import Teller
from app.groups.models import GroupKind
from app.notices import drafting, outlets, policies, publishing, reviewing
from app.notices.audiences import Audience
from app.notices.models import Notice, NoticeKind

_WELCOME = """在楼栋群里 **@小掌 报修 楼道灯不亮**，编号马上给您；办到哪一步，公众号里告诉您。

* 报名接龙：直接发 `#接龙`，名单自动合并
* 急事请打社区电话
"""
_PARKING = """新增车位 **26 个**，本周五前在物业前台登记，先到先得。"""


async def publish(teller: Teller, secrets: Mapping[str, str]) -> None:
    """Set up where one publishes, send the first notice, and leave another to be agreed to."""
    session, by = teller.session, teller.seeded.by
    await outlets.open_first(session, teller.seeded.community.id)
    # Who tries it out at night wants to see what happens.
    policy = await policies.of(session, teller.seeded.community.id)
    awake = {"quiet_from": time(), "quiet_to": time()}
    await policies.change(session, policy, awake, by=by)
    await outlets.add(
        session,
        channel="weibo",
        name="伊伊小区微博",
        keys={"access_token": secrets["weibo_token"]},
        by=by,
    )
    clerk, manager = await teller.staff("clerk1"), await teller.staff("manager")
    welcome = await _draft(
        teller,
        NoticeKind.NOTICE,
        "有事群里喊小掌",
        _WELCOME,
        audience=Audience(group_kinds=list(GroupKind)),
        channels=["groups", "site", "itv", "weibo"],
        by=clerk,
    )
    await publishing.publish(session, welcome, by=manager)
    parking = await _draft(
        teller,
        NoticeKind.NOTICE,
        "东区新增车位登记",
        _PARKING,
        audience=Audience(places=[teller.seeded.places["/A1/"].id], followers=True),
        channels=["wechat", "site"],
        by=clerk,
    )
    await reviewing.submit(session, parking, by=clerk)


async def _draft(
    teller: Teller, kind: NoticeKind, title: str, body: str, *, by: Any, **ways: Any
) -> Notice:
    return await drafting.draft(
        teller.session, teller.seeded.root, kind=kind, title=title, body=body, by=by, **ways
    )
