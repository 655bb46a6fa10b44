from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.models import Client, Person, Role
from app.service_requests.models import State
from tests.service_requests.builders import Caller, Town, a_client, a_person, a_town
from tests.service_requests.conftest import As, People
from tests.service_requests.rows import a_row

VIEWS = "/request-views"
LEAKS = {"name": "漏水", "filters": {"q": "漏水", "undone": True}}


async def saved(caller: Caller, **asked: Any) -> dict[str, Any]:
    answer = await caller.post(VIEWS, {**LEAKS, **asked})
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def names(caller: Caller) -> list[str]:
    answer = await caller.get(VIEWS)
    assert answer.status_code == 200, answer.text
    return [view["name"] for view in answer.json()["items"]]


async def listed(caller: Caller, view: dict[str, Any], **query: Any) -> list[str]:
    answer = await caller.get("/service-requests", params={"view": view["id"], **query})
    assert answer.status_code == 200, answer.text
    return [item["summary"] for item in answer.json()["items"]]


@pytest.fixture
async def requests(session: AsyncSession, town: Town) -> None:
    for summary, state in (
        ("厨房漏水", State.SUBMITTED),
        ("阳台漏水", State.ACCEPTED),
        ("顶楼漏水", State.CLOSED),
        ("停电", State.SUBMITTED),
    ):
        await a_row(session, town, summary, state=state)
    await session.commit()


async def test_a_view_shows_what_its_filters_say_and_others_narrow_it(
    acting: As, people: People, requests: None
) -> None:
    manager = acting(people.manager)
    view = await saved(manager)

    assert view == {"id": view["id"], "shared": False, **LEAKS}
    assert await listed(manager, view) == ["阳台漏水", "厨房漏水"]
    assert await listed(manager, view, q="厨房") == ["厨房漏水"]
    assert await listed(manager, view, state="accepted") == ["阳台漏水"]
    assert await listed(manager, view, state="closed") == []
    assert await listed(manager, view, order="due") == ["厨房漏水", "阳台漏水"]


async def test_the_order_of_a_view_holds_until_another_is_asked_for(
    acting: As, people: People, requests: None
) -> None:
    manager = acting(people.manager)
    view = await saved(manager, filters={"order": "due"})

    assert await listed(manager, view) == ["厨房漏水", "阳台漏水", "停电"]
    assert await listed(manager, view, order="newest") == [
        "停电",
        "顶楼漏水",
        "阳台漏水",
        "厨房漏水",
    ]


