"""Clients of others, and the examples of the handbook, against the service on a real socket.

`georeport` 0.3.1 cannot file requests nor show its key on a GET, so these see what everybody sees.
Its XML is what xmltodict makes of it: a list of one comes back as that one, and of an empty list
it raises TypeError.
"""

import asyncio
import os
import re
import socket
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from georeport import GeoReport
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.settings import settings
from app.main import create_app
from app.service_requests.models import ServiceRequest, State
from tests.open311.city import LIGHT, City
from tests.open311.conftest import Programs
from tests.open311.test_photos import a_photo
from tests.service_requests.builders import Town

HANDBOOK = Path(__file__).parents[2] / "docs" / "open311.md"
SECONDS = 30


@pytest.fixture
async def address(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The service on a socket of its own, under the address it gives out itself."""
    door = socket.socket(proto=socket.IPPROTO_TCP)
    door.bind(("127.0.0.1", 0))
    here = f"http://127.0.0.1:{door.getsockname()[1]}"
    monkeypatch.setenv("PALM_PUBLIC_URL", here)
    settings.cache_clear()
    web = create_app(engine)
    config = uvicorn.Config(web, lifespan="off", ws="none", log_level="critical")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]))
    async with asyncio.timeout(SECONDS):
        while not server.started:  # noqa: ASYNC110 - it says so nowhere else
            await asyncio.sleep(0.01)
    yield here
    server.should_exit = True
    await serving
    await web.state.desk.close()


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


def examples() -> list[str]:
    """The shell blocks of the handbook that call the service."""
    blocks = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [
        block for block in blocks.findall(HANDBOOK.read_text(encoding="utf-8")) if "curl" in block
    ]


async def test_the_examples_of_the_handbook_run(hotline: City, tmp_path: Path) -> None:
    (tmp_path / "leak.jpg").write_bytes(a_photo())
    (tmp_path / ".curlrc").write_text('fail\nsilent\nshow-error\nnoproxy = "*"\n')
    here = str(hotline.http.base_url).rstrip("/")
    told = {"PALM": here, "KEY": str(hotline.key), "CURL_HOME": str(tmp_path)}

    def run(example: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own handbook
            ["/bin/sh", "-euc", example],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **told},
            capture_output=True,
            check=False,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, (example, done.stdout, done.stderr)
        return done.stdout

    answers = [await asyncio.to_thread(run, example) for example in examples()]

    assert len(answers) == 7
    everything = "".join(answers)
    assert "<errors>" not in everything
    for number in ("1001", "1002"):
        assert f"<service_request_id>{number}</service_request_id>" in everything
    assert "<token>" in everything
    assert "还是不亮" not in await asyncio.to_thread(run, examples()[-2])
