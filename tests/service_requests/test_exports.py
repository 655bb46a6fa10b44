"""Requests are taken out as a file by who may, masked, harmless, and never without a trace."""

import csv
from io import StringIO

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.core.sheets.reading import rows_of
from app.service_requests import exports
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People

EVIL = '=HYPERLINK("http://x")漏水'


async def test_a_list_is_taken_out_as_it_is_filtered(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    resident, manager = acting(people.resident), acting(people.manager)
    home = str(town.home.id)
    await resident.ask(place_id=home, summary="水管漏水")
    await resident.ask(place_id=home, summary="路灯不亮")

    taken = await manager.get("/service-requests/export", params={"q": "漏水"})

    head, row = (cells for _number, cells in rows_of(taken.content))
    assert (head[0], row[0], row[3], row[4]) == ("工单编号", "1001", "水管漏水", "李桂兰")
    fact = await session.scalar(select(Fact).where(Fact.kind == "figures.taken"))
    assert fact
    assert (fact.actor_id, fact.payload["rows"]) == (people.manager.id, 1)


async def test_nothing_in_it_is_a_formula(acting: As, people: People, town: Town) -> None:
    await acting(people.resident).ask(place_id=str(town.home.id), summary=EVIL)

    taken = await acting(people.manager).get("/service-requests/export", params={"format": "csv"})

    rows = list(csv.reader(StringIO(taken.content.decode("utf-8-sig"), newline="")))
    assert rows[1][3] == f"'{EVIL}"


async def test_who_reported_anonymously_is_not_in_it(
    acting: As, people: People, town: Town
) -> None:
    grid = str(town.places["/A1/G1/"].id)
    await acting(people.resident).ask(
        place_id=grid, summary="楼道充电", category="ebike", anonymous=True
    )

    taken = await acting(people.manager).get("/service-requests/export")

    rows = [cells for _number, cells in rows_of(taken.content)]
    assert rows[1][4] == "匿名"
    assert "李桂兰" not in str(rows)


async def test_who_sees_part_of_it_takes_out_that_part(
    acting: As, people: People, town: Town
) -> None:
    far = str(town.places["/A1/G2/9/1/101/"].id)
    await acting(people.manager).ask(place_id=far, summary="路灯不亮")
    for nobody in (people.resident, people.worker):
        assert (await acting(nobody).get("/service-requests/export")).status_code == 403
    leader = await acting(people.leader).get("/service-requests/export")
    assert len(list(rows_of(leader.content))) == 2


async def test_too_much_at_once_is_refused(
    acting: As, people: People, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST", 1)
    for _ in range(2):
        await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")

    refused = await acting(people.manager).get("/service-requests/export")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/export-too-large")
