"""What is talked over: topics at every point of their way, and a grid's council."""

from datetime import timedelta

from app.cli.seed.teller import Teller
from app.core.clock import now
from app.polls.councils import founding, sitting
from app.polls.models import Topic
from app.polls.topics import carrying, deciding, discussing, raising

_TALK = (
    "晚上跳舞声音太大，孩子要做作业。",
    "可以定个时间，九点以前结束。",
    "建议把场地移到西门空地，离楼远一点。",
)


async def discuss(teller: Teller) -> None:
    """Let residents talk, staff answer, and one resolution be on its way to being carried out."""
    session = teller.session
    clerk, manager = await teller.staff("clerk1"), await teller.staff("manager")
    people = [await teller.actor(person.id) for person, _ in teller.seeded.residents[50:60]]
    root = teller.seeded.root
    raised = await raising.raise_topic(
        session,
        root,
        title="小区里能不能装直饮水机",
        body="老人接送孩子时想喝口热水。",
        by=people[0],
    )
    await raising.second(session, raised, by=people[1])

    dancing = await raising.raise_topic(
        session, root, title="广场舞几点结束", body="大家商量一个都能接受的时间。", by=clerk
    )
    posts = [
        await discussing.post(session, dancing, text=text, by=by)
        for text, by in zip(_TALK, people, strict=False)
    ]
    for post in posts[:2]:
        await discussing.moderate(session, dancing, post.id, shown=True, by=clerk)
    await discussing.post(
        session,
        dancing,
        text="社区已与舞蹈队约定：每晚九点前结束，音箱朝向绿地。",
        answers_id=posts[0].id,
        official=True,
        by=manager,
    )

    lamps = await raising.raise_topic(
        session,
        teller.seeded.places["/A1/G1/1/"],
        title="1栋后面的小路太暗",
        body="老人晚上摔过跤，想加一盏灯。",
        by=clerk,
    )
    await deciding.resolve(
        session, lamps, text="在小路中段加装一盏感应路灯，由物业实施。", by=manager
    )
    await carrying.request(session, lamps, category="street_light", by=manager)
    await _sit(teller, dancing)


async def _sit(teller: Teller, topic: Topic) -> None:
    """Found the council of the first grid; it sat once, and will again."""
    session, by = teller.session, await teller.staff("manager")
    council = await founding.found(
        session, teller.seeded.places["/A1/G1/"], name="第1网格议事会", every_days=30, by=by
    )
    coming = await sitting.call(
        session, council, starts_at=now() + timedelta(days=9), where="社区活动室", by=by
    )
    await sitting.set_agenda(
        session,
        coming,
        [sitting.Point(topic_id=topic.id), sitting.Point(title="楼道堆物")],
        by=by,
    )
