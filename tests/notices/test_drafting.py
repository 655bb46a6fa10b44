"""Writing notices: what is taken, whom they may be for, and who may change them."""

import io
import zipfile
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.core.files import File
from app.people.models import Role
from tests.notices.builders import BODY, Post, a_draft, written
from tests.pictures import a_picture
from tests.service_requests.builders import Town, a_client, a_person, a_town
from tests.service_requests.conftest import As, People

pytestmark = pytest.mark.usefixtures("post")


async def test_staff_write_a_notice_and_see_it_as_html(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    draft = await written(acting(people.worker), town, "/A1/G1/")

    assert (draft["state"], draft["author_id"]) == ("draft", str(people.worker.id))
    assert "<strong>上午9点</strong>" in draft["html"]
    fact = (await session.scalars(select(Fact).where(Fact.kind == "notice.drafted"))).one()
    assert str(fact.subject_id) == draft["id"]


async def test_a_draft_is_seen_by_staff_of_its_place_alone(
    acting: As, people: People, town: Town
) -> None:
    draft = await written(acting(people.leader), town, "/A1/G1/")
    path = f"/notices/{draft['id']}"

    for who, status in (
        (people.leader, 200),
        (people.worker, 200),
        (people.elsewhere, 404),
        (people.resident, 404),
    ):
        assert (await acting(who).get(path)).status_code == status
    assert (await acting(people.elsewhere).get("/notices")).json()["items"] == []


async def test_who_writes_for_another_place_is_refused(
    acting: As, people: People, town: Town
) -> None:
    for who in (people.worker, people.resident, people.elsewhere):
        answer = await acting(who).post("/notices", a_draft(town, "/A1/"))
        assert answer.status_code == 403, answer.text


async def test_an_audience_names_what_is_there_and_within_the_place(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    other = await a_town(session, "erer")
    await session.commit()
    asked = {
        "audience": {
            "places": [str(town.places["/A1/G1/3/"].id), str(town.places["/A1/G2/9/"].id)],
            "groups": [str(other.home.id)],
        },
        "channels": ["post", "pigeon"],
    }

    answer = await acting(people.worker).post("/notices", a_draft(town, "/A1/G1/", **asked))

    assert answer.status_code == 422
    paths = [error["path"] for error in answer.json()["errors"]]
    assert paths == ["audience.places.1", "audience.groups.0", "channels.1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "a" * 20_001},
        {"body": "a\x00b"},
        {"body": ""},
        {"title": "两\n行"},
        {"kind": "poem"},
        {"channels": []},
        {"channels": ["post", "post"]},
        {"media_url": "javascript:alert(1)"},
        {"media_url": "https://"},
        {"knock_after_hours": 0},
        {"audience": {"everybody": True}},
        {"audience": {"tags": [""]}},
        {"audience": {"tags": ["a\x00"]}},
        {"audience": {"places": ["x"]}},
        {"state": "sent"},
        {"author_id": "00000000-0000-0000-0000-000000000000"},
    ],
)
async def test_what_is_no_notice_is_refused(
    acting: As, people: People, town: Town, wrong: dict[str, Any]
) -> None:
    answer = await acting(people.manager).post("/notices", a_draft(town, **wrong))

    assert answer.status_code == 422, answer.text


async def test_two_who_change_a_draft_at_once_do_not_lose_each_others_words(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    manager, worker = acting(people.manager), acting(people.worker)
    draft = await written(worker, town, "/A1/G1/")
    path = f"/notices/{draft['id']}"
    read = (await manager.get(path)).headers["ETag"]

    first = await manager("PATCH", path, json={"title": "新"}, headers={"If-Match": read})
    second = await worker("PATCH", path, json={"body": "新"}, headers={"If-Match": read})

    assert (first.status_code, second.status_code) == (200, 412)
    now = (await worker.get(path)).json()
    assert (now["title"], now["body"]) == ("新", BODY)
    assert now["author_id"] == str(people.manager.id)
    facts = select(Fact.payload).where(Fact.kind == "notice.changed")
    assert [fact["changed"] for fact in await session.scalars(facts)] == [["title"]]


async def test_what_was_sent_is_changed_no_more(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    await a_person(session, town, "网格员", Role.GRID_WORKER, at="/A1/G1/")
    await session.commit()
    manager = acting(people.manager)
    draft = await written(manager, town)
    sent = await manager.post(f"/notices/{draft['id']}/publication")
    assert sent.status_code == 200, sent.text

    changed = await manager.patch(f"/notices/{draft['id']}", {"title": "别的"})
    file = await manager(
        "POST", f"/notices/{draft['id']}/files", files={"file": ("a.jpg", a_picture())}
    )

    for answer in (changed, file):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/notice-not-draft")


async def test_a_program_writes_notices_too(acting: As, town: Town, session: AsyncSession) -> None:
    hub = await a_client(session, town, Role.STAFF)
    await session.commit()

    draft = await written(acting(hub), town)

    assert draft["author_id"] is None


def docx(**extra: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", "<document/>")
        for name, body in extra.items():
            package.writestr(name, body)
    return file.getvalue()


async def test_pictures_and_documents_go_with_a_notice_and_come_back_to_be_saved(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    draft = await written(manager, town)
    path = f"/notices/{draft['id']}"
    files = [
        ("路线图.jpeg", a_picture(), "路线图.jpg", "image/jpeg"),
        ("../../停水 安排.PDF", b"%PDF-1.7\n...", "停水 安排.pdf", "application/pdf"),
        ("说明.txt", "各位居民".encode("gb18030"), "说明.txt", "text/plain; charset=utf-8"),
        ("名单.docx", docx(), "名单.docx", None),
    ]

    for name, data, _, _ in files:
        added = await manager("POST", f"{path}/files", files={"file": (name, data)})
        assert added.status_code == 201, added.text

    read = await manager.get(path)
    assert added.headers["ETag"] == read.headers["ETag"] != '"1"'
    kept = read.json()["files"]
    assert [file["name"] for file in kept] == [name for _, _, name, _ in files]
    for file, (_, data, name, media_type) in zip(kept, files, strict=True):
        got = await manager.get(f"{path}/files/{file['id']}")
        assert got.status_code == 200
        assert media_type is None or got.headers["Content-Type"] == media_type
        assert got.headers["Content-Disposition"].startswith("attachment;")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        if name.endswith(("pdf", "docx")):
            assert got.content == data
        if name.endswith("txt"):
            assert got.text == "各位居民"
    gone = await manager("DELETE", f"{path}/files/{kept[1]['id']}")
    assert gone.status_code == 204
    assert (await manager.get(f"{path}/files/{kept[1]['id']}")).status_code == 404
    left = await session.scalars(select(File.id))
    assert {str(each) for each in left} == {file["id"] for file in kept if file != kept[1]}


async def test_a_file_of_one_notice_is_not_read_through_another(
    acting: As, people: People, town: Town
) -> None:
    manager = acting(people.manager)
    one, other = await written(manager, town), await written(manager, town)
    file = await manager(
        "POST", f"/notices/{one['id']}/files", files={"file": ("a.jpg", a_picture())}
    )

    answer = await manager.get(f"/notices/{other['id']}/files/{file.json()['id']}")

    assert answer.status_code == 404


async def test_a_notice_takes_twenty_files(acting: As, people: People, town: Town) -> None:
    manager = acting(people.manager)
    path = f"/notices/{(await written(manager, town))['id']}/files"

    answers = [
        (await manager("POST", path, files={"file": ("a.pdf", b"%PDF-1.4")})).status_code
        for _ in range(21)
    ]

    assert answers == [*[201] * 20, 409]


async def test_residents_neither_write_nor_change(
    acting: As, people: People, town: Town, post: Post
) -> None:
    draft = await written(acting(people.manager), town)

    answer = await acting(people.resident).patch(f"/notices/{draft['id']}", {"title": "x"})

    assert answer.status_code == 404
