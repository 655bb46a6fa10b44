"""A confidential request is answered with a token, which tells the number later."""

from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import sha256_token
from app.open311.models import Filing
from app.service_requests.models import ServiceRequest, State
from tests.open311.city import City
from tests.open311.conftest import As, Programs
from tests.service_requests.builders import a_town

CONDUCT = {"service_code": "conduct", "address_string": "3栋", "description": "态度不好"}


@pytest.fixture
def hotline(city: As, programs: Programs) -> City:
    return city(programs.hotline)


async def the_token(caller: City) -> str:
    answer = await caller.post("requests.json", **CONDUCT)
    assert answer.status_code == 200, answer.text
    (request,) = answer.json()
    assert "service_request_id" not in request
    token: str = request["token"]
    return token


async def looked_at(session: AsyncSession, state: State = State.ACCEPTED) -> str:
    """Somebody looks at the only request there is; its number."""
    await session.execute(update(ServiceRequest).values(state=state))
    await session.commit()
    return str(await session.scalar(select(ServiceRequest.number)))


async def test_the_answer_is_a_token_and_no_number(hotline: City) -> None:
    root = etree.fromstring((await hotline.post("requests.xml", **CONDUCT)).content)

    assert [child.tag for child in root[0]] == ["token", "service_notice", "account_id"]


async def test_the_token_tells_the_number_once_somebody_has_looked_at_it(
    city: As, hotline: City, session: AsyncSession
) -> None:
    token = await the_token(hotline)
    pending = await city().get(f"tokens/{token}.xml")
    assert pending.status_code == 200
    root = etree.fromstring(pending.content)
    assert [(child.tag, child.text) for child in root[0]] == [("token", token)]

    number = await looked_at(session)

    told = (await city().get(f"tokens/{token}.json")).json()
    assert told == [{"service_request_id": number, "token": token}]


async def test_the_token_is_kept_as_a_fingerprint(hotline: City, session: AsyncSession) -> None:
    token = await the_token(hotline)

    (filing,) = await session.scalars(select(Filing))
    assert filing.token_digest == sha256_token(token)
    columns: dict[str, Any] = {key: value for key, value in vars(filing).items() if key[0] != "_"}
    assert token not in str(columns)


async def test_the_number_that_a_token_tells_opens_for_who_filed_it_alone(
    city: As, hotline: City, programs: Programs, session: AsyncSession
) -> None:
    await the_token(hotline)
    number = await looked_at(session)

    assert (await hotline.read(number))["description"] == "态度不好"
    assert (await city(programs.overseer).read(number))["status"] == "open"
    for other in (city(), city(programs.grid)):
        assert (await other.get(f"requests/{number}.xml")).status_code == 404


async def test_a_token_means_nothing_elsewhere(
    city: As, hotline: City, session: AsyncSession
) -> None:
    token = await the_token(hotline)
    await a_town(session, "erer")
    await session.commit()

    assert (await city().get(f"tokens/{token}.xml")).status_code == 400
    here = await city().get(f"tokens/{token}.xml", jurisdiction_id="yiyi")
    there = await city().get(f"tokens/{token}.xml", jurisdiction_id="erer")
    assert (here.status_code, there.status_code) == (200, 404)


async def test_what_is_not_confidential_has_its_number_at_once(
    hotline: City, session: AsyncSession
) -> None:
    number = await hotline.file()

    assert number == str(await session.scalar(select(ServiceRequest.number)))
    assert (await session.scalars(select(Filing.token_digest))).all() == [None]
