"""Orders to neighbourhood services: filed as requests, done by the merchant, rated in the end."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.organizations.models import Listing, Organization, OrganizationKind
from app.people.access import Actor
from app.people.models import Person, Role
from app.service_requests.events import RequestRated
from app.service_requests.models import ServiceRequest
from tests.conftest import Worker
from tests.organizations.builders import a_listing, a_member, an_organization
from tests.service_requests.builders import Town, a_client, a_person, a_town
from tests.service_requests.conftest import As, People
from tests.service_requests.test_photos import uploaded

NOWHERE = "019e0000-0000-7000-8000-000000000000"
WINDOWS = {
    "code": "windows",
    "name": "擦窗",
    "group": "便民服务",
    "speciality": "general",
    "answer_limit": "2h",
    "resolve_limit": "2d",
    "questions": [{"code": "floor", "label": "几楼", "type": "number", "required": True}],
}


@dataclass
class Shop:
    """A merchant of the first area, its only worker, and what it offers in the first grid."""

    organization: Organization
    cleaner: Person
    listing: Listing


@pytest.fixture
async def shop(acting: As, people: People, town: Town, session: AsyncSession) -> Shop:
    made = await acting(people.manager).post("/service-categories", WINDOWS)
    assert made.status_code == 201, made.text
    merchant = await an_organization(session, town, "邻家保洁", kind=OrganizationKind.MERCHANT)
    cleaner = await a_member(session, town, merchant, "钱阿姨", head=True)
    offer = {"category_code": "windows", "title": "擦窗"}
    listing = await a_listing(session, town, merchant, **offer, at="/A1/G1/")
    await session.commit()
    return Shop(merchant, cleaner, listing)


def ordering(shop: Shop, town: Town, **differently: Any) -> dict[str, Any]:
    return {
        "listing_id": str(shop.listing.id),
        "place_id": str(town.home.id),
        "summary": "两扇窗，周六上午",
        "answers": {"floor": 5},
    } | differently


async def ordered(acting: As, who: Person, shop: Shop, town: Town) -> dict[str, Any]:
    answer = await acting(who).post("/orders", ordering(shop, town))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_an_order_is_a_request_of_the_merchant(
    acting: As, people: People, town: Town, shop: Shop, session: AsyncSession
) -> None:
    resident = acting(people.resident)
    photo = await uploaded(resident)

    answer = await resident.post("/orders", ordering(shop, town, photos=[photo]))

    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert (order["category"]["code"], order["organization"]["name"]) == ("windows", "邻家保洁")
    assert (order["reporter"]["name"], order["answers"]) == ("李桂兰", {"floor": 5})
    assert [each["id"] for each in order["photos"]] == [photo]
    assert (
        answer.headers["ETag"]
        == (await resident.get(f"/service-requests/{order['id']}")).headers["ETag"]
    )
    assert await session.scalar(select(ServiceRequest.listing_id)) == shop.listing.id
    found = (await acting(shop.cleaner).get("/service-requests")).json()["items"]
    assert [each["number"] for each in found] == [order["number"]]


async def test_an_order_sent_twice_under_one_key_is_one(
    acting: As, people: People, town: Town, shop: Shop, session: AsyncSession
) -> None:
    key = {"Idempotency-Key": "once"}
    body = ordering(shop, town)
    answers = [await acting(people.resident).post("/orders", body, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await session.scalar(select(func.count(ServiceRequest.id))) == 1


async def test_the_category_of_the_offer_goes_before_who_else_would_do_it(
    acting: As, people: People, town: Town, shop: Shop, session: AsyncSession
) -> None:
    other = await an_organization(session, town, "别家保洁")
    await session.commit()
    manager = acting(people.manager)
    changed = {"organization_id": str(other.id)}
    answer = await manager.patch("/service-categories/windows", changed)
    assert answer.status_code == 200, answer.text
    order = await ordered(acting, people.resident, shop, town)
    assert order["organization"]["name"] == "邻家保洁"


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"listing_id": NOWHERE}, "body.listing_id"),
        ({"place_id": NOWHERE}, "body.place_id"),
        ({"summary": ""}, "body.summary"),
        ({"photos": [NOWHERE]}, "photos.0"),
        ({"organization_id": NOWHERE}, "body.organization_id"),
        ({"answers": {}}, "answers.floor"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    acting: As, people: People, town: Town, shop: Shop, wrong: dict[str, Any], *, path: str
) -> None:
    answer = await acting(people.resident).post("/orders", ordering(shop, town, **wrong))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path


async def test_what_is_not_offered_any_more_or_not_there_cannot_be_ordered(
    acting: As, people: People, town: Town, shop: Shop
) -> None:
    resident, manager = acting(people.resident), acting(people.manager)
    listing = f"/listings/{shop.listing.id}"
    organization = f"/organizations/{shop.organization.id}"

    async def refused(**differently: Any) -> bool:
        answer = await resident.post("/orders", ordering(shop, town, **differently))
        assert answer.status_code in {201, 409}, answer.text
        if answer.status_code == 409:
            assert answer.json()["type"] == "/problems/listing-withdrawn"
        return answer.status_code == 409

    assert not await refused()
    assert await refused(place_id=str(town.places["/A1/G2/9/1/101/"].id))
    for path, change, back in (
        (listing, {"active": False}, {"active": True}),
        (organization, {"active": False}, {"active": True}),
        (listing, {"category_code": "gone"}, {"category_code": "windows"}),
        (
            organization,
            {"place_id": str(town.places["/A1/G2/"].id)},
            {"place_id": str(town.places["/A1/"].id)},
        ),
    ):
        assert (await manager.patch(path, change)).status_code == 200
        assert await refused(), change
        assert (await manager.patch(path, back)).status_code == 200
        assert not await refused()
    await manager.patch("/service-categories/windows", {"active": False})
    answer = await resident.post("/orders", ordering(shop, town))
    assert answer.json()["type"] == "/problems/category-withdrawn"


async def test_nobody_orders_in_another_community(
    acting: As, town: Town, shop: Shop, session: AsyncSession
) -> None:
    there = await a_town(session, "sunset")
    stranger = await a_person(session, there, "外人", Role.ADMIN)
    hub = await a_client(session, town, Role.STAFF)
    far = await a_client(session, town, Role.STAFF, "/A1/G2/")
    town.tokens |= there.tokens
    await session.commit()
    answer = await acting(stranger).post("/orders", ordering(shop, town))
    assert answer.status_code == 422
    assert (await acting(hub).post("/orders", ordering(shop, town))).status_code == 201
    assert (await acting(far).post("/orders", ordering(shop, town))).status_code == 403


async def test_the_ratings_of_its_orders_are_the_rating_of_an_offer(
    acting: As, people: People, town: Town, worker: Worker, shop: Shop, *, session: AsyncSession
) -> None:
    cleaner, resident = acting(shop.cleaner), acting(people.resident)
    path = f"/listings/{shop.listing.id}"
    read = (await resident.get(path)).headers["ETag"]
    for who, score in ((people.resident, 5), (people.neighbour, 4), (people.resident, 4)):
        order = await ordered(acting, who, shop, town)
        await given(session, shop.cleaner, order)
        await cleaner.take(order, "complete", note="擦好了")
        await acting(who).take(order, "rate", score=score)
        await worker.catch_up()
    listing = (await resident.get(path)).json()
    assert (listing["rated"], listing["score"]) == (3, 4.3)
    assert (await resident.get(path)).headers["ETag"] == read


async def given(session: AsyncSession, whom: Person, order: dict[str, Any]) -> None:
    """Let somebody have an order, whatever rule gives it to them."""
    row = text(
        "UPDATE service_requests SET assignee_id = :whom, state = 'in_progress' WHERE id = :order"
    )
    await session.execute(row, {"whom": whom.id, "order": order["id"]})
    await session.commit()


async def test_what_its_own_people_rate_does_not_speak_for_a_merchant(
    acting: As, people: People, town: Town, worker: Worker, shop: Shop, *, session: AsyncSession
) -> None:
    order = await ordered(acting, shop.cleaner, shop, town)
    await given(session, shop.cleaner, order)
    await acting(shop.cleaner).take(order, "complete", note="擦好了")
    rated = await acting(shop.cleaner).take(order, "rate", score=5)
    assert rated["score"] == 5
    await worker.catch_up()
    listing = (await acting(people.resident).get(f"/listings/{shop.listing.id}")).json()
    assert (listing["rated"], listing["score"]) == (0, None)


async def test_an_order_done_anew_counts_once_by_its_last_rating(
    acting: As, people: People, town: Town, worker: Worker, shop: Shop, *, session: AsyncSession
) -> None:
    resident = acting(people.resident)
    order = await ordered(acting, people.resident, shop, town)
    for score in (1, 4):
        await given(session, shop.cleaner, order)
        await acting(shop.cleaner).take(order, "complete", note="擦好了")
        await resident.take(order, "rate", score=score)
        anew = text("UPDATE service_requests SET round = round + 1, score = NULL")
        await session.execute(anew)
        await session.commit()
    await worker.catch_up()
    listing = (await resident.get(f"/listings/{shop.listing.id}")).json()
    assert (listing["rated"], listing["score"]) == (1, 4.0)


async def test_ratings_that_are_counted_at_once_all_count(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    shop: Shop,
    *,
    session: AsyncSession,
) -> None:
    orders = [await ordered(acting, people.resident, shop, town) for _ in range(8)]
    by = Actor(town.community.id, "person", people.resident.id)
    for order in orders:
        await record(session, RequestRated(request_id=order["id"], score=3), by=by)
    await session.commit()
    await asyncio.gather(*(worker.catch_up() for _ in range(4)))
    listing = (await acting(people.resident).get(f"/listings/{shop.listing.id}")).json()
    assert (listing["rated"], listing["score"]) == (8, 3.0)
