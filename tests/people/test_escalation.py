"""Nobody gives, takes or becomes more than they are."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Post, Role
from app.places.models import Place
from tests.people.builders import a_client, a_post, a_worker, somebody_hired
from tests.people.conftest import As, Town

Where = Callable[[Town], Place]


def root(town: Town) -> Place:
    return town.root


def area(town: Town) -> Place:
    return town.area


def grid(town: Town) -> Place:
    return town.grid


def far(town: Town) -> Place:
    return town.far_area


@pytest.mark.parametrize(
    ("role", "at", "given", "where", "answer"),
    [
        (Role.ADMIN, root, "admin", root, 201),
        (Role.ADMIN, root, "operator", root, 403),
        (Role.ADMIN, area, "admin", area, 201),
        (Role.ADMIN, area, "grid_worker", root, 403),
        (Role.ADMIN, area, "grid_worker", far, 403),
        (Role.MANAGER, area, "manager", grid, 201),
        (Role.MANAGER, area, "leader", area, 201),
        (Role.MANAGER, area, "admin", area, 403),
        (Role.MANAGER, area, "manager", root, 403),
        (Role.MANAGER, area, "manager", far, 403),
        (Role.LEADER, area, "grid_worker", grid, 403),
        (Role.STAFF, root, "grid_worker", grid, 403),
        (Role.GRID_WORKER, grid, "grid_worker", grid, 403),
        (Role.OPERATOR, root, "grid_worker", grid, 403),
    ],
)
async def test_a_post_is_given_up_to_ones_own_role_within_ones_place(
    session: AsyncSession,
    town: Town,
    acting: As,
    *,
    role: Role,
    at: Where,
    given: str,
    where: Where,
    answer: int,
) -> None:
    giver = await a_worker(session, at(town), role)
    caller = await acting(giver)
    body = {"role": given, "place_id": str(where(town).id)}
    new = body | {"name": "x", "login": "newcomer", "password": "long enough"}

    assert (await caller.post("/staff", json=new)).status_code == answer
    itself = await caller.post(f"/staff/{giver.id}/posts", json=body)
    assert itself.status_code in ({201, 409} if answer == 201 else {answer})


async def test_a_high_role_in_one_place_and_a_wide_place_in_a_low_role_do_not_add_up(
    session: AsyncSession, town: Town, acting: As
) -> None:
    person = await a_worker(session, town.area, Role.ADMIN)
    await a_post(session, person, town.root, Role.MANAGER)
    caller = await acting(person)

    for place, answer in ((town.root, 403), (town.far_area, 403), (town.grid, 201)):
        body = {"role": "admin", "place_id": str(place.id)}
        given = await caller.post(f"/staff/{person.id}/posts", json=body)
        assert given.status_code == answer


@pytest.mark.parametrize(
    ("role", "of", "answer"),
    [
        (Role.ADMIN, Role.ADMIN, 204),
        (Role.ADMIN, Role.MANAGER, 204),
        (Role.ADMIN, Role.OPERATOR, 403),
        (Role.MANAGER, Role.STAFF, 204),
        (Role.MANAGER, Role.MANAGER, 403),
        (Role.MANAGER, Role.ADMIN, 403),
        (Role.LEADER, Role.GRID_WORKER, 403),
        (Role.STAFF, Role.GRID_WORKER, 403),
    ],
)
async def test_a_password_is_set_and_a_code_made_only_from_above(
    session: AsyncSession, town: Town, acting: As, *, role: Role, of: Role, answer: int
) -> None:
    caller = await acting(await a_worker(session, town.root, role))
    other = await somebody_hired(session, town.root, of)
    await session.commit()

    body = {"password": "mine from now on"}
    password = await caller.put(f"/staff/{other.id}/password", json=body)
    code = await caller.post(f"/staff/{other.id}/wechat-code")

    assert password.status_code == answer
    assert code.status_code == (201 if answer == 204 else answer)


async def test_a_manager_does_not_get_hold_of_who_was_an_administrator(
    session: AsyncSession, town: Town, acting: As
) -> None:
    """They could sign in with the password they set, once the other is appointed again."""
    manager = await acting(await a_worker(session, town.root, Role.MANAGER))
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))
    former = await somebody_hired(session, town.root, Role.ADMIN)
    (post,) = await session.scalars(select(Post.id).where(Post.person_id == former.id))
    await session.commit()
    await admin.delete(f"/staff/{former.id}/posts/{post}")

    answer = await manager.put(f"/staff/{former.id}/password", json={"password": "mine now!"})

    assert answer.status_code == 403


async def test_a_post_is_ended_only_from_above(
    session: AsyncSession, town: Town, acting: As
) -> None:
    manager = await acting(await a_worker(session, town.area, Role.MANAGER))
    near = await a_worker(session, town.grid)
    peer = await a_worker(session, town.area, Role.MANAGER)
    both = await a_worker(session, town.grid)
    beyond = await a_post(session, both, town.far_area, Role.STAFF)
    await session.commit()
    posts = {post.person_id: post.id for post in await session.scalars(select(Post))}
    posts[both.id] = beyond.id

    ended = [
        (await manager.delete(f"/staff/{person.id}/posts/{posts[person.id]}")).status_code
        for person in (near, peer, both)
    ]

    assert ended == [204, 403, 403]


async def test_a_post_of_another_cannot_be_ended_through_ones_own_address(
    session: AsyncSession, town: Town, acting: As
) -> None:
    manager = await acting(await a_worker(session, town.root, Role.MANAGER))
    admin, below = (
        await a_worker(session, town.root, Role.ADMIN),
        await a_worker(session, town.grid),
    )
    (post,) = await session.scalars(select(Post.id).where(Post.person_id == admin.id))

    assert (await manager.delete(f"/staff/{below.id}/posts/{post}")).status_code == 404


async def test_a_key_is_given_up_to_ones_own_role_within_ones_place(
    session: AsyncSession, town: Town, acting: As
) -> None:
    admin = await acting(await a_worker(session, town.area, Role.ADMIN))
    program = await acting(await a_client(session, town.area, Role.MANAGER))

    async def asks(caller: object, role: str, place: Place) -> int:
        body = {"name": "hub", "role": role, "place_id": str(place.id)}
        answer = await (admin if caller is admin else program).post("/clients", json=body)
        return answer.status_code

    assert await asks(admin, "admin", town.grid) == 201
    assert await asks(admin, "staff", town.root) == 403
    assert await asks(admin, "operator", town.area) == 403
    assert await asks(admin, "resident", town.area) == 422
    assert await asks(program, "grid_worker", town.grid) == 403


async def test_the_map_is_redrawn_only_with_a_right_on_both_sides(
    session: AsyncSession, town: Town, acting: As
) -> None:
    """Else a manager could move somebody's building under their own rights, or out of theirs."""
    manager = await acting(await a_worker(session, town.area, Role.MANAGER))
    mine, theirs = f"/places/{town.grid.id}", f"/places/{town.far_home.parent_id}"

    out = await manager.patch(mine, json={"parent_id": str(town.far_area.id)})
    into = await manager.patch(theirs, json={"parent_id": str(town.area.id)})
    add = {"parent_id": str(town.root.id), "kind": "area", "code": "A3", "name": "x"}

    assert (out.status_code, into.status_code) == (403, 403)
    assert (await manager.post("/places", json=add)).status_code == 403


async def test_an_administrator_does_not_change_another_community_by_being_operator_of_none(
    session: AsyncSession, town: Town, elsewhere: Town, acting: As
) -> None:
    admin = await acting(await a_worker(session, town.root, Role.ADMIN))
    operator = await acting(await a_worker(session, town.root, Role.OPERATOR))
    path = f"/communities/{elsewhere.root.community_id}"
    found = {"slug": "x", "name": "x", "town": "x"}
    founder = {"admin": {"name": "x", "login": "xx", "password": "long enough"}}

    assert (await admin.patch(path, json={"name": "mine"})).status_code == 404
    assert (await admin.post("/communities", json=found | founder)).status_code == 403
    assert (await operator.patch(path, json={"name": "theirs"})).status_code == 200
