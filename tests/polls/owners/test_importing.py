"""A list of owners read in as a file: all of it, or nothing."""

import asyncio
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.sheets.reading import Row
from app.people.access import system
from app.people.models import Person, Role
from app.polls.models import AreaSource, Deed, Owner, OwnerKind
from app.polls.owners import sheet
from app.polls.owners.importing import Imported, import_owners
from app.polls.owners.queries import owners_of
from app.polls.owners.roll import owner_entries
from tests.people.builders import Caller, a_person, a_residence, a_worker, facts
from tests.people.conftest import As, Town
from tests.people.sheets import row_of, workbook
from tests.places.builders import a_home
from tests.polls.owning import a_deed, an_assembly, an_owner

HEAD = (
    *("楼栋", "单元", "房号", "业主", "电话", "面积", "面积来源"),
    *("共有人", "投票人", "业主类型", "代表人", "状态"),
)
ZHANG = ("3栋", "2单元", "502", "张三", "13800138000", "89.50", "登记", "李四", "李四")
WANG = ("9", "1", "101", "王五", "", "101.2㎡", "合同")


def csv_of(*rows: Sequence[str]) -> bytes:
    return "\r\n".join(",".join(row) for row in (HEAD, *rows)).encode("utf-8-sig")


@pytest.fixture
async def manager(session: AsyncSession, town: Town, acting: As) -> Caller:
    return await acting(await a_worker(session, town.root, Role.MANAGER))


async def send(caller: Caller, data: bytes, **form: str) -> dict[str, Any]:
    answer = await caller.post("/owners/imports", files={"file": ("owners.csv", data)}, data=form)
    body: dict[str, Any] = answer.json()
    return body | {"status": answer.status_code}


async def owned(session: AsyncSession) -> dict[str, tuple[int, str, list[str], str | None]]:
    """Area, its source, the owners and the voter of every home that has a deed, by its path."""
    found: dict[str, tuple[int, str, list[str], str | None]] = {}
    rows = select(Deed).where(Deed.ended_at.is_(None)).execution_options(populate_existing=True)
    for deed in await session.scalars(rows):
        owners = (await owners_of(session, deed.community_id, [deed]))[deed.id]
        await session.refresh(deed, ["home"])
        voter = next((each.name for each in owners if each.id == deed.voter_id), None)
        names = sorted(each.name for each in owners)
        found[deed.home.path] = (deed.area, deed.area_source.value, names, voter)
    return found


async def test_every_home_on_the_list_is_theirs(session: AsyncSession, manager: Caller) -> None:
    answer = await send(manager, csv_of(ZHANG, WANG))

    new = {"rows": 2, "owners": 3, "people": 1, "deeds": 2, "changed": 0, "dry_run": False}
    assert answer == new | {"status": 200}
    assert await owned(session) == {
        "/A1/G1/3/2/502/": (8950, "registry", sorted(["张三", "李四"]), "李四"),
        "/A2/9/1/101/": (10120, "contract", ["王五"], None),
    }
    known = await session.execute(
        select(Owner.name, Person.phone).join(Person, Person.id == Owner.person_id)
    )
    assert known.all() == [("张三", "13800138000")]
    (fact,) = await facts(session, "polls.owners_imported")
    assert (fact["owners"], fact["deeds"], fact["changed"]) == (3, 2, 0)


async def test_the_same_list_again_changes_nothing(session: AsyncSession, manager: Caller) -> None:
    await send(manager, csv_of(ZHANG, WANG))
    before = await owned(session)

    again = await send(manager, csv_of(WANG, ZHANG))

    counts = [again[name] for name in ("owners", "people", "deeds", "changed")]
    assert counts == [0, 0, 0, 0]
    assert await owned(session) == before


async def test_a_trial_writes_nothing(session: AsyncSession, manager: Caller) -> None:
    answer = await send(manager, csv_of(ZHANG), dry_run="true")

    assert (answer["status"], answer["deeds"], answer["dry_run"]) == (200, 1, True)
    for table in (Deed, Owner):
        assert await session.scalar(select(func.count()).select_from(table)) == 0
    assert await facts(session, "polls.owners_imported") == []


