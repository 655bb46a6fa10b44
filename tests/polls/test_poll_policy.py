"""How a community decides: read by all, set by its manager."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Role
from tests.people.builders import a_worker, facts
from tests.people.conftest import As, Town


async def test_the_policy_is_read_by_all_and_set_by_the_manager(
    acting: As, session: AsyncSession, town: Town
) -> None:
    staff = await acting(await a_worker(session, town.root, Role.STAFF))
    manager = await acting(await a_worker(session, town.root, Role.MANAGER))
    usual = (await staff.get("/poll-policy")).json()
    assert (usual["notice_days"], usual["publish_days"], usual["accepted_by"]) == (15, 3, None)

    wanted = usual | {"supports_needed": 30, "accepted_by": "市住建委〔2026〕12号"}
    assert (await staff.put("/poll-policy", json=wanted)).status_code == 403
    assert (await manager.put("/poll-policy", json=usual | {"notice_days": -1})).status_code == 422
    assert (await manager.put("/poll-policy", json=wanted)).json() == wanted

    assert (await staff.get("/poll-policy")).json() == wanted
    changed = await facts(session, "polls.policy_changed")
    assert [each["changed"] for each in changed] == [["accepted_by", "supports_needed"]]


async def test_a_policy_is_changed_by_who_read_it_last(
    acting: As, session: AsyncSession, town: Town
) -> None:
    manager = await acting(await a_worker(session, town.root, Role.MANAGER))
    read = await manager.get("/poll-policy")
    headers = {"Authorization": f"Bearer {manager.token}", "If-Match": read.headers["ETag"]}
    wanted = read.json() | {"remind_hours": 0}
    address = "/api/v1/poll-policy"

    assert (await manager._http.put(address, json=wanted, headers=headers)).status_code == 200
    assert (await manager._http.put(address, json=wanted, headers=headers)).status_code == 412
