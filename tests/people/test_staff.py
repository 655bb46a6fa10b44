import asyncio
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.people import service as people
from app.people.access import system
from app.people.models import Credential, Person, Post, Role
from app.people.problems import LastAdmin
from app.people.queries import posts_of
from tests.people.builders import PASSWORD, a_worker, facts, somebody_hired
from tests.people.conftest import As, Town


def hiring(town: Town, **differently: Any) -> dict[str, Any]:
    return {
        "name": "王强",
        "phone": "138 0013 8000",
        "login": "Wang.Q",
        "password": PASSWORD,
        "role": "grid_worker",
        "place_id": str(town.grid.id),
        "speciality": "property",
    } | differently


async def test_a_manager_takes_on_staff(session: AsyncSession, town: Town, acting: As) -> None:
    manager = await acting(await a_worker(session, town.root, Role.MANAGER))

    answer = await manager.post("/staff", json=hiring(town))

    assert answer.status_code == 201
    hired = answer.json()
    assert (hired["name"], hired["phone"]) == ("王强", "138****8000")
    assert [(post["role"], post["speciality"]) for post in hired["posts"]] == [
        ("grid_worker", "property")
    ]
    stored = await session.scalar(select(Credential))
    assert stored
    assert stored.login == "wang.q"
    assert PASSWORD not in stored.password_hash
    assert len(await facts(session, "post.given")) == 2


async def test_a_login_is_taken_once_in_a_community(
    session: AsyncSession, town: Town, elsewhere: Town, acting: As
) -> None:
    await somebody_hired(session, town.grid, login="wang.q")
    here = await acting(await a_worker(session, town.root, Role.ADMIN))
    there = await acting(await a_worker(session, elsewhere.root, Role.ADMIN))

    refused = await here.post("/staff", json=hiring(town))
    taken = await there.post("/staff", json=hiring(elsewhere))

    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/login-taken")
    assert taken.status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "resident"},
        {"role": "emperor"},
        {"password": "short"},
        {"login": "王强"},
        {"phone": "12345"},
        {"name": "a\nb"},
        {"name": ""},
        {"community_id": "11111111-1111-1111-1111-111111111111"},
    ],
)
async def test_what_is_no_member_of_staff_is_said_so(
    session: AsyncSession, town: Town, acting: As, wrong: dict[str, str]
) -> None:
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))

    answer = await admin.post("/staff", json=hiring(town, **wrong))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == f"body.{next(iter(wrong))}"


async def test_a_post_is_held_once_however_often_it_is_given(
    session: AsyncSession, town: Town, acting: As
) -> None:
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))
    worker = await a_worker(session, town.grid)
    await session.commit()
    post = {"role": "staff", "place_id": str(town.area.id)}

    answers = await asyncio.gather(
        *(admin.post(f"/staff/{worker.id}/posts", json=post) for _ in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    given = next(answer for answer in answers if answer.status_code == 201)
    assert given.json()["place"]["path"] == "/A1/"
    other = await admin.post(f"/staff/{worker.id}/posts", json=post | {"speciality": "law"})
    assert other.status_code == 201


async def test_without_its_index_a_post_could_be_held_twice(
    session: AsyncSession, town: Town, acting: As
) -> None:
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))
    worker = await a_worker(session, town.grid)
    await session.execute(text("DROP INDEX posts_once_key"))
    await session.commit()
    post = {"role": "staff", "place_id": str(town.area.id)}

    answers = [await admin.post(f"/staff/{worker.id}/posts", json=post) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]


async def test_a_post_that_ended_can_be_given_again(
    session: AsyncSession, town: Town, acting: As
) -> None:
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))
    worker = await a_worker(session, town.grid)
    (post,) = await session.scalars(select(Post).where(Post.person_id == worker.id))
    await session.commit()
    path = f"/staff/{worker.id}/posts"

    ended = await asyncio.gather(*(admin.delete(f"{path}/{post.id}") for _ in range(3)))
    assert sorted(answer.status_code for answer in ended) == [204, 404, 404]
    assert len(await facts(session, "post.ended")) == 1
    assert (await admin.get(f"/staff/{worker.id}")).json()["posts"] == []
    again = {"role": "grid_worker", "place_id": str(town.grid.id)}
    assert (await admin.post(path, json=again)).status_code == 201


async def test_staff_see_who_works_within_their_place(
    session: AsyncSession, town: Town, acting: As
) -> None:
    near, far = await a_worker(session, town.grid), await a_worker(session, town.far_area)
    leader = await a_worker(session, town.area, Role.LEADER)
    caller = await acting(leader)

    listed = await caller.get("/staff")

    assert {each["id"] for each in listed.json()["items"]} == {str(near.id), str(leader.id)}
    assert (await caller.get(f"/staff/{near.id}")).status_code == 200
    assert (await caller.get(f"/staff/{far.id}")).status_code == 404


async def test_the_last_administrator_stays(session: AsyncSession, town: Town, acting: As) -> None:
    first, second = [await a_worker(session, town.root, Role.ADMIN) for _ in range(2)]
    posts = {post.person_id: post.id for post in await session.scalars(select(Post))}
    caller = await acting(first)

    gone = await caller.delete(f"/staff/{second.id}/posts/{posts[second.id]}")
    stays = await caller.delete(f"/staff/{first.id}/posts/{posts[first.id]}")

    assert gone.status_code == 204
    assert (stays.status_code, stays.json()["type"]) == (409, "/problems/last-admin")


async def test_two_administrators_cannot_end_each_other_at_once(
    session: AsyncSession, sessions: Sessions, town: Town
) -> None:
    admins = [await a_worker(session, town.root, Role.ADMIN) for _ in range(2)]
    await session.commit()

    async def end(person: Person) -> bool:
        async with sessions() as mine:
            post = await mine.scalar(posts_of(person.community_id, person.id))
            assert post
            try:
                await people.end_post(mine, post, by=system(person.community_id))
            except LastAdmin:
                return False
            await mine.commit()
            return True

    ended = await asyncio.gather(*(end(person) for person in admins))

    assert sorted(ended) == [False, True]