async def test_a_shared_view_shows_everybody_what_is_theirs(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    await a_row(session, town, "王强的", assignee_id=people.worker.id, state=State.ASSIGNED)
    await session.commit()
    view = await saved(acting(people.manager), shared=True, filters={"assignee": "me"})

    assert await listed(acting(people.worker), view) == ["王强的"]
    assert await listed(acting(people.manager), view) == []


async def test_ones_own_views_are_nobody_elses(acting: As, people: People, town: Town) -> None:
    worker, manager = acting(people.worker), acting(people.manager)
    own = await saved(worker, name="我的")
    shared = await saved(manager, name="大家的", shared=True)
    path = f"{VIEWS}/{own['id']}"

    assert await names(worker) == ["我的", "大家的"]
    assert await names(manager) == ["大家的"]
    for answer in (
        await manager.get(path),
        await manager.patch(path, {"name": "x"}),
        await manager("DELETE", path),
        await manager.get("/service-requests", params={"view": own["id"]}),
    ):
        assert answer.status_code == 404
    assert (await worker.get(f"{VIEWS}/{shared['id']}")).status_code == 200


async def test_views_are_for_who_works_at_the_desk(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    partner = await a_person(session, town, "合作", Role.PARTNER)
    program = await a_client(session, town, Role.STAFF)
    other = await a_town(session, "sunset")
    stranger = await a_person(session, other, "外人", Role.ADMIN)
    town.tokens |= other.tokens
    await session.commit()
    shared = await saved(acting(people.manager), shared=True)
    outsiders: list[Person | Client] = [people.resident, partner]
    for who in outsiders:
        assert (await acting(who).get(VIEWS)).status_code == 403
        assert (await acting(who).post(VIEWS, LEAKS)).status_code == 403
        assert (await acting(who).get(f"{VIEWS}/{shared['id']}")).status_code == 404
    assert (await acting(stranger).get(f"{VIEWS}/{shared['id']}")).status_code == 404
    assert (await acting(program).post(VIEWS, LEAKS)).status_code == 403
    assert (await acting(program).get(f"{VIEWS}/{shared['id']}")).status_code == 200


async def test_who_works_in_one_grid_does_not_decide_for_all(
    acting: As, people: People, town: Town
) -> None:
    worker = acting(people.worker)
    own = await saved(worker)
    shared = await saved(acting(people.manager), shared=True)
    for answer in (
        await worker.post(VIEWS, {**LEAKS, "shared": True}),
        await worker.patch(f"{VIEWS}/{own['id']}", {"shared": True}),
        await worker.patch(f"{VIEWS}/{shared['id']}", {"name": "x"}),
        await worker.patch(f"{VIEWS}/{shared['id']}", {"shared": False}),
        await worker("DELETE", f"{VIEWS}/{shared['id']}"),
    ):
        assert answer.status_code == 403, answer.text


async def test_a_view_can_be_changed_shared_taken_back_and_removed(
    session: AsyncSession, acting: As, people: People
) -> None:
    manager = acting(people.manager)
    view = await saved(manager)
    path = f"{VIEWS}/{view['id']}"

    changed = await manager.patch(path, {"name": "渗水", "filters": {"q": "渗水"}})
    assert changed.json() == {**view, "name": "渗水", "filters": {"q": "渗水"}}
    assert (await manager.patch(path, {"shared": True})).json()["shared"] is True
    assert await names(acting(people.worker)) == ["渗水"]
    assert (await manager.patch(path, {"shared": False})).json()["shared"] is False
    assert await names(acting(people.worker)) == []
    assert (await manager.patch(path, {"shared": False})).status_code == 200
    assert (await manager("DELETE", path)).status_code == 204
    assert (await manager.get(path)).status_code == 404

    facts = select(Fact).where(Fact.kind.startswith("request_view.")).order_by(Fact.id)
    told = [(fact.kind, fact.payload.get("changed")) for fact in await session.scalars(facts)]
    assert told == [
        ("request_view.saved", None),
        ("request_view.changed", ["filters", "name"]),
        ("request_view.changed", ["owner_id"]),
        ("request_view.changed", ["owner_id"]),
        ("request_view.removed", None),
    ]


async def test_two_who_change_a_shared_view_do_not_overwrite_each_other(
    acting: As, people: People
) -> None:
    manager = acting(people.manager)
    view = await saved(manager, shared=True)
    path = f"{VIEWS}/{view['id']}"
    read = (await manager.get(path)).headers["ETag"]
    first = await manager.patch(path, {"name": "一"}, headers={"If-Match": read})
    second = await manager.patch(path, {"name": "二"}, headers={"If-Match": read})
    removed = await manager("DELETE", path, headers={"If-Match": read})

    assert (first.status_code, second.status_code, removed.status_code) == (200, 412, 412)
    assert first.headers["ETag"] != read


async def test_a_name_is_taken_once_by_each(acting: As, people: People) -> None:
    worker, manager = acting(people.worker), acting(people.manager)
    await saved(worker)
    await saved(manager)
    await saved(manager, shared=True)
    other = await saved(manager, name="别的")

    for answer in (
        await manager.post(VIEWS, LEAKS),
        await manager.post(VIEWS, {**LEAKS, "shared": True}),
        await manager.patch(f"{VIEWS}/{other['id']}", {"name": "漏水"}),
    ):
        assert answer.status_code == 409
        assert answer.json()["type"] == "/problems/view-exists"


async def test_what_no_list_could_be_asked_is_not_kept(acting: As, people: People) -> None:
    manager = acting(people.manager)
    view = await saved(manager)
    nonsense: tuple[dict[str, Any], ...] = (
        {"filters": {"q": "漏"}},
        {"filters": {"state": ["gone"]}},
        {"filters": {"after": "x"}},
        {"filters": {"limit": 5}},
        {"filters": {"view": "019e0000-0000-7000-8000-000000000000"}},
        {"filters": {"q": "漏\u0000水"}},
        {"filters": None},
        {"name": " "},
        {"name": None},
        {"colour": "red"},
    )
    for asked in nonsense:
        for answer in (
            await manager.post(VIEWS, {"name": "x", "filters": {}, **asked}),
            await manager.patch(f"{VIEWS}/{view['id']}", asked),
        ):
            assert answer.status_code == 422, asked
