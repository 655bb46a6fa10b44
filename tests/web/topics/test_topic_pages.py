"""Topics and councils as pages: for everybody to read, naming nobody, and harmless."""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import system
from app.polls import queries
from app.polls.service import closing, opening
from tests.conftest import Client, Worker
from tests.polls.builders import a_form
from tests.polls.councils.conftest import Councils
from tests.polls.topics.conftest import Topics
from tests.service_requests.builders import Caller
from tests.service_requests.conftest import As, People
from tests.web.barriers import all_can_use_each

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)> [点我](javascript:alert(3))"


async def says(
    caller: Caller, manager: Caller, topic: dict[str, Any], text: str, **more: Any
) -> dict[str, Any]:
    """Something that is said, and shown."""
    path = f"/topics/{topic['id']}/posts"
    made = await caller.post(path, {"text": text} | more)
    assert made.status_code == 201, made.text
    shown = await manager.post(f"{path}/{made.json()['id']}/moderation", {"shown": True})
    assert shown.status_code == 200, shown.text
    post: dict[str, Any] = shown.json()
    return post


@pytest.fixture
async def told(
    *, discussed: Topics, acting: As, people: People, worker: Worker, session: AsyncSession
) -> dict[str, Any]:
    """A topic that went all the way: voted on, resolved, carried out, and accounted for."""
    topic = await discussed()
    manager, path = acting(people.manager), f"/topics/{topic['id']}"
    question = await says(acting(people.resident), manager, topic, "什么时候装？\n快一点")
    answer = {"text": "下月**初**", "official": True, "answers_id": question["id"]}
    official = (await manager.post(f"{path}/posts", answer)).json()
    await says(acting(people.neighbour), manager, topic, "谢谢", answers_id=official["id"])
    form = a_form().model_dump(mode="json")
    body = {"form": form, "closes_at": "2030-01-02T03:04:05Z"}
    drafted = (await manager.post(f"{path}/polls", body)).json()
    by = system(people.manager.community_id)
    poll = await queries.alone(session, by.community_id, UUID(drafted["poll_id"]))
    assert poll
    await opening.open_now(session, poll, by=by)
    await session.flush()
    await closing.close(session, poll, by=by)
    await session.commit()
    await manager.post(f"{path}/resolution", {"text": "在**车棚**装六个"})
    made = await manager.post(f"{path}/requests", {"category": "other", "summary": "王五家"})
    await worker.catch_up()
    await manager.take(made.json()["requests"][0], "complete", note="好了")
    closed = await manager.post(f"{path}/account", {"text": "六个桩都通电了"})
    assert closed.status_code == 200, closed.text
    whole: dict[str, Any] = closed.json()
    return whole


async def test_the_page_tells_a_topic_from_beginning_to_end(
    told: dict[str, Any], client: Client
) -> None:
    page = await client.get(f"/c/yiyi/topics/{told['number']}")

    assert page.status_code == 200
    [way] = re.findall('<ol class="steps".*?</ol>', page.text, re.DOTALL)
    steps = re.findall(r'<li( class="taken")?>(\w+)', way)
    assert [word for _, word in steps] == [
        "提出",
        "附议",
        "讨论",
        "表决",
        "决议",
        "落实",
        "告知结果",
    ]
    assert [word for taken, word in steps if not taken] == ["附议"]
    for words in (
        *("<h1>楼下装充电桩</h1>", "李** 提出", "在<strong>车棚</strong>装六个", "六个桩都通电了"),
        *("什么时候装？\n快一点", "下月<strong>初</strong>", "官方答复", "回复 李**"),
        *("方案A", "/c/yiyi/polls/1", "已完成", str(told["requests"][0]["number"])),
    ):
        assert words in page.text, words


async def test_the_page_names_nobody(told: dict[str, Any], client: Client, people: People) -> None:
    page = (await client.get(f"/c/yiyi/topics/{told['number']}")).text

    for secret in ("李桂兰", "赵敏", "周主任", "王五家", told["id"], told["requests"][0]["id"]):
        assert secret not in page, secret
    for person in (people.resident, people.neighbour, people.manager):
        assert str(person.id) not in page


async def test_what_somebody_writes_does_nothing_on_the_page(
    discussed: Topics, acting: As, people: People, client: Client
) -> None:
    topic = await discussed(title="<b>题</b>", body=EVIL)
    manager = acting(people.manager)
    await says(acting(people.resident), manager, topic, EVIL)
    official = {"text": EVIL, "official": True}
    await manager.post(f"/topics/{topic['id']}/posts", official)
    await manager.post(f"/topics/{topic['id']}/resolution", {"text": EVIL})
    await manager.post(f"/topics/{topic['id']}/account", {"text": EVIL})

    page = await client.get(f"/c/yiyi/topics/{topic['number']}")

    assert "<h1>&lt;b&gt;题&lt;/b&gt;</h1>" in page.text
    assert page.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 5
    for tag in ("<script", "<img", 'href="javascript'):
        assert tag not in page.text, tag
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    [style] = re.findall("<style>(.*?)</style>", page.text, re.DOTALL)
    assert b64encode(sha256(style.encode()).digest()).decode() in policy


