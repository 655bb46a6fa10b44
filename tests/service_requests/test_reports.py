"""A month is published once it is over, stays as it was published, and names nobody."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA
from app.service_requests.models import ServiceRequest
from tests.conftest import Client
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People


async def _in_october(acting: As, people: People, town: Town, session: AsyncSession) -> None:
    request: dict[str, Any] = await acting(people.resident).ask(
        place_id=str(town.home.id), summary="水管漏水"
    )
    await session.execute(
        update(ServiceRequest)
        .where(ServiceRequest.id == UUID(request["id"]))
        .values(filed_at=datetime(2026, 10, 5, tzinfo=CHINA), assignee_id=people.worker.id)
    )
    await session.commit()


async def test_a_published_month_is_there_for_everybody(
    acting: As, people: People, town: Town, session: AsyncSession, client: Client
) -> None:
    await _in_october(acting, people, town, session)
    made = await acting(people.manager).post(
        "/monthly-reports", {"month": "2026-10", "note": "首次公布"}
    )
    assert (made.status_code, made.json()["edition"]) == (201, 1)

    read = await client.get("/api/v1/communities/yiyi/monthly-reports/2026-10")
    report = read.json()
    assert report["figures"]["total"]["filed"] == 1
    assert [each["name"] for each in report["figures"]["grid"]] == ["G1"]
    assert report["figures"]["formulas"]["satisfaction_rate"].startswith("满意率＝")
    assert not [name for name in ("王强", "李桂兰") if name in read.text]


async def test_a_correction_is_another_edition_and_the_first_stays(
    acting: As, people: People, town: Town, session: AsyncSession, client: Client
) -> None:
    manager = acting(people.manager)
    await manager.post("/monthly-reports", {"month": "2026-10"})
    await _in_october(acting, people, town, session)
    listed = (await client.get("/api/v1/communities/yiyi/monthly-reports")).json()["items"]
    assert [(each["edition"], each["figures"]["total"]["filed"]) for each in listed] == [(1, 0)]

    await manager.post("/monthly-reports", {"month": "2026-10", "note": "更正"})
    listed = (await client.get("/api/v1/communities/yiyi/monthly-reports")).json()["items"]
    assert [(each["edition"], each["figures"]["total"]["filed"]) for each in listed] == [(2, 1)]


async def test_a_month_that_is_not_over_is_not_published(acting: As, people: People) -> None:
    for month in ("2099-01", "2026-13", "202610"):
        answer = await acting(people.manager).post("/monthly-reports", {"month": month})
        assert answer.status_code == 422


async def test_only_who_manages_the_community_publishes(acting: As, people: People) -> None:
    for somebody in (people.resident, people.worker, people.leader):
        answer = await acting(somebody).post("/monthly-reports", {"month": "2026-10"})
        assert answer.status_code == 403


async def test_what_was_not_published_is_not_there(client: Client, town: Town) -> None:
    for path in ("yiyi/monthly-reports/2026-10", "nowhere/monthly-reports"):
        assert (await client.get(f"/api/v1/communities/{path}")).status_code == 404
