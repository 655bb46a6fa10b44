"""Feeds of the site and the board: what stands in them, and when they need not be sent again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from lxml import etree

from app.core import clock
from tests.conftest import Client
from tests.notices.builders import sent, written
from tests.service_requests.builders import Caller, Town
from tests.service_requests.conftest import As, People

ATOM = {"a": "http://www.w3.org/2005/Atom"}
FEEDS = ("/c/yiyi/feed.xml", "/c/yiyi/feed.json", "/tv/yiyi/feed.json")


async def atom(client: Client) -> etree._Element:
    answer = await client.get("/c/yiyi/feed.xml")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return etree.fromstring(answer.content)


def texts(feed: etree._Element, path: str) -> list[str]:
    found: Any = feed.xpath(path, namespaces=ATOM)
    return [str(each if isinstance(each, str) else each.text) for each in found]


async def published(manager: Caller, town: Town, **differently: Any) -> dict[str, Any]:
    return await sent(manager, town, **({"channels": ["site", "itv"]} | differently))


async def test_the_atom_feed_has_what_rfc_4287_asks_for(
    manager: Caller, town: Town, client: Client
) -> None:
    notice = await published(manager, town, title="停水 <3栋> & 4栋")

    feed = await atom(client)

    for path in ("a:id", "a:title", "a:updated", "a:author/a:name"):
        assert len(texts(feed, path)) == 1, path
    assert texts(feed, "a:link[@rel='self']/@href") == ["http://127.0.0.1:8000/c/yiyi/feed.xml"]
    assert texts(feed, "a:entry/a:id") == [f"urn:uuid:{notice['id']}"]
    assert texts(feed, "a:entry/a:title") == ["停水 <3栋> & 4栋"]
    for path in ("a:entry/a:updated", "a:entry/a:published", "a:updated"):
        moment = datetime.fromisoformat(texts(feed, path)[0])
        assert moment.tzinfo is not None
    [content] = texts(feed, "a:entry/a:content[@type='html']")
    assert "<strong>上午9点</strong>" in content
    [page] = texts(feed, "a:entry/a:link[@rel='alternate']/@href")
    assert page == f"http://127.0.0.1:8000/c/yiyi/notices/{notice['id']}"
    assert texts(feed, "a:entry/a:category/@term") == ["notice"]


async def test_the_json_feed_has_what_its_version_asks_for(
    manager: Caller, town: Town, client: Client
) -> None:
    notice = await published(manager, town)

    answer = await client.get("/c/yiyi/feed.json")

    assert answer.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "伊伊小区 通知公告"
    assert feed["feed_url"].endswith("/c/yiyi/feed.json")
    [item] = feed["items"]
    assert item["id"] == f"urn:uuid:{notice['id']}"
    assert item["title"] == "停水通知"
    assert "<strong>" in item["content_html"]
    assert item["content_text"] == "明天上午9点至12点停水，请提前储水。"
    assert item["date_published"].endswith("Z")


async def test_what_is_not_published_there_is_not_in_it(
    manager: Caller, town: Town, client: Client, post: object
) -> None:
    await written(manager, town, channels=["site"])
    await sent(manager, town, title="只发私信", channels=["post"])
    await sent(manager, town, title="只上电视", channels=["itv"])
    await sent(manager, town, title="只上网站", channels=["site"])

    assert texts(await atom(client), "a:entry/a:title") == ["只上网站"]
    board = (await client.get("/tv/yiyi/feed.json")).json()
    assert [item["title"] for item in board["items"]] == ["只上电视"]
    data = (await client.get("/api/v1/communities/yiyi/notices")).json()
    assert [item["title"] for item in data["items"]] == ["只上网站"]
    assert (await client.get("/c/erer/feed.xml")).status_code == 404


async def test_the_board_shows_emergencies_first(
    manager: Caller, town: Town, client: Client
) -> None:
    await published(manager, town, title="台风", kind="emergency")
    await published(manager, town, title="新闻", kind="news")

    board = (await client.get("/tv/yiyi/feed.json")).json()

    assert [item["title"] for item in board["items"]] == ["台风", "新闻"]
    assert board["items"][0]["text"] == "明天上午9点至12点停水，请提前储水。"


async def test_what_was_withdrawn_is_gone(manager: Caller, town: Town, client: Client) -> None:
    notice = await published(manager, town)

    await manager.post(f"/notices/{notice['id']}/withdrawal", {"reason": "有误"})

    assert texts(await atom(client), "a:entry/a:id") == []
    for path in ("/c/yiyi/feed.json", "/tv/yiyi/feed.json", "/api/v1/communities/yiyi/notices"):
        assert (await client.get(path)).json()["items"] == []
    page = await client.get(f"/c/yiyi/notices/{notice['id']}")
    assert (page.status_code, "上午9点" in page.text) == (404, False)


async def test_what_was_put_right_says_so_and_where(
    manager: Caller, town: Town, client: Client
) -> None:
    notice = await published(manager, town)
    made = await manager.post(f"/notices/{notice['id']}/correction", {"body": "改为后天"})
    await manager.post(f"/notices/{made.json()['id']}/publication")

    feed = await atom(client)

    assert texts(feed, "a:entry/a:title") == ["停水通知", "【已更正】停水通知"]
    related = texts(feed, "a:entry/a:link[@rel='related']/@href")
    assert [link.rpartition("/")[2] for link in related] == [notice["id"], made.json()["id"]]
    assert texts(feed, "a:entry[2]/a:updated") == texts(feed, "a:entry[1]/a:published")
    page = await client.get(f"/c/yiyi/notices/{notice['id']}")
    assert "此通知已更正" in page.text
    assert f"/c/yiyi/notices/{made.json()['id']}" in page.text


@pytest.mark.parametrize("feed", FEEDS)
async def test_what_a_reader_has_is_not_sent_again(
    manager: Caller, town: Town, client: Client, feed: str
) -> None:
    await published(manager, town)
    clock.shift(timedelta(seconds=5))
    first = await client.get(feed)
    has = {"If-None-Match": first.headers["ETag"]}
    since = {"If-Modified-Since": first.headers["Last-Modified"]}

    for headers in (has, since, {"If-None-Match": f'"x", W/{first.headers["ETag"]}'}):
        again = await client.get(feed, headers=headers)
        assert (again.status_code, again.content) == (304, b""), headers
        assert again.headers["ETag"] == first.headers["ETag"]
    notice = await published(manager, town, title="新的")
    for headers in (has, since, has | since):
        assert (await client.get(feed, headers=headers)).status_code == 200, headers
    clock.shift(timedelta(seconds=10))
    newer = {"If-Modified-Since": (await client.get(feed)).headers["Last-Modified"]}
    clock.shift(timedelta(seconds=15))
    await manager.post(f"/notices/{notice['id']}/withdrawal", {"reason": "有误"})
    assert (await client.get(feed, headers=newer)).status_code == 200


async def test_a_date_that_is_none_is_no_date(manager: Caller, client: Client) -> None:
    ahead = format_datetime(datetime.now(UTC) + timedelta(days=1))

    for date, status in (("soon", 200), ("", 200), ("Mon, 99 Foo 2026", 200), (ahead, 304)):
        answer = await client.get("/c/yiyi/feed.xml", headers={"If-Modified-Since": date})
        assert answer.status_code == status, date


async def test_a_change_in_the_same_second_is_not_missed(
    manager: Caller, town: Town, client: Client
) -> None:
    await published(manager, town)

    assert "Last-Modified" not in (await client.get("/c/yiyi/feed.xml")).headers


async def test_the_data_of_the_pages_comes_in_pages(
    manager: Caller, town: Town, client: Client, acting: As, people: People
) -> None:
    for number in range(3):
        await published(manager, town, title=str(number))
    path = "/api/v1/communities/yiyi/notices?limit=2"

    first = (await client.get(path)).json()
    second = (await client.get(f"{path}&after={first['next']}")).json()

    titles = [item["title"] for item in first["items"] + second["items"]]
    assert titles == ["2", "1", "0"]
    assert second["next"] is None


async def test_the_feed_speaks_english_to_who_asks_for_it(
    manager: Caller, town: Town, client: Client
) -> None:
    feed = await client.get("/c/yiyi/feed.xml", headers={"Accept-Language": "en"})

    assert etree.fromstring(feed.content).attrib.values() == ["en"]
    assert feed.headers["Vary"] == "Accept-Language"
