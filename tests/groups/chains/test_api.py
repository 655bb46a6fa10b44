"""What staff see of sign-ups and shows of hands, and do with them."""

import csv
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.groups import hands
from app.groups.chains import hearing
from app.groups.chains.merge import Sender
from app.groups.models import Chain, Group, Show
from app.people.access import system
from tests.conftest import Worker
from tests.groups.builders import a_group, a_member
from tests.people.builders import facts
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People


async def a_chain(session: AsyncSession, group: Group, text: str) -> Chain:
    member = await a_member(session, group)
    by = system(group.community_id)
    outcome = await hearing.hear(session, group, member, f"#接龙\n{text}", by=by)
    assert outcome is not None
    await session.commit()
    return outcome.chain


@pytest.fixture
async def chain(session: AsyncSession, group: Group) -> Chain:
    return await a_chain(session, group, "书法课 限2人\n1. 张三 3-1-502 带小孩\n2. 李四\n3. =王五")


@pytest.fixture
async def show(session: AsyncSession, group: Group) -> Show:
    by = system(group.community_id)
    made = await hands.ask(
        session, group, "好吗？", ["好", "不好"], sender=Sender("head", runs=True), by=by
    )
    await hands.raise_hand(session, made, 1, sender_id="a", by=by)
    await session.commit()
    return made


async def test_staff_see_who_is_on_a_sign_up_and_who_waits(
    acting: As, people: People, chain: Chain
) -> None:
    answer = await acting(people.worker).get(f"/chains/{chain.id}")

    assert answer.status_code == 200
    assert answer.headers["ETag"]
    found = answer.json()
    assert (found["title"], found["capacity"]) == ("书法课 限2人", 2)
    assert (found["people"], found["waiting"]) == (3, 1)
    lines = [(each["number"], each["name"], each["waits"]) for each in found["entries"]]
    assert lines == [(1, "张三", False), (2, "李四", False), (3, "=王五", True)]
    assert (found["entries"][0]["unit"], found["entries"][0]["note"]) == ("3-1-502", "带小孩")


async def test_the_sign_ups_of_a_group_are_listed_newest_first(
    acting: As, people: People, session: AsyncSession, group: Group, chain: Chain
) -> None:
    newer = await a_chain(session, group, "合唱队\n1. 张三")
    desk = acting(people.worker)
    await desk.post(f"/chains/{chain.id}/closing")

    async def listed(**params: Any) -> list[tuple[str, int]]:
        answer = await desk.get(f"/groups/{group.id}/chains", params=params)
        assert answer.status_code == 200, answer.text
        return [(each["id"], each["people"]) for each in answer.json()["items"]]

    assert await listed() == [(str(newer.id), 1), (str(chain.id), 3)]
    assert await listed(open=True) == [(str(newer.id), 1)]
    assert await listed(open=False) == [(str(chain.id), 3)]
    first = await desk.get(f"/groups/{group.id}/chains", params={"limit": 1})
    rest = await desk.get(f"/groups/{group.id}/chains", params={"after": first.json()["next"]})
    assert [each["id"] for each in rest.json()["items"]] == [str(chain.id)]


async def test_what_is_elsewhere_is_not_there(
    acting: As, people: People, session: AsyncSession, town: Town, chain: Chain, show: Show
) -> None:
    far = await a_group(session, town, at="/A1/G2/")
    theirs = await a_chain(session, far, "书法课\n1. 张三")
    desk = acting(people.worker)
    nobody = new_id()

    for known, path in [
        (theirs.id, "/chains/{}"),
        (theirs.id, "/chains/{}/export"),
        (far.id, "/groups/{}/chains"),
        (far.id, "/groups/{}/shows"),
    ]:
        answer = await desk.get(path.format(known))
        assert answer.status_code == 404
        assert answer.content == (await desk.get(path.format(nobody))).content
    assert (await acting(people.elsewhere).get(f"/chains/{chain.id}")).status_code == 404
    assert (await acting(people.elsewhere).get(f"/shows/{show.id}")).status_code == 404
    assert (await acting(people.resident).get(f"/chains/{chain.id}")).status_code == 404


async def test_staff_close_a_sign_up_once_and_as_they_read_it(
    acting: As, people: People, session: AsyncSession, chain: Chain
) -> None:
    desk, path = acting(people.worker), f"/chains/{chain.id}/closing"

    stale = await desk.post(path, headers={"If-Match": '"0"'})
    closed = await desk.post(path)
    again = await desk.post(path)

    assert (stale.status_code, closed.status_code, again.status_code) == (412, 200, 409)
    assert closed.json()["closed_at"]
    assert again.json()["type"] == "/problems/chain-is-closed"
    assert await facts(session, "chain.closed") == [{"chain_id": str(chain.id)}]


async def test_staff_take_somebody_off(
    acting: As, people: People, session: AsyncSession, chain: Chain
) -> None:
    desk = acting(people.worker)
    before = (await desk.get(f"/chains/{chain.id}")).json()["entries"]
    path = f"/chains/{chain.id}/entries/{before[0]['id']}"

    gone, again = await desk("DELETE", path), await desk("DELETE", path)
    strange = await desk("DELETE", f"/chains/{chain.id}/entries/{new_id()}")

    assert (gone.status_code, again.status_code, strange.status_code) == (204, 404, 404)
    after = (await desk.get(f"/chains/{chain.id}")).json()["entries"]
    assert [(each["name"], each["waits"]) for each in after] == [("李四", False), ("=王五", False)]
    removed = {"chain_id": str(chain.id), "entry_id": before[0]["id"]}
    assert await facts(session, "chain.entry_removed") == [removed]


async def test_the_list_is_taken_out_as_a_file_and_that_is_a_fact(
    acting: As, people: People, session: AsyncSession, chain: Chain
) -> None:
    desk, path = acting(people.worker), f"/chains/{chain.id}/export"

    table = await desk.get(path, params={"form": "csv"})
    book = await desk.get(path)
    wrong = await desk.get(path, params={"form": "pdf"})

    rows = list(csv.reader(StringIO(table.content.decode("utf-8-sig"))))
    assert rows[0] == ["序号", "姓名", "房号", "人数", "备注", "是否候补", "接龙时间"]
    assert rows[1][:6] == ["1", "张三", "3-1-502", "1", "带小孩", ""]
    assert rows[3][1:6] == ["'=王五", "", "1", "", "候补"]
    assert "xl/worksheets/sheet1.xml" in ZipFile(BytesIO(book.content)).namelist()
    assert wrong.status_code == 422
    taken = {"chain_id": str(chain.id), "rows": 3}
    assert await facts(session, "chain.taken") == [taken, taken]


async def test_staff_see_how_hands_stand_and_have_them_counted(
    acting: As, people: People, session: AsyncSession, group: Group, show: Show, worker: Worker
) -> None:
    desk = acting(people.worker)

    listed = await desk.get(f"/groups/{group.id}/shows", params={"open": True})
    read = await desk.get(f"/shows/{show.id}")
    closed = await desk.post(f"/shows/{show.id}/closing")
    again = await desk.post(f"/shows/{show.id}/closing")

    assert [each["question"] for each in listed.json()["items"]] == ["好吗？"]
    assert read.json()["options"] == [
        {"number": 1, "text": "好", "hands": 1},
        {"number": 2, "text": "不好", "hands": 0},
    ]
    assert closed.json()["closed_at"]
    assert again.json()["type"] == "/problems/show-is-closed"
    assert [fact["show_id"] for fact in await facts(session, "hands.closed")] == [str(show.id)]
    assert UUID(closed.json()["id"]) == show.id
