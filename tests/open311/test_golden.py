"""Every document as it goes over the wire, letter by letter.

After a change that is meant, `PALM_GOLDEN=write` makes the files anew.
"""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import system
from app.service_requests import queries, workflow
from app.service_requests.models import Category, ServiceRequest, State
from tests.open311.city import City
from tests.open311.conftest import As, Programs
from tests.open311.test_services import QUESTIONS
from tests.service_requests.builders import Town

GOLDEN = Path(__file__).parent / "golden"
JUNE = datetime(2026, 6, 1, 1, 30, tzinfo=UTC)
TIME = {"start_date": "2026-06-01T00:00:00Z", "end_date": "2026-06-02T00:00:00Z"}
MADE_UP = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"), "{id}"),
    (re.compile(r"palm_rt_[0-9A-Za-z]{49}"), "{token}"),
    (re.compile(r"(?!2026-06)2[0-9]{3}-[0-9-]{5}T[0-9:]{8}Z"), "{now}"),
    (re.compile(r"预计(?!06)[0-9-]{5} [0-9:]{5}前办结"), "预计{due}前办结"),
]
"""What is another each time, and what stands for it in the files."""
CATALOGUE: dict[str, dict[str, Any]] = {
    "drain": {
        "name": "下水道堵塞",
        "group": "物业维修",
        "keywords": ["下水道", "下水 堵"],
        "guide": {"text": "公共下水管由物业疏通。"},
        "questions": QUESTIONS,
        "position": 1,
    },
    "street_light": {
        "name": "路灯 & 楼道灯",
        "group": "物业维修",
        "keywords": ["路灯"],
        "guide": {"text": "请说明<位置>或灯杆编号。"},
        "questions": [],
        "position": 2,
    },
    "conduct": {
        "name": "投诉",
        "group": "监督",
        "keywords": [],
        "guide": {},
        "questions": [],
        "position": 3,
    },
}
LIGHT = {
    "service_code": "street_light",
    "address_string": "伊伊小区3栋2单元502",
    "description": "路灯 ]]> 不亮 & <b>很黑</b>\n13812345678\x0b",
    "lat": "31.1774276",
    "long": "121.5272106",
    "account_id": "a-7",
}
DRAIN = {
    "service_code": "drain",
    "address_id": "/A1/G2/",
    "description": "堵了",
    "attribute[words]": "返水",
    "attribute[when]": ["day", "night"],
    "attribute[sparks]": "no",
}


def same(name: str, answer: httpx.Response) -> None:
    """Compare an answer with the file of this name."""
    text = answer.text
    for pattern, instead in MADE_UP:
        text = pattern.sub(instead, text)
    file = GOLDEN / name
    if os.environ.get("PALM_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), name


@pytest.fixture
async def hotline(city: As, programs: Programs, session: AsyncSession) -> City:
    """The hotline of a town that has three services and always will."""
    await session.execute(update(Category).values(active=False))
    for code, columns in CATALOGUE.items():
        row = update(Category).where(Category.code == code)
        await session.execute(row.values(active=True, **columns))
    await session.execute(update(Category).values(updated_at=JUNE))
    await session.commit()
    return city(programs.hotline)


async def happened(session: AsyncSession, town: Town, number: int, state: State) -> None:
    """Let a request have been filed in June, and what came of it be so."""
    times = {"filed_at": JUNE, "due_at": JUNE + timedelta(days=2), "updated_at": JUNE}
    row = update(ServiceRequest).where(ServiceRequest.number == number)
    await session.execute(row.values(state=state, completed_at=JUNE, **times))
    await session.commit()


async def test_what_is_offered(hotline: City) -> None:
    same("discovery.xml", await hotline.get("discovery.xml"))
    same("discovery.json", await hotline.get("discovery.json"))
    same("services.xml", await hotline.get("services.xml"))
    same("services.json", await hotline.get("services.json"))
    same("service_definition.xml", await hotline.get("services/drain.xml"))
    same("service_definition.json", await hotline.get("services/drain.json"))


async def test_what_is_filed_and_shown(
    city: As, hotline: City, town: Town, session: AsyncSession
) -> None:
    same("filed.xml", await hotline.post("requests.xml", **LIGHT))
    same("filed.json", await hotline.post("requests.json", **DRAIN))
    await happened(session, town, 1001, State.SUBMITTED)
    await happened(session, town, 1002, State.COMPLETED)

    same("requests.xml", await hotline.get("requests.xml", **TIME))
    same("requests.json", await hotline.get("requests.json", **TIME))
    same("request.xml", await hotline.get("requests/1002.xml", extensions="true"))
    same("request.json", await hotline.get("requests/1002.json", extensions="true"))
    same("public.xml", await city().get("requests.xml", extensions="true", **TIME))


async def test_tokens(hotline: City, session: AsyncSession) -> None:
    form = LIGHT | {"service_code": "conduct"}
    same("token_given.xml", await hotline.post("requests.xml", **form))
    token = (await hotline.post("requests.json", **form)).json()[0]["token"]
    same("token_pending.xml", await hotline.get(f"tokens/{token}.xml"))

    await session.execute(update(ServiceRequest).values(state=State.ACCEPTED))
    await session.commit()

    same("token_told.xml", await hotline.get(f"tokens/{token}.xml"))


async def test_updates(hotline: City, town: Town, session: AsyncSession) -> None:
    number = await hotline.file()
    row = ServiceRequest.number == int(number)
    request = (
        await session.scalars(queries.visible_to(system(town.community.id)).where(row))
    ).one()
    form = {"reason": "不归我们", "channel": "供电公司95598"}
    await workflow.take(session, request, "reject", form, by=system(town.community.id))
    await session.commit()
    update_ = {"service_request_id": number, "status": "OPEN", "description": "x"}

    same("updates.xml", await hotline.get("servicerequestupdates.xml"))
    same("updates.json", await hotline.get("servicerequestupdates.json"))
    same("update_taken.xml", await hotline.post("servicerequestupdates.xml", **update_))


async def test_errors(city: As, hotline: City) -> None:
    hotline.http.headers["Accept-Language"] = "en"
    wrong = {"service_code": "drain", "address_string": "3栋", "attribute[lamps]": "many"}
    same("errors_400.xml", await hotline.post("requests.xml", **wrong))
    same("errors_400.json", await hotline.post("requests.json", **wrong))
    same("errors_403.xml", await city().post("requests.xml", **LIGHT))
    same("errors_404.xml", await hotline.get("requests/999999.xml"))
    same("errors_405.xml", await hotline.post("services.xml"))
