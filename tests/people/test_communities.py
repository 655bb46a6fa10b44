from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Role
from tests.conftest import Client
from tests.people.builders import PASSWORD, Caller, a_worker, facts
from tests.people.conftest import As, Town

SANSAN: dict[str, Any] = {
    "slug": "sansan",
    "name": "叁叁小区",
    "town": "ZJ镇",
    "hotline": "023-48800110",
    "admin": {"name": "周主任", "login": "zhou", "password": PASSWORD},
}


@pytest.fixture
async def operator(session: AsyncSession, town: Town, acting: As) -> Caller:
    return await acting(await a_worker(session, town.root, Role.OPERATOR))


async def test_an_operator_founds_a_community_and_its_administrator_signs_in(
    session: AsyncSession, client: Client, town: Town, operator: Caller
) -> None:
    made = await operator.post("/communities", json=SANSAN)

    assert made.status_code == 201
    signed_in = await client.post(
        "/api/v1/sessions", json={"community": "sansan", "login": "zhou", "password": PASSWORD}
    )
    admin = Caller(client, signed_in.json()["token"])
    me = (await admin.get("/me")).json()
    assert me["community"]["id"] == made.json()["id"]
    assert [(post["role"], post["path"]) for post in me["posts"]] == [("admin", "/")]
    (root,) = (await admin.get("/places")).json()["items"]
    assert (root["path"], root["name"]) == ("/", "叁叁小区")
    founded = [fact["community_id"] for fact in await facts(session, "community.founded")]
    assert made.json()["id"] in founded


async def test_a_slug_is_taken_once(operator: Caller) -> None:
    answer = await operator.post("/communities", json=SANSAN | {"slug": "yiyi"})

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/community-taken")


async def test_one_sees_ones_own_community_and_operators_all(
    session: AsyncSession, town: Town, elsewhere: Town, operator: Caller, acting: As
) -> None:
    worker = await acting(await a_worker(session, town.grid))

    async def slugs(caller: Caller) -> list[str]:
        listed = (await caller.get("/communities")).json()["items"]
        return [community["slug"] for community in listed]

    assert await slugs(worker) == ["yiyi"]
    assert await slugs(operator) == ["erer", "yiyi"]


async def test_an_administrator_says_how_the_community_is_reached(
    session: AsyncSession, town: Town, acting: As
) -> None:
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))
    path = f"/communities/{town.root.community_id}"

    changed = await admin.patch(path, json={"hotline": "12345"})
    cleared = await admin.patch(path, json={"hotline": None})

    assert changed.json()["hotline"] == "12345"
    assert cleared.json()["hotline"] is None
    for wrong in ({"name": None}, {"slug": "mine"}, {"town": ""}):
        assert (await admin.patch(path, json=wrong)).status_code == 422
    changes = [fact["fields"] for fact in await facts(session, "community.changed")]
    assert changes == [["hotline"], ["hotline"]]


async def test_who_is_calling_is_told_what_they_may_do(
    session: AsyncSession, town: Town, acting: As
) -> None:
    worker = await acting(await a_worker(session, town.grid))

    me = (await worker.get("/me")).json()

    assert me["kind"] == "person"
    assert "people.confirm_residence" in me["permissions"]
    assert "people.manage_staff" not in me["permissions"]
