"""Clients of others, and the examples of the handbook, against the service on a real socket.

`georeport` 0.3.1 cannot file requests nor show its key on a GET, so these see what everybody sees.
Its XML is what xmltodict makes of it: a list of one comes back as that one, and of an empty list
it raises TypeError.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from georeport import GeoReport
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.service_requests.models import ServiceRequest, State
from tests.handbooks import examples, run
from tests.open311.city import LIGHT, City
from tests.open311.conftest import Programs
from tests.open311.test_photos import a_photo
from tests.service_requests.builders import Town
from tests.serving import address

__all__ = ["address"]


@pytest.fixture
async def hotline(address: str, town: Town, programs: Programs) -> AsyncIterator[City]:
    async with httpx.AsyncClient(base_url=address) as http:
        yield City(http, town.tokens[programs.hotline.id])


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_georeport_finds_what_was_filed(
    hotline: City, session: AsyncSession, form: str
) -> None:
    found = (await hotline.get("discovery.json")).json()["endpoints"][0]["url"]
    client = GeoReport(found, jurisdiction="yiyi", output_format=form)
    numbers = [await hotline.file(), await hotline.file(**LIGHT)]
    done = update(ServiceRequest).where(ServiceRequest.number == int(numbers[0]))
    await session.execute(done.values(state=State.COMPLETED))
    await session.commit()

    yesterday = (clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def asked() -> dict[str, Any]:
        return {
            "services": client.get_service_list(),
            "definition": client.get_service_definition("water_leak"),
            "requests": client.get_service_requests(
                service_code="street_light", start_date=yesterday, status="open,closed"
            ),
            "closed": client.get_service_requests(service_request_id=",".join(numbers)),
            "one": client.get_service_request(numbers[0]),
        }

    told = await asyncio.to_thread(asked)

    assert {"water_leak", "drain"} <= {each["service_code"] for each in told["services"]}
    assert told["definition"]["service_code"] == "water_leak"
    assert [each["service_request_id"] for each in told["requests"]] == numbers[::-1]
    assert sorted(each["status"] for each in told["closed"]) == ["closed", "open"]
    assert told["one"]["status"] == "closed"
    assert told["one"]["address"] == "伊伊小区3栋"


async def test_georeport_is_told_of_an_error_by_its_status(hotline: City) -> None:
    here = str(hotline.http.base_url).rstrip("/")
    client = GeoReport(f"{here}/open311/v2", jurisdiction="nowhere")

    with pytest.raises(OSError, match="404"):
        await asyncio.to_thread(client.get_service_list)


async def test_the_examples_of_the_handbook_run(hotline: City, tmp_path: Path) -> None:
    (tmp_path / "leak.jpg").write_bytes(a_photo())
    here = str(hotline.http.base_url).rstrip("/")
    blocks = examples("docs/open311.md")

    async def printed(block: str) -> str:
        return (await run(block, tmp_path, PALM=here, KEY=str(hotline.key))).printed

    answers = [await printed(block) for block in blocks]

    assert len(answers) == 7
    everything = "".join(answers)
    assert "<errors>" not in everything
    for number in ("1001", "1002"):
        assert f"<service_request_id>{number}</service_request_id>" in everything
    assert "<token>" in everything
    assert "还是不亮" not in await printed(blocks[-2])
