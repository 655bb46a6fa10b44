"""Reading a list of residents into the register."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.people import service as people
from app.people.access import system
from app.people.models import Person, Relation, Residence, Role, Standing
from app.people.problems import RosterWrong
from app.people.roster import Row
from tests.people.builders import (
    Caller,
    a_person,
    a_residence,
    a_resident,
    a_worker,
    facts,
)
from tests.people.conftest import As, Town
from tests.people.sheets import csv_of, xlsx_of
from tests.places.builders import a_home

ZHANG = ("3栋", "2单元", "502", "张三", "13800138000", "业主")
LI = ("三号楼", "", "502室", "李四", "", "家属")
WANG = ("9", "1", "101", "王五", "+86 139-0013-9000", "租户")


@pytest.fixture
async def manager(session: AsyncSession, town: Town, acting: As) -> Caller:
    return await acting(await a_worker(session, town.root, Role.MANAGER))


async def send(
    caller: Caller, data: bytes, *, name: str = "roster.csv", **form: str
) -> dict[str, Any]:
    answer = await caller.post("/rosters", files={"file": (name, data)}, data=form)
    body: dict[str, Any] = answer.json()
    return body | {"status": answer.status_code}


async def lives(session: AsyncSession) -> set[tuple[str | None, str | None, str, str]]:
    """Name, number, door and relation of everybody who is known to live somewhere."""
    rows = await session.scalars(
        select(Residence)
        .where(Residence.standing == Standing.VERIFIED)
        .execution_options(populate_existing=True)
    )
    found = set()
    for residence in rows:
        await session.refresh(residence, ["home", "person"])
        person = residence.person
        await session.refresh(person)
        found.add((person.name, person.phone, residence.home.path, residence.relation.value))
    return found


@pytest.mark.parametrize("kind", ["csv", "gb18030", "xlsx"])
async def test_everybody_on_the_list_is_known_to_live_there(
    session: AsyncSession, manager: Caller, kind: str
) -> None:
    rows = (ZHANG, LI, WANG)
    data = {
        "csv": csv_of(*rows),
        "gb18030": csv_of(*rows, encoding="gb18030"),
        "xlsx": xlsx_of(*rows),
    }[kind]

    answer = await send(manager, data)

    new = {"rows": 3, "people": 3, "residences": 3, "changed": 0, "dry_run": False}
    assert answer == new | {"status": 200}
    assert await lives(session) == {
        ("张三", "13800138000", "/A1/G1/3/2/502/", "owner"),
        ("李四", None, "/A1/G1/3/2/502/", "family"),
        ("王五", "13900139000", "/A2/9/1/101/", "tenant"),
    }
    (fact,) = await facts(session, "roster.imported")
    assert (fact["people"], fact["residences"], fact["changed"]) == (3, 3, 0)


async def test_the_same_list_again_changes_nothing(session: AsyncSession, manager: Caller) -> None:
    await send(manager, csv_of(ZHANG, LI, WANG))
    before = await lives(session)

    again = await send(manager, xlsx_of(ZHANG, LI, WANG))

    assert (again["people"], again["residences"], again["changed"]) == (0, 0, 0)
    assert await lives(session) == before


async def test_a_trial_writes_nothing(session: AsyncSession, manager: Caller) -> None:
    answer = await send(manager, csv_of(ZHANG), dry_run="true")

    assert (answer["status"], answer["people"], answer["dry_run"]) == (200, 1, True)
    assert await lives(session) == set()
    assert await facts(session, "roster.imported") == []


async def test_every_wrong_row_is_named_and_nothing_is_written(
    session: AsyncSession, manager: Caller
) -> None:
    answer = await send(
        manager,
        csv_of(
            ZHANG,
            ("8栋", "1", "101", "赵六", "", ""),
            ("3栋", "2单元", "502", "", "12345", "房客"),
            ("3栋", "2单元", "502", "张三", "13900139000", "业主"),
        ),
    )

    assert (answer["status"], answer["type"]) == (422, "/problems/roster-wrong")
    assert [error["path"] for error in answer["errors"]] == [
        "3.home",
        "4.name",
        "4.phone",
        "4.relation",
        "5.phone",
    ]
    assert "第2行" in answer["errors"][-1]["message"]
    assert "12345" not in str(answer)
    assert await lives(session) == set()


async def test_a_door_that_may_be_either_of_two_is_not_guessed(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    await a_home(session, town.grid, "3-1-502")
    await session.commit()

    answer = await send(manager, csv_of(LI))

    assert [error["path"] for error in answer["errors"]] == ["2.home"]


async def test_a_new_number_or_name_of_somebody_there_is_taken_over(
    session: AsyncSession, manager: Caller
) -> None:
    await send(manager, csv_of(ZHANG, WANG))

    answer = await send(
        manager,
        csv_of(
            (*ZHANG[:4], "13700137000", "租户"),
            (*WANG[:3], "王武", *WANG[4:]),
        ),
    )

    assert (answer["people"], answer["residences"], answer["changed"]) == (0, 0, 2)
    assert await lives(session) == {
        ("张三", "13700137000", "/A1/G1/3/2/502/", "tenant"),
        ("王武", "13900139000", "/A2/9/1/101/", "tenant"),
    }


async def test_two_of_one_family_may_share_a_number(session: AsyncSession, manager: Caller) -> None:
    child = (*ZHANG[:3], "张小三", ZHANG[4], "子女")

    first = await send(manager, csv_of(ZHANG, child))
    again = await send(manager, csv_of(child, ZHANG))

    assert (first["people"], again["people"], again["changed"]) == (2, 0, 0)


async def test_a_row_that_only_repeats_another_counts_once(manager: Caller) -> None:
    answer = await send(manager, csv_of(ZHANG, ZHANG, (*ZHANG[:4], "", "")))

    assert (answer["rows"], answer["people"], answer["residences"]) == (3, 1, 1)


async def test_who_lives_in_two_homes_is_one_person(session: AsyncSession, manager: Caller) -> None:
    away = (*WANG[:3], *ZHANG[3:])

    first = await send(manager, csv_of(ZHANG, away))

    assert (first["people"], first["residences"]) == (1, 2)
    assert await session.scalar(select(func.count(func.distinct(Residence.person_id)))) == 1


async def test_who_asked_to_be_confirmed_is_when_name_and_number_agree(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    honest = await a_person(session, town.root, "张三", "13800138000")
    claimed = await a_residence(session, honest, town.home, Standing.CLAIMED)
    await session.commit()

    answer = await send(manager, csv_of(ZHANG))

    assert (answer["people"], answer["residences"], answer["changed"]) == (0, 0, 1)
    await session.refresh(claimed)
    assert claimed.standing is Standing.VERIFIED
    confirmed = await facts(session, "residence.confirmed")
    assert [fact["residence_id"] for fact in confirmed] == [str(claimed.id)]


async def test_who_only_says_a_name_does_not_become_the_one_on_the_list(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    liar = await a_person(session, town.root, "张三", "13999999999")
    claimed = await a_residence(session, liar, town.home, Standing.CLAIMED)
    await session.commit()

    await send(manager, csv_of(ZHANG))

    await session.refresh(claimed)
    await session.refresh(liar)
    assert (claimed.standing, liar.phone) == (Standing.CLAIMED, "13999999999")
    assert ("张三", "13800138000", "/A1/G1/3/2/502/", "owner") in await lives(session)


async def test_a_list_reaches_as_far_as_who_sends_it(
    session: AsyncSession, town: Town, elsewhere: Town, acting: As
) -> None:
    local = await acting(await a_worker(session, town.area, Role.MANAGER))
    await a_resident(session, elsewhere.home, "张三", "13800138000")
    await session.commit()

    beyond = await send(local, csv_of(WANG))
    within = await send(local, csv_of(ZHANG))

    assert [error["path"] for error in beyond["errors"]] == ["2.home"]
    assert (within["people"], within["residences"]) == (1, 1)


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\xff", 422, "sheet-unreadable"),
        (b"a,b\n", 422, "headings-missing"),
        (b"x" * (5 * 1024 * 1024 + 1), 413, "too-large"),
    ],
)
async def test_what_is_no_roster_is_refused(
    manager: Caller, data: bytes, status: int, kind: str
) -> None:
    answer = await send(manager, data)

    assert (answer["status"], answer["type"]) == (status, f"/problems/{kind}")


async def test_one_list_sent_twice_at_once_is_read_once(
    session: AsyncSession, sessions: Sessions, town: Town
) -> None:
    rows = [Row(2, "3", "502", "张三", phone="13800138000")]

    async def read() -> people.Imported:
        async with sessions.begin() as mine:
            return await people.import_roster(mine, rows, system(town.root.community_id))

    answers = await asyncio.gather(read(), read(), read())

    assert sorted(answer.people for answer in answers) == [0, 0, 1]
    assert await session.scalar(select(func.count()).select_from(Person)) == 1


async def test_a_long_list_is_read_in_pieces(session: AsyncSession, town: Town) -> None:
    building = await a_home(session, town.grid, "77-1")
    for door in range(2, 201):
        await a_home(session, town.grid, f"77-{door}")
    by = system(town.root.community_id)
    rows = [
        Row(n, "77", str(n % 200 + 1), f"住户{n}", phone=f"138{n:08}", relation="租户")
        for n in range(4_000)
    ]

    first = await people.import_roster(session, rows, by)
    again = await people.import_roster(session, rows, by)

    assert (first.people, first.residences) == (4_000, 4_000)
    assert (again.people, again.residences, again.changed) == (0, 0, 0)
    here = select(func.count()).where(Residence.home_id == building.id)
    assert await session.scalar(here) == 20
    assert await session.scalar(select(Residence.relation).limit(1)) is Relation.TENANT


async def test_the_words_on_what_is_wrong_are_in_the_readers_language(
    session: AsyncSession, town: Town
) -> None:
    with pytest.raises(RosterWrong) as refused:
        await people.import_roster(
            session, [Row(2, "8", "101", "x")], system(town.root.community_id)
        )

    assert refused.value.errors == [{"path": "2.home", "message": "没有这一户"}]
