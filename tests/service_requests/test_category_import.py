"""The catalogue in a spreadsheet: taken out, changed, and read in, all of it or nothing."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.core.sheets.reading import rows_of
from app.service_requests.catalogue import shipped
from app.service_requests.catalogue_cells import COLUMNS
from app.service_requests.models import Category, CategoryVersion
from tests.people.sheets import row_of, workbook, zipped
from tests.service_requests.builders import Caller, Town
from tests.service_requests.conftest import As, People
from tests.service_requests.test_category_versions import an_organization

IMPORTS = "/service-categories/imports"
NEEDED = ("代码", "名称", "分组", "条线", "首次答复时限", "办结时限")
BEES = ("bees", "马蜂", "公共安全", "平安", "1小时", "5个工作日")


def csv_of(*rows: Sequence[str], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_of(*rows: Sequence[str]) -> bytes:
    return workbook("".join(row_of(at, row) for at, row in enumerate(rows, start=1)))


async def read_in(caller: Caller, data: bytes, **form: str) -> Any:
    return await caller("POST", IMPORTS, files={"file": ("catalogue.csv", data)}, data=form)


async def wrong(caller: Caller, *rows: Sequence[str]) -> dict[str, str]:
    answer = await read_in(caller, csv_of(*rows))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/catalogue-wrong")
    return {error["path"]: error["message"] for error in answer.json()["errors"]}


async def stored(session: AsyncSession) -> list[dict[str, Any]]:
    session.expunge_all()
    rows = await session.scalars(select(Category).order_by(Category.code))
    names = [column.key for column in Category.__table__.columns]
    return [{name: getattr(each, name) for name in names} for each in rows]


async def count(session: AsyncSession, table: Any) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_what_was_taken_out_reads_in_without_a_change(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    ours, help_, gone = [
        await an_organization(session, town, code) for code in ("ours", "help", "gone")
    ]
    await session.commit()
    nasty = {
        "organization_id": str(gone.id),
        "keywords": ['说"好"的', '"', "a、b", "，", "=1+1", "_x0041_", "水管 漏"],
        "guide": {
            "text": "=HYPERLINK(1)\r\n第二行\t制表 🎸 ]]>&lt; _x000D_ _x005F_",
            "bring": ["身份证、户口簿", '"引号"', "照片"],
            "who": "'单引号",
        },
        "source": "+1",
        "update_limit": None,
        "warn_percent": 99,
        "active": False,
    }
    assert (await manager.patch("/service-categories/noise", nasty)).status_code == 200
    partners = {"organization_ids": [str(help_.id), str(ours.id)]}
    await manager("PUT", "/service-categories/noise/partners", json=partners)
    gone.active = help_.active = False
    await session.commit()
    before = await stored(session)
    facts, versions = await count(session, Fact), await count(session, CategoryVersion)

    taken = await manager.get("/service-categories/template.xlsx")
    assert taken.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert "attachment" in taken.headers["Content-Disposition"]
    for dry_run in ("true", "false"):
        answer = await read_in(manager, taken.content, dry_run=dry_run)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {
            "rows": len(before),
            "added": [],
            "changed": {},
            "ignored": [],
            "dry_run": dry_run == "true",
        }
    assert await stored(session) == before
    assert (await count(session, Fact), await count(session, CategoryVersion)) == (facts, versions)


async def test_every_cell_taken_out_is_text(acting: As, people: People) -> None:
    manager = acting(people.manager)
    await manager.patch("/service-categories/noise", {"name": "=1+1", "source": "@x"})
    taken = await manager.get("/service-categories/template.xlsx")
    rows = [cells for _number, cells in rows_of(taken.content)]
    assert rows[0] == [column.heading for column in COLUMNS]
    assert "=1+1" in [row[1] for row in rows]
    assert b"<f>" not in taken.content


async def test_rows_are_added_and_changed_with_a_fact_for_each(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    await an_organization(session, town, "ours")
    await session.commit()
    head = (
        *NEEDED,
        *("关键词", "责任单位", "协办单位", "派单方式", "更新时限", "依据", "指南", "谁来办"),
        *("多久办", "带什么", "依据文件", "可匿名", "保密", "公开", "回访", "备注"),
    )
    bees = (
        *BEES,
        *("马蜂、蜂窝,蜜蜂；虫", "ours", "ours", "抢单", "2天", "社区自定", "别碰", "网格员"),
        *("当天", "照片\n位置", "某条例", "是", "", "√", "电话回访", "随便"),
    )
    noise = ("noise", "噪声", "邻里纠纷", "平安", "2h", "3wd", *[""] * 8, *[""] * 8)
    sheet = csv_of(head, bees, noise)

    dry = await read_in(manager, sheet, dry_run="true")
    assert (await manager.get("/service-categories/bees")).status_code == 404
    real = await read_in(manager, sheet)
    assert real.status_code == 200, real.text

    expected = {
        "rows": 2,
        "added": ["bees"],
        "changed": {
            "noise": sorted(
                (
                    *("name", "resolve_limit", "keywords", "update_limit", "source", "guide"),
                    *("anonymous_allowed", "public"),
                )
            )
        },
        "ignored": ["备注"],
    }
    for answer, dry_run in ((dry, True), (real, False)):
        told = answer.json()
        told["changed"] = {code: sorted(names) for code, names in told["changed"].items()}
        assert told == expected | {"dry_run": dry_run}
    made = (await manager.get("/service-categories/bees")).json()
    assert made["keywords"] == ["马蜂", "蜂窝", "蜜蜂", "虫"]
    assert (made["dispatch"], made["visit_policy"], made["speciality"]) == (
        "taking",
        "called",
        "safety",
    )
    assert (made["answer_limit"], made["update_limit"], made["resolve_limit"]) == (
        "1h",
        "2d",
        "5wd",
    )
    assert made["guide"] == {
        "text": "别碰",
        "who": "网格员",
        "time": "当天",
        "bring": ["照片", "位置"],
        "rule": "某条例",
    }
    assert (made["anonymous_allowed"], made["confidential"], made["public"]) == (True, False, True)
    assert made["position"] == len(shipped()) + 1
    partners = (await manager.get("/service-categories/bees/partners")).json()
    assert [each["code"] for each in partners["items"]] == ["ours"]
    changed = (await manager.get("/service-categories/noise")).json()
    assert (changed["name"], changed["guide"]["text"], changed["keywords"]) == ("噪声", None, [])
    assert changed["questions"], "a sheet does not speak of questions"
    assert changed["place_rule"] == "building", "a column that is not there is left alone"
    facts = select(Fact).where(Fact.kind.startswith("service_ca")).order_by(Fact.id)
    kinds = [fact.kind for fact in await session.scalars(facts)]
    assert kinds == [
        "service_catalogue.installed",
        "service_category.added",
        "service_category.changed",
        "service_category.changed",
        "service_catalogue.imported",
    ]
    last = (await session.scalars(facts)).all()[-1]
    assert (last.payload["added"], last.payload["changed"]) == (["bees"], ["noise"])
    assert (await read_in(manager, sheet)).json()["changed"] == {}


async def test_every_fault_is_named_by_row_and_column_and_nothing_is_written(
    acting: As, people: People, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    head = (*NEEDED, "保密", "公开", "派单方式", "责任单位", "协办单位", "预警比例", "排序")
    plain = [""] * 7
    good = (*BEES, *plain)

    def bad(code: str, at: int, cell: str) -> list[str]:
        row = [*good]
        row[0], row[at] = code, cell
        return row

    faults = await wrong(
        manager,
        head,
        good,
        (*BEES, *plain),
        bad("两个字", 1, "名"),
        bad("b", 1, ""),
        bad("c", 3, "水管工"),
        bad("d", 4, "5周"),
        bad("e", 5, "0天"),
        bad("f", 6, "也许"),
        bad("g", 8, "随缘"),
        bad("h", 9, "nobody"),
        bad("i", 10, "x、y"),
        bad("j", 11, "100"),
        bad("k", 12, "-1"),
        bad("l", 1, "名" * 201),
        ("m", *BEES[1:], "是", "是", *[""] * 5),
        ("suggestions", *BEES[1:], *plain),
        ("", *BEES[1:], *plain),
        ("n",),
        ("o", "名", "组", "平安", "", "1天", *plain),
    )
    assert set(faults) == {
        *("3.code", "4.code", "5.name", "6.speciality", "7.answer_limit", "8.resolve_limit"),
        *("9.confidential", "10.dispatch", "11.organization", "12.partners"),
        *("13.warn_percent", "14.position", "15.name", "16.public", "17.code", "18.code"),
        *("19.name", "19.group", "19.speciality", "19.answer_limit", "19.resolve_limit"),
        "20.answer_limit",
    }
    assert faults["3.code"] == "与第2行重复"
    assert faults["5.name"] == faults["20.answer_limit"] == "不能为空"
    assert faults["12.partners"] == "没有这个单位：x、y"
    assert (await manager.get("/service-categories/bees")).status_code == 404
    assert "service_category.added" not in list(await session.scalars(select(Fact.kind)))


async def test_a_confidential_one_is_not_made_public_by_one_column(
    acting: As, people: People
) -> None:
    manager = acting(people.manager)
    assert await wrong(manager, ("代码", "公开"), ("conduct", "是")) == {
        "2.public": "保密的类别不能公开"
    }
    only = await read_in(manager, csv_of(("code", "public"), ("conduct", "no"), ("noise", "")))
    assert only.json()["changed"] == {"noise": ["public"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_headings_are_chinese_or_english_in_any_encoding_excel_writes(
    acting: As, people: People, encoding: str
) -> None:
    english = ("CODE", "名称 name", "group", " Speciality ", "answer limit", "resolve_limit")
    for at, head in enumerate((NEEDED, english)):
        bees = (f"bees{at}", *BEES[1:])
        answer = await read_in(acting(people.manager), csv_of(head, bees, encoding=encoding))
        assert answer.json().get("added") == [f"bees{at}"], answer.text
    numbers = xlsx_of(("代码", "预警比例"), ("bees0", "60"))
    answer = await read_in(acting(people.manager), numbers)
    assert answer.json()["changed"] == {"bees0": ["warn_percent"]}


async def test_what_cannot_be_read_is_refused_before_anything_else(
    acting: As, people: People
) -> None:
    manager = acting(people.manager)
    many = csv_of(("代码",), *[(f"c{n}",) for n in range(1001)])
    refusals = {
        b"": "catalogue-headings-missing",
        b"\xff\xfe\x00": "sheet-unreadable",
        csv_of(("名称", "分组"), ("a", "b")): "catalogue-headings-missing",
        zipped({"xl/workbook.xml": "x"}): "sheet-unreadable",
        zipped({"bomb": b"0" * 20_000_000}): "sheet-unreadable",
        many: "catalogue-too-long",
        b"0" * (5 * 1024 * 1024 + 1): "too-large",
    }
    for data, problem in refusals.items():
        answer = await read_in(manager, data)
        assert answer.json()["type"] == f"/problems/{problem}", answer.text
        assert answer.status_code == (413 if problem == "too-large" else 422)
    for who in (people.resident, people.worker, people.leader):
        assert (await read_in(acting(who), csv_of(NEEDED, BEES))).status_code == 403
        taken = await acting(who).get("/service-categories/template.xlsx")
        assert taken.status_code == 403