async def test_every_wrong_row_is_named_and_nothing_is_written(
    session: AsyncSession, manager: Caller
) -> None:
    door = ("9", "1", "101")
    answer = await send(
        manager,
        csv_of(
            ZHANG,
            ("8栋", "1", "101", "赵六", "", "50"),
            (*door, "", "12345", "89.505", "估计", "赵六、赵六", "钱七", "皇帝", "", "也许"),
            (*door, "", "", "0", "", "赵六、赵六", "钱七"),
            (*door, "甲公司", "13800138000", "10", "", "", "", "单位"),
            ZHANG,
            (*door, "万科", "", "10", "", "李四", "", "", "", "未售"),
        ),
    )

    assert (answer["status"], answer["type"]) == (422, "/problems/owners-wrong")
    assert {error["path"] for error in answer["errors"]} == {
        *("3.home", "4.area", "4.source", "4.kind", "4.voter"),
        *("5.area", "5.others", "5.voter", "6.representative", "7.home", "8.others"),
    }
    assert "第2行" in next(e["message"] for e in answer["errors"] if e["path"] == "7.home")
    assert "12345" not in str(answer)
    assert await owned(session) == {}
    assert await session.scalar(select(func.count()).select_from(Owner)) == 0


async def test_all_that_is_not_sold_is_one_developers(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    await a_home(session, town.grid, "3-2-503")
    await session.commit()
    unsold = [
        (*ZHANG[:3], "", "", "80", "", "", "", "", "", "未售"),
        ("3栋", "2单元", "503", "万科地产", "", "80", "", "", "", "", "", "未售"),
        (*WANG[:3], "", "", "80", "", "", "", "开发商"),
    ]
    named = await send(manager, csv_of(*unsold[1:]))
    other = ("3栋", "2单元", "502", "绿城地产", "", "80", "", "", "", "", "", "未售")

    unnamed = await send(manager, csv_of(unsold[0]))
    second = await send(manager, csv_of(unsold[1], other))

    assert (named["owners"], unnamed["owners"]) == (1, 0)
    assert [error["path"] for error in second["errors"]] == ["3.name"]
    assert {names[0] for _, _, names, _ in (await owned(session)).values()} == {"万科地产"}
    poll = await an_assembly(session, town.root)
    assert await owner_entries(session, poll) == 1


async def test_an_owner_of_two_homes_with_one_number_is_one_head(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    away = (*WANG[:3], "张三", "+86 138-0013-8000", "50")

    answer = await send(manager, csv_of((*ZHANG[:7],), away))

    assert (answer["owners"], answer["people"], answer["deeds"]) == (1, 1, 2)
    poll = await an_assembly(session, town.root)
    assert await owner_entries(session, poll) == 1


async def test_namesakes_without_a_number_are_not_taken_for_one(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    here, there = (*ZHANG[:4], "", "50"), (*WANG[:3], "张三", "", "50")

    first = await send(manager, csv_of(here, there))
    again = await send(manager, csv_of(there, here))

    assert (first["owners"], again["owners"], again["changed"]) == (2, 0, 0)
    poll = await an_assembly(session, town.root)
    assert await owner_entries(session, poll) == 2


async def test_who_lives_there_under_the_name_is_known_without_a_number(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    wang = await a_person(session, town.root, "王五", "13900139000")
    await a_residence(session, wang, town.far_home)
    await session.commit()

    answer = await send(manager, csv_of(WANG))

    assert (answer["owners"], answer["people"]) == (1, 0)
    assert await session.scalar(select(Owner.person_id)) == wang.id


async def test_a_number_learned_later_says_who_the_owner_is(
    session: AsyncSession, manager: Caller
) -> None:
    await send(manager, csv_of(WANG))

    answer = await send(manager, csv_of((*WANG[:4], "13900139000", *WANG[5:])))

    assert (answer["owners"], answer["people"], answer["changed"]) == (0, 1, 0)
    (person_id,) = await session.scalars(select(Owner.person_id))
    assert person_id == await session.scalar(select(Person.id).where(Person.name == "王五"))


async def test_a_home_with_new_owners_was_sold_and_one_with_some_of_them_changed(
    session: AsyncSession, manager: Caller
) -> None:
    await send(manager, csv_of(ZHANG, WANG))
    partly = (*ZHANG[:3], "张三", "13800138000", "90.01", "实测")
    sold = (*WANG[:3], "赵六", "", "101.2", "合同")

    answer = await send(manager, csv_of(partly, sold))

    assert (answer["deeds"], answer["changed"]) == (1, 1)
    assert await owned(session) == {
        "/A1/G1/3/2/502/": (9001, "measured", ["张三"], None),
        "/A2/9/1/101/": (10120, "contract", ["赵六"], None),
    }
    assert await session.scalar(select(func.count()).where(Deed.ended_at.is_not(None))) == 1


async def test_a_voter_who_was_named_stays_where_the_cell_is_empty(
    session: AsyncSession, town: Town, manager: Caller
) -> None:
    both = [await an_owner(session, town.root, name=name) for name in ("张三", "李四")]
    await a_deed(session, town.home, *both, voter=both[1])
    await session.commit()

    answer = await send(manager, csv_of((*ZHANG[:4], "", "90", "登记", "李四")))

    assert answer["changed"] == 1
    assert (await owned(session))["/A1/G1/3/2/502/"][3] == "李四"


async def test_a_company_is_one_by_its_name_with_who_represents_it(
    session: AsyncSession, manager: Caller
) -> None:
    company = ("甲公司", "13800138000", "80", "", "", "", "单位", "陈会计")
    rows = [(*ZHANG[:3], *company), (*WANG[:3], *company)]

    answer = await send(manager, csv_of(*rows))

    assert (answer["owners"], answer["people"]) == (1, 1)
    owner = (await session.scalars(select(Owner))).one()
    assert (owner.kind, owner.name) == (OwnerKind.ORGANIZATION, "甲公司")
    name = await session.scalar(select(Person.name).where(Person.id == owner.person_id))
    assert name == "陈会计"


async def test_an_area_that_excel_could_not_keep_is_read_as_it_was_typed(
    session: AsyncSession, manager: Caller
) -> None:
    number = '<c r="F2"><v>89.549999999999997</v></c>'
    cells = row_of(2, ZHANG[:5]).replace("</row>", f"{number}</row>")

    answer = await send(manager, workbook(row_of(1, HEAD) + cells))

    assert answer["status"] == 200, answer
    assert await session.scalar(select(Deed.area)) == 8955


async def test_a_list_reaches_as_far_as_who_sends_it(
    session: AsyncSession, town: Town, acting: As
) -> None:
    local = await acting(await a_worker(session, town.area, Role.STAFF))

    beyond = await send(local, csv_of(WANG))
    within = await send(local, csv_of(ZHANG))

    assert [error["path"] for error in beyond["errors"]] == ["2.home"]
    assert within["deeds"] == 1


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\xff", 422, "sheet-unreadable"),
        ("楼栋,房号,业主\n".encode(), 422, "owner-headings-missing"),
        (b"x" * (5 * 1024 * 1024 + 1), 413, "too-large"),
    ],
)
async def test_what_is_no_list_of_owners_is_refused(
    manager: Caller, data: bytes, status: int, kind: str
) -> None:
    answer = await send(manager, data)

    assert (answer["status"], answer["type"]) == (status, f"/problems/{kind}")


async def test_the_template_is_read_as_it_is(town: Town, manager: Caller) -> None:
    answer = await manager.get("/owners/template.xlsx")

    assert answer.headers["content-disposition"] == 'attachment; filename="owners.xlsx"'
    assert zipfile.is_zipfile(io.BytesIO(answer.content))
    rows = sheet.read(answer.content)
    assert [row["name"] for row in rows] == ["张三", ""]
    first = await send(manager, answer.content)
    assert [error["path"] for error in first["errors"]] == ["3.home"]


async def test_one_list_sent_twice_at_once_is_read_once(
    session: AsyncSession, sessions: Sessions, town: Town
) -> None:
    cells = {"building": "3", "home": "502", "name": "张三", "area": "50"}
    by = system(town.root.community_id)

    async def read() -> Imported:
        async with sessions.begin() as mine:
            return await import_owners(mine, [Row(2, cells)], by=by)

    answers = await asyncio.gather(read(), read(), read())

    assert sorted(answer.deeds for answer in answers) == [0, 0, 1]
    assert await session.scalar(select(func.count()).select_from(Owner)) == 1
    assert await session.scalar(select(Deed.area_source)) is AreaSource.REGISTRY
