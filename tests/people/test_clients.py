from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth import Token
from app.people.models import Role
from tests.conftest import Client
from tests.people.builders import Caller, a_worker, facts
from tests.people.conftest import As, Town


async def test_a_program_calls_with_its_key_until_it_is_revoked(
    session: AsyncSession, client: Client, town: Town, acting: As
) -> None:
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))
    body = {"name": "12345 热线", "role": "staff", "place_id": str(town.area.id)}

    made = await admin.post("/clients", json=body)

    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    key, known = made.json()["key"], made.json()["client"]
    program = Caller(client, key)
    me = (await program.get("/me")).json()
    assert (me["kind"], me["name"]) == ("client", "12345 热线")
    assert [(post["role"], post["path"]) for post in me["posts"]] == [("staff", "/A1/")]

    assert (await admin.delete(f"/clients/{known['id']}")).status_code == 204
    assert (await program.get("/me")).status_code == 401
    assert (await admin.delete(f"/clients/{known['id']}")).status_code == 204
    assert len(await facts(session, "client.revoked")) == 1
    shown = (await admin.get(f"/clients/{known['id']}")).json()
    assert shown["revoked_at"]


async def test_a_key_is_shown_once_and_kept_nowhere(
    session: AsyncSession, town: Town, acting: As
) -> None:
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))
    body = {"name": "hub", "role": "staff", "place_id": str(town.root.id)}
    key = (await admin.post("/clients", json=body)).json()["key"]

    assert key not in (await admin.get("/clients")).text
    digests = await session.scalars(select(Token.digest))
    assert all(key.encode() not in digest for digest in digests)


async def test_a_key_in_the_address_is_a_bad_request(
    session: AsyncSession, client: Client, town: Town, acting: As
) -> None:
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))
    query = {"access_token": admin.token}

    assert (await client.get("/api/v1/me", params=query)).status_code == 400


async def test_administrators_see_the_programs_of_their_place(
    session: AsyncSession, town: Town, acting: As
) -> None:
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))
    local = await acting(await a_worker(session, town.far_area, Role.ADMIN))
    body = {"name": "hub", "role": "staff", "place_id": str(town.area.id)}
    made = (await admin.post("/clients", json=body)).json()["client"]

    assert len((await admin.get("/clients")).json()["items"]) == 1
    assert (await local.get("/clients")).json()["items"] == []
    assert (await local.delete(f"/clients/{made['id']}")).status_code == 404
