"""Words that people are found under, and where they have their mail."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.facts import Fact
from app.people import service
from app.people.access import system
from app.people.models import Person, PersonTag
from tests.notices.builders import lives_in
from tests.service_requests.builders import Town, a_town
from tests.service_requests.conftest import As, People, acting, people, town

__all__ = ["acting", "people", "town"]


@pytest.fixture
async def wang(session: AsyncSession, town: Town) -> Person:
    person = await lives_in(session, town, "王秀英")
    await session.commit()
    return person


async def test_somebody_is_found_under_the_words_they_were_given(
    acting: As, people: People, wang: Person, session: AsyncSession
) -> None:
    worker, path = acting(people.worker), f"/people/{wang.id}/tags"

    put = await worker("PUT", path, json={"tags": ["志愿者", "党员", "志愿者"]})
    assert put.json() == {"tags": ["党员", "志愿者"]}, put.text
    put = await worker("PUT", path, json={"tags": ["志愿者"]})

    assert put.json() == (await worker.get(path)).json() == {"tags": ["志愿者"]}
    found = (await worker.get("/people", params={"tag": "志愿者"})).json()["items"]
    assert [person["id"] for person in found] == [str(wang.id)]
    assert (await worker.get("/people", params={"tag": "党员"})).json()["items"] == []
    facts = select(Fact.payload).where(Fact.kind == "person.changed")
    assert [fact["fields"] for fact in await session.scalars(facts)] == [["tags"], ["tags"]]


async def test_nobody_else_gives_or_reads_them(
    acting: As, people: People, town: Town, wang: Person
) -> None:
    path = f"/people/{wang.id}/tags"

    for who, status in ((people.elsewhere, 404), (people.resident, 404), (people.leader, 403)):
        assert (await acting(who)("PUT", path, json={"tags": ["x"]})).status_code == status
    assert (await acting(wang).get(path)).status_code == 403


@pytest.mark.parametrize("tags", [[""], ["x" * 41], ["a\nb"], ["x"] * 31, None, "x", ["a\x00"]])
async def test_a_word_is_one_line(acting: As, people: People, wang: Person, tags: Any) -> None:
    answer = await acting(people.manager)("PUT", f"/people/{wang.id}/tags", json={"tags": tags})

    assert answer.status_code == 422


async def test_an_address_is_kept_locked_and_shown_masked(
    acting: As, people: People, wang: Person, session: AsyncSession
) -> None:
    manager = acting(people.manager)

    changed = await manager.patch(f"/people/{wang.id}", {"email": " Wang.Xiu@QQ.com "})

    assert changed.json()["email"] == "W***@qq.com"
    await session.refresh(wang)
    assert wang.email == "Wang.Xiu@qq.com"
    gone = await manager.patch(f"/people/{wang.id}", {"email": None})
    assert gone.json()["email"] is None


@pytest.mark.parametrize(
    "email",
    [
        *("wang", "@qq.com", "a@b", "a@b..c", "a b@c.d", "a@-b.c", "a@b@c.d", "é@b.c"),
        *(".a@b.c", "a.@b.c", "a" * 65 + "@b.c", "a@" + "b." * 120 + "c"),
        "a@b.c\r\nBcc: x@y.z",
    ],
)
async def test_what_is_no_address_is_refused(
    acting: As, people: People, wang: Person, email: str
) -> None:
    answer = await acting(people.manager).patch(f"/people/{wang.id}", {"email": email})

    assert answer.status_code == 422


async def test_two_entries_that_are_one_person_have_the_words_of_both(
    town: Town, wang: Person, session: AsyncSession
) -> None:
    twin = await lives_in(session, town, "王秀英", "/A1/G1/3/2/601/")
    twin.email = "wang@qq.com"
    by = system(town.community.id)
    await service.set_tags(session, wang, ["党员", "志愿者"], by=by)
    await service.set_tags(session, twin, ["志愿者", "楼栋长"], by=by)

    await service.merge(session, twin, into=wang, by=by)

    rows = (await session.execute(select(PersonTag.person_id, PersonTag.tag))).all()
    assert {(row[0], row[1]) for row in rows} == {
        (wang.id, "党员"),
        (wang.id, "志愿者"),
        (wang.id, "楼栋长"),
    }
    assert len(rows) == 3
    assert wang.email == "wang@qq.com"
    assert not twin.email


async def test_of_two_who_set_them_at_once_the_last_one_did(
    town: Town, wang: Person, sessions: Sessions
) -> None:
    async def set_to(*tags: str) -> None:
        async with sessions.begin() as session:
            person = await session.get_one(Person, (town.community.id, wang.id))
            await service.set_tags(session, person, tags, by=system(town.community.id))
            await asyncio.sleep(0.1)

    await asyncio.gather(set_to("甲", "乙"), set_to("丙"))

    async with sessions() as session:
        found = set(await session.scalars(select(PersonTag.tag)))
    assert found in ({"甲", "乙"}, {"丙"})


async def test_a_word_of_another_community_is_not_found(
    acting: As, people: People, wang: Person, session: AsyncSession
) -> None:
    other = await a_town(session, "erer")
    stranger = await lives_in(session, other, "李四")
    await service.set_tags(session, stranger, ["志愿者"], by=system(other.community.id))
    await session.commit()

    found = await acting(people.manager).get("/people", params={"tag": "志愿者"})

    assert found.json()["items"] == []