async def test_what_is_not_public_has_no_page(
    topic: Topics, acting: As, people: People, client: Client
) -> None:
    raised = await topic()
    pages = [(await client.get(f"/c/yiyi/topics/{n}")) for n in (1, 0, 2, "x", "-1", 10**30, "²")]

    assert {page.status_code for page in pages} == {404}
    assert all("楼下装充电桩" not in page.text for page in pages)
    assert "楼下装充电桩" not in (await client.get("/c/yiyi/topics")).text
    await acting(people.manager).post(f"/topics/{raised['id']}/refusal", {"reason": "不归我们管"})
    assert (await client.get("/c/yiyi/topics/1")).status_code == 404
    assert (await client.get("/c/nowhere/topics")).status_code == 404


async def test_what_waits_or_is_hidden_is_not_on_the_page(
    discussed: Topics, acting: As, people: People, client: Client
) -> None:
    topic = await discussed()
    manager, path = acting(people.manager), f"/topics/{topic['id']}/posts"
    await acting(people.resident).post(path, {"text": "还没审"})
    hidden = await says(acting(people.neighbour), manager, topic, "被隐藏")
    await manager.post(f"{path}/{hidden['id']}/moderation", {"shown": False, "reason": "广告"})

    page = (await client.get("/c/yiyi/topics/1")).text

    assert "还没有人发言" in page
    for words in ("还没审", "被隐藏", "广告"):
        assert words not in page


async def test_topics_and_posts_come_in_pages_also_in_large_letters(
    topic: Topics, acting: As, people: People, client: Client
) -> None:
    manager = acting(people.manager)
    first = await topic(people.manager)
    for _ in range(20):
        await topic(people.manager)
    for number in range(51):
        await manager.post(f"/topics/{first['id']}/posts", {"text": f"第{number}条"})

    topics = await client.get("/c/yiyi/topics?large=1")
    [more] = re.findall('href="([^"]+)" rel="next"', topics.text)
    older = await client.get("/c/yiyi/topics" + more.replace("&amp;", "&"))
    posts = await client.get(f"/c/yiyi/topics/{first['number']}")
    [next_posts] = re.findall('href="([^"]+)" rel="next"', posts.text)
    last = await client.get(f"/c/yiyi/topics/{first['number']}{next_posts}")

    assert topics.text.count('<li><a href="/c/yiyi/topics/') == 20
    assert '<body class="large">' in older.text
    assert older.text.count('<li><a href="/c/yiyi/topics/') == 1
    assert ("第0条" in posts.text, "第50条" in posts.text) == (True, False)
    assert ("第0条" in last.text, "第50条" in last.text) == (False, True)


async def test_a_councils_page_shows_minutes_once_it_was_held(
    sitting: Councils, discussed: Topics, acting: As, people: People, client: Client
) -> None:
    made = await sitting()
    topic = await discussed()
    manager = acting(people.manager)
    path = f"/councils/{made['council_id']}/sittings/{made['id']}"
    items = [{"topic_id": topic["id"]}, {"title": "其他"}]
    await manager("PUT", f"{path}/agenda", json={"items": items})
    page = f"/c/yiyi/councils/{made['council_id']}"

    before = (await client.get(page)).text
    body = {"minutes": f"**一致**同意 {EVIL}", "attended": 15, "outcomes": {"2": "下次再议"}}
    await manager("PUT", f"{path}/minutes", json=body)
    after = (await client.get(page)).text
    listed = (await client.get("/c/yiyi/topics")).text

    assert ("2026年1月10日 19:00" in before, "纪要" in before) == (True, False)
    assert f'<a href="/c/yiyi/topics/{topic["number"]}">楼下装充电桩</a>' in before
    for words in ("15 人到会", "<strong>一致</strong>同意", "结果：下次再议"):
        assert words in after, words
    assert "<script" not in after
    assert f'<a href="/c/yiyi/councils/{made["council_id"]}">第一网格议事会</a>' in listed


async def test_a_council_that_is_none_has_no_page(people: People, client: Client) -> None:
    never = "01a20a6c-61a9-7cec-b651-c8c4c0ec2e9e"

    assert (await client.get(f"/c/yiyi/councils/{never}")).status_code == 404


@pytest.mark.browser
async def test_everybody_can_use_the_pages(
    told: dict[str, Any], sitting: Councils, acting: As, people: People, client: Client
) -> None:
    held = await sitting()
    path = f"/councils/{held['council_id']}/sittings/{held['id']}"
    manager = acting(people.manager)
    await manager("PUT", f"{path}/agenda", json={"items": [{"topic_id": told["id"]}]})
    await manager("PUT", f"{path}/minutes", json={"minutes": "|a|b|\n|-|-|\n|1|2|", "attended": 3})
    paths = ["/topics", f"/topics/{told['number']}", f"/councils/{held['council_id']}", "/topics/9"]
    pages = [
        (await client.get(f"/c/yiyi{each}{large}")).text
        for each in paths
        for large in ("", "?large=1")
    ]

    await all_can_use_each(*pages)
