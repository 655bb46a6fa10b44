import asyncio
from datetime import timedelta
from time import process_time

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.auth import Token
from app.core.database import Sessions
from app.people import service as people
from app.people.access import Actor, system
from app.people.models import Person, Role
from app.people.problems import SignInFailed
from tests.conftest import Client
from tests.people.builders import PASSWORD, a_post, acting, facts, somebody_hired
from tests.people.conftest import As, Town

SIGN_IN = {"community": "yiyi", "login": "wang", "password": PASSWORD}


@pytest.fixture
async def wang(session: AsyncSession, town: Town) -> Person:
    person = await somebody_hired(session, town.grid, Role.GRID_WORKER, "wang")
    await session.commit()
    return person


async def test_staff_sign_in_and_are_known_from_then_on(
    session: AsyncSession, client: Client, town: Town, wang: Person
) -> None:
    answer = await client.post("/api/v1/sessions", json=SIGN_IN | {"login": " Wang "})

    assert answer.status_code == 201
    body = answer.json()
    assert body["person"]["id"] == str(wang.id)
    assert [(post["role"], post["place"]["path"]) for post in body["posts"]] == [
        ("grid_worker", "/A1/G1/")
    ]
    me = await client.with_token(body["token"]).get("/api/v1/me")
    assert me.json()["id"] == str(wang.id)
    assert len(await facts(session, "session.started")) == 1
    assert body["token"] not in str(await session.get(Token, (town.root.community_id, wang.id)))


@pytest.mark.parametrize(
    "wrong",
    [{"community": "nowhere"}, {"login": "nobody"}, {"password": "incorrect"}, {"password": ""}],
)
async def test_a_wrong_sign_in_is_refused_in_the_same_words(
    client: Client, wang: Person, wrong: dict[str, str]
) -> None:
    answer = await client.post("/api/v1/sessions", json=SIGN_IN | wrong)

    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/sign-in-failed"
    assert answer.json().keys() == {"type", "title", "status"}


async def test_a_login_that_is_not_there_takes_as_long_as_a_wrong_password(
    client: Client, wang: Person
) -> None:
    async def shortest(wrong: dict[str, str]) -> float:
        took = []
        for _ in range(3):
            begun = process_time()
            await client.post("/api/v1/sessions", json=SIGN_IN | wrong)
            took.append(process_time() - begun)
        return min(took)

    await shortest({"login": "warm-up"})

    missing, mistaken = await shortest({"login": "nobody"}), await shortest({"password": "x"})

    assert missing > mistaken / 3


async def test_a_login_of_another_community_does_not_count(
    session: AsyncSession, client: Client, wang: Person, elsewhere: Town
) -> None:
    await somebody_hired(session, elsewhere.root, Role.ADMIN, "wang")
    await session.commit()

    answer = await client.post("/api/v1/sessions", json=SIGN_IN | {"community": "erer"})

    assert answer.status_code == 201
    assert answer.json()["person"]["id"] != str(wang.id)


async def test_one_login_can_be_tried_ten_times(client: Client, wang: Person) -> None:
    async def attempt(login: str) -> int:
        body = SIGN_IN | {"login": login, "password": "guess"}
        return (await client.post("/api/v1/sessions", json=body)).status_code

    tries = [await attempt("wang") for _ in range(11)]

    assert tries == [401] * 10 + [429]
    assert await attempt("li") == 401


async def test_a_session_ends_by_signing_out(
    session: AsyncSession, client: Client, wang: Person
) -> None:
    token = (await client.post("/api/v1/sessions", json=SIGN_IN)).json()["token"]
    client.with_token(token)

    assert (await client.delete("/api/v1/sessions/current")).status_code == 204

    assert (await client.get("/api/v1/me")).status_code == 401
    assert len(await facts(session, "session.ended")) == 1


async def test_a_session_ends_after_twelve_hours(client: Client, wang: Person) -> None:
    token = (await client.post("/api/v1/sessions", json=SIGN_IN)).json()["token"]
    client.with_token(token)

    clock.shift(timedelta(hours=11, minutes=59))
    assert (await client.get("/api/v1/me")).status_code == 200

    clock.shift(timedelta(hours=12, seconds=1))
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_a_new_password_ends_every_session(client: Client, wang: Person) -> None:
    token = (await client.post("/api/v1/sessions", json=SIGN_IN)).json()["token"]
    client.with_token(token)
    path = f"/api/v1/staff/{wang.id}/password"

    without = await client.put(path, json={"password": "new horse 1"})
    wrong = await client.put(path, json={"password": "new horse 1", "current": "guess"})
    right = await client.put(path, json={"password": "new horse 1", "current": PASSWORD})

    assert [each.status_code for each in (without, wrong, right)] == [403, 403, 204]
    assert (await client.get("/api/v1/me")).status_code == 401
    assert (await client.post("/api/v1/sessions", json=SIGN_IN)).status_code == 401
    renewed = SIGN_IN | {"password": "new horse 1"}
    assert (await client.post("/api/v1/sessions", json=renewed)).status_code == 201


async def test_a_sign_in_by_the_old_password_does_not_outlive_the_new_one(
    session: AsyncSession, sessions: Sessions, town: Town, wang: Person
) -> None:
    """Signing in while the password is being set ends signed out, whichever comes first."""

    async def sign_in() -> Actor | None:
        async with sessions.begin() as mine:
            try:
                await people.sign_in(mine, **SIGN_IN, address="127.0.0.1")
            except SignInFailed:
                return None
        return acting(wang)

    async def change() -> None:
        async with sessions.begin() as mine:
            person = await mine.get_one(Person, (wang.community_id, wang.id))
            by = system(wang.community_id)
            await people.set_password(mine, person, password="another one", by=by)

    await asyncio.gather(sign_in(), change(), sign_in(), sign_in())

    tokens = await session.scalars(
        Token.__table__.select().with_only_columns(Token.__table__.c.revoked_at)
    )
    assert all(revoked for revoked in tokens)


async def test_with_the_last_post_goes_the_session(
    session: AsyncSession, client: Client, town: Town, wang: Person, acting: As
) -> None:
    second = await a_post(session, wang, town.far_area, Role.STAFF)
    await session.commit()
    token = (await client.post("/api/v1/sessions", json=SIGN_IN)).json()["token"]
    admin = await acting(await somebody_hired(session, town.root, Role.ADMIN))
    posts = f"/staff/{wang.id}/posts"
    (first,) = [
        post["id"]
        for post in (await admin.get(f"/staff/{wang.id}")).json()["posts"]
        if post["id"] != str(second.id)
    ]

    assert (await admin.delete(f"{posts}/{first}")).status_code == 204
    me = await client.with_token(token).get("/api/v1/me")
    assert [post["path"] for post in me.json()["posts"]] == ["/A2/"]

    assert (await admin.delete(f"{posts}/{second.id}")).status_code == 204
    assert (await client.get("/api/v1/me")).status_code == 401
    assert (await client.post("/api/v1/sessions", json=SIGN_IN)).status_code == 401
