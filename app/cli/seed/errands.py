"""Work that no resident reported: an order, a task from above, visits that come round again."""

from datetime import timedelta

from sqlalchemy import select

from app.cli.seed.teller import Teller, ago
from app.core.clock import now
from app.organizations.models import Listing
from app.organizations.queries import listings_of
from app.people import service as people
from app.people.models import CareKind, ConsentChannel, Person
from app.places.models import Place
from app.service_requests import orders, plans, queries, tasks
from app.service_requests.events import RequestFiled, RequestRated
from app.service_requests.models import Channel, Every, PlannedVisit, ServiceRequest
from app.service_requests.reactions import orders as ratings
from app.service_requests.reactions import routes

_CUSTOMER = 12
_WORDS = "同意社区登记我的情况并定期上门看望，只用于走访和应急联系，可随时撤回"
_CARED_FOR = (
    (13, CareKind.LIVING_ALONE, "上下楼不便，药在床头柜", "女儿在外地，每周来电"),
    (14, CareKind.DISABLED, "坐轮椅，需帮助取药", "楼下邻居有钥匙"),
)


async def orders_of(teller: Teller) -> None:
    """Have a merchant come, and say how it was; another order is under way."""
    await _order(teller, "housekeeping", "厨房和两扇窗户想打扫一下", timedelta(hours=4))
    age = timedelta(hours=52)
    request = await _order(teller, "repair_order", "洗衣机不排水", age)
    customer, worker = request.reporter_id, request.assignee_id
    for who, name, form in (
        (worker, "start", {}),
        (worker, "complete", {"note": "更换排水泵，试机正常"}),
        (customer, "judge", {"resolved": True, "satisfied": True}),
        (customer, "rate", {"score": 5, "comment": "准时，收费也清楚"}),
        (None, "close", {}),
    ):
        age -= timedelta(hours=1)
        with ago(age):
            request = await teller.step(request, name, form, by=await teller.actor(who))
    rated = RequestRated(request_id=request.id, score=5, round=request.round)
    await ratings.count_the_rating(teller.session, rated, request.community_id)


async def _order(teller: Teller, code: str, summary: str, age: timedelta) -> ServiceRequest:
    customer, home = teller.seeded.residents[_CUSTOMER]
    by = await teller.actor(customer.id)
    offered = listings_of(teller.seeded.community.id).where(Listing.category_code == code)
    listing = (await teller.session.scalars(offered)).one()
    with ago(age):
        made = await orders.order(
            teller.session, listing, place=home, summary=summary, channel=Channel.API, by=by
        )
        filed = RequestFiled(request_id=made.id)
        await routes.route(teller.session, filed, made.community_id)
        return await queries.whole(teller.session, made.community_id, made.id)


async def task(teller: Teller) -> None:
    """Take down what a department wants done, and the hours that it costs."""
    session, by = teller.session, await teller.staff("manager")
    with ago(timedelta(days=2)):
        task = await tasks.take_down(
            session,
            teller.seeded.organizations["minzheng"],
            category=teller.categories["task"],
            place=teller.seeded.root,
            summary="80周岁以上老人高龄津贴年审，逐户核对",
            reference="ZJ民发〔2026〕18号",
            due_at=now() + timedelta(days=12),
            by=by,
        )
        await teller.step(task, "accept", {}, by=by)
        worker = teller.seeded.known["clerk2"]
        task = await teller.step(task, "assign", {"worker_id": worker}, by=by)
    doer = await teller.actor(task.assignee_id)
    with ago(timedelta(days=1)):
        task = await teller.step(task, "start", {}, by=doer)
        await teller.step(task, "log-effort", {"minutes": 180, "note": "核对名单"}, by=doer)
    with ago(timedelta(hours=3)):
        await teller.step(task, "log-effort", {"minutes": 150, "note": "入户12户"}, by=doer)


async def care(teller: Teller) -> None:
    """Keep two people on the care register, who agreed to it, and look in on one of them."""
    for number, kind, note, contact in _CARED_FOR:
        person, home = teller.seeded.residents[number]
        visitor = await teller.staff(_grid_worker(home))
        with ago(timedelta(days=9)):
            entry = await people.enter(
                teller.session,
                person,
                home,
                kinds=[kind],
                note=note,
                contact=contact,
                agreed=people.Agreed(_WORDS, ConsentChannel.PAPER),
                by=visitor,
            )
        await teller.session.refresh(entry, ["place"])
        with ago(timedelta(days=7)):
            await people.read(teller.session, entry, reason="走访前了解情况", by=visitor)
    await _visit(teller, *teller.seeded.residents[_CARED_FOR[0][0]])


def _grid_worker(home: Place) -> str:
    """Who walks the grid of this home: G3 is grid3's."""
    return f"grid{home.path.split('/')[2].removeprefix('G')}"


async def _visit(teller: Teller, person: Person, home: Place) -> None:
    """Plan a visit every week: last week's was made, today's is due."""
    worker = await teller.staff(_grid_worker(home))
    with ago(timedelta(days=7)):
        columns = {
            "task": "每周看望一次，问问身体和用药",
            "every": Every.WEEK,
            "count": 1,
            "starts_on": plans.today(),
            "worker_id": worker.id,
        }
        category = teller.categories["care_visit"]
        plan = await plans.make(
            teller.session, person, home, category=category, columns=columns, by=worker
        )
        await plans.fulfil(teller.session, plan)
        visits = select(PlannedVisit.request_id).where(PlannedVisit.plan_id == plan.id)
        request_id = (await teller.session.scalars(visits)).one()
        request = await queries.whole(teller.session, plan.community_id, request_id)
    with ago(timedelta(days=6, hours=22)):
        request = await teller.step(request, "start", {}, by=worker)
        note = "见到本人，精神好，药还有两周的量"
        await teller.step(request, "complete", {"note": note}, by=worker)
