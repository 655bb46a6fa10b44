"""What the community decides: a poll of every kind and method, over and going on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.cli.seed import questions
from app.cli.seed.questions import yes_no
from app.cli.seed.teller import Teller, ago
from app.core.clock import now
from app.people.models import PersonTag
from app.polls.casting import Vote, keep_secret, record_votes
from app.polls.counting import checked
from app.polls.forms import Form
from app.polls.models import (
    Channel,
    Poll,
    PollKind,
    PollState,
    Purpose,
    ResultsShown,
    Secrecy,
    Voter,
)
from app.polls.service import drafting, lifecycle

_WEEK = timedelta(days=7)
_NOTICE = timedelta(days=16)
"""Before its opening an owners' assembly was announced."""
_SPOKESPEOPLE = 36
"""Residents who represent their small groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A poll as it is told."""

    title: str
    form: Mapping[str, Any]
    place: str = "/A1/G1/"
    over: bool
    turnout: float
    """Which part of the roll votes."""
    kind: PollKind = PollKind.POLL
    purpose: Purpose = Purpose.GENERAL
    secrecy: Secrecy = Secrecy.RECORDED
    results_shown: ResultsShown = ResultsShown.AT_CLOSE
    electorate: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    body: str | None = None


PAST = (
    Plan(title="门前绿地种什么", form=questions.GREEN, over=True, turnout=0.6),
    Plan(title="社区学堂开哪些课", form=questions.COURSES, over=True, turnout=0.5),
    Plan(title="哪些时段适合邻里节", form=questions.HOURS, over=True, turnout=0.4),
    Plan(title="先改造哪一处", form=questions.FIRST, over=True, turnout=0.7),
    Plan(title="给食堂菜品打分", form=questions.DISHES, over=True, turnout=0.3),
    Plan(title="公益金怎么分", form=questions.FUND, over=True, turnout=0.5),
    Plan(title="议事会哪天开", form=questions.DAYS, over=True, turnout=0.4),
    Plan(
        title="是否在夜间关闭东门",
        form=questions.GATE,
        over=True,
        turnout=0.6,
        secrecy=Secrecy.SECRET,
        body="投票不记名，投出后不能更改。结果公布时，人人可以下载数据自己重新计票。",
    ),
    Plan(
        title="社区服务满意度",
        form=questions.SATISFACTION,
        over=True,
        turnout=0.5,
        kind=PollKind.SURVEY,
        purpose=Purpose.SATISFACTION,
        place="/A1/",
    ),
    Plan(
        title="居民公约修订",
        form=yes_no("同意新的居民公约"),
        over=True,
        turnout=0.75,
        kind=PollKind.MEETING,
        place="/",
        rules={"sits": "group_representatives", "called_by": "committee"},
    ),
    Plan(
        title="业主大会：使用维修资金更换5栋电梯",
        form=yes_no("使用专项维修资金更换电梯", matter=5),
        over=True,
        turnout=0.96,
        kind=PollKind.ASSEMBLY,
        place="/A1/G3/5/",
        electorate={"unit": "owner"},
        rules={"basis": "伊伊小区业主大会议事规则"},
    ),
)
GOING_ON = (
    Plan(
        title="是否引进智能快递柜",
        form=questions.LOCKERS,
        over=False,
        turnout=0.2,
        place="/",
        secrecy=Secrecy.SECRET,
        body="投票不记名，投出后不能更改。请在自己的投票页上投。",
    ),
    Plan(
        title="真实需求调研",
        form=questions.NEEDS,
        over=False,
        turnout=0.1,
        kind=PollKind.SURVEY,
        purpose=Purpose.NEEDS,
        place="/",
    ),
    Plan(
        title="居民会议：选址社区食堂",
        form=questions.CANTEEN,
        over=False,
        turnout=0.4,
        kind=PollKind.MEETING,
        place="/A1/",
        rules={"sits": "households", "called_by": "households"},
    ),
    Plan(
        title="业主大会：选聘物业、加装充电桩",
        form=questions.ASSEMBLY,
        over=False,
        turnout=0.5,
        kind=PollKind.ASSEMBLY,
        place="/",
        electorate={"unit": "owner"},
        rules={"basis": "伊伊小区业主大会议事规则"},
    ),
)


NEWS = Plan(
    title="楼道文化墙选哪一幅",
    form=questions.WALL,
    over=False,
    turnout=0.3,
    place="/",
    results_shown=ResultsShown.ALWAYS,
)
"""What everybody is told about at the first start."""


async def represent(teller: Teller) -> None:
    """Name who represents the small groups."""
    for person, _ in teller.seeded.residents[:_SPOKESPEOPLE]:
        teller.session.add(
            PersonTag(community_id=person.community_id, person_id=person.id, tag="居民代表")
        )
    await teller.session.flush()


async def decide(teller: Teller, plans: Sequence[Plan]) -> None:
    """Hold these polls, each with the votes that it has."""
    for plan in plans:
        poll = await _opened(teller, plan)
        await _vote(teller, poll, plan)
        if plan.over:
            await lifecycle.close(teller.session, poll, by=teller.seeded.by)
            if poll.state is PollState.CLOSED:
                await lifecycle.publish(teller.session, poll, by=teller.seeded.by)


async def _opened(teller: Teller, plan: Plan) -> Poll:
    """Write a poll and open it; an assembly was announced in time."""
    session, by = teller.session, await teller.staff("manager")
    assembly = plan.kind is PollKind.ASSEMBLY
    with ago(_NOTICE if assembly else timedelta()):
        poll = await drafting.draft(
            session,
            teller.seeded.places.get(plan.place, teller.seeded.root),
            kind=plan.kind,
            purpose=plan.purpose,
            title=plan.title,
            body=plan.body,
            form=Form.model_validate(plan.form).model_dump(mode="json"),
            electorate=dict(plan.electorate),
            rules=dict(plan.rules),
            secrecy=plan.secrecy,
            results_shown=plan.results_shown,
            opens_at=now() + _NOTICE if assembly else None,
            closes_at=now() + (_NOTICE if assembly else timedelta()) + _WEEK,
            by=by,
        )
        if assembly:
            await lifecycle.announce(session, poll, by=by)
    await lifecycle.open_now(session, poll, by=by)
    return poll


async def _vote(teller: Teller, poll: Poll, plan: Plan) -> None:
    """Let a part of the roll vote; the phones of the demo are left to whoever tries it out."""
    form = Form.model_validate(poll.form)
    may = await teller.session.execute(
        select(Voter.entry_id, Voter.person_id)
        .where(Voter.community_id == poll.community_id, Voter.poll_id == poll.id)
        .order_by(Voter.entry_id, Voter.person_id)
    )
    own = {person.id for person, _ in teller.seeded.residents[:40]}
    voters = {
        entry_id: person_id for entry_id, person_id in may if plan.over or person_id not in own
    }
    votes = [
        Vote(
            community_id=poll.community_id,
            poll_id=poll.id,
            person_id=person_id,
            entry_id=entry_id,
            choice=checked(form, questions.answered(teller.random, form)),
            channel=Channel.PAGE,
        )
        for entry_id, person_id in voters.items()
        if teller.random.random() < plan.turnout
    ]
    keep = keep_secret if poll.secrecy is Secrecy.SECRET else record_votes
    await keep(await teller.session.connection(), votes)
