"""The page of a notice: readable by everybody, in large letters too, and harmless."""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from playwright.async_api import expect

from tests.conftest import Client
from tests.notices.builders import written
from tests.pictures import a_picture
from tests.sandbox.browser import chromium
from tests.service_requests.builders import Caller, Town
from tests.web.barriers import PHONE, all_can_use_each

BODY = (
    "# 安排\n\n|楼|时间|\n|-|-|\n|3栋|9点|\n\n- [公告](https://a.cn)\n\n<script>alert(1)</script>"
)
NEVER = "01a20a6c-61a9-7cec-b651-c8c4c0ec2e9e"


async def a_page(manager: Caller, town: Town, *, body: str = BODY, **differently: Any) -> str:
    """The path of a notice with a picture and a document, published on the site."""
    draft = await written(manager, town, channels=["site"], body=body, **differently)
    path = f"/notices/{draft['id']}"
    for name, data in (("路线图.jpg", a_picture()), ("安排.pdf", b"%PDF-1.7")):
        added = await manager("POST", f"{path}/files", files={"file": (name, data)})
        assert added.status_code == 201
    assert (await manager.post(f"{path}/publication")).status_code == 200
    return f"/c/yiyi{path}"


async def test_a_notice_is_a_page_that_runs_nothing(
    manager: Caller, town: Town, client: Client
) -> None:
    path = await a_page(manager, town, title='停水 "3栋" <b>')

    page = await client.get(path)

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>停水 &#34;3栋&#34; &lt;b&gt;</h1>" in page.text
    assert "<h2>安排</h2>" in page.text
    assert "<script" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    [style] = re.findall("<style>(.*?)</style>", page.text, re.DOTALL)
    assert b64encode(sha256(style.encode()).digest()).decode() in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"


async def test_its_files_are_fetched_from_where_it_stands(
    manager: Caller, town: Town, client: Client
) -> None:
    path = await a_page(manager, town)
    page = (await client.get(path)).text
    [photo] = re.findall('<img src="([^"]+)"', page)
    [document] = re.findall('<li><a href="([^"]+)" download', page)

    shown, saved = await client.get(photo), await client.get(document)

    assert shown.headers["Content-Disposition"].startswith("inline;")
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert (shown.status_code, saved.content) == (200, b"%PDF-1.7")
    for answer in (shown, saved):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    data = (await client.get("/api/v1/communities/yiyi/notices")).json()["items"][0]
    assert [file["name"] for file in data["photos"]] == ["路线图.jpg"]
    assert data["documents"][0]["url"].endswith(document)
    notice_id = path.rpartition("/")[2]
    await manager.post(f"/notices/{notice_id}/withdrawal", {"reason": "有误"})
    for gone in (photo, document):
        assert (await client.get(gone)).status_code == 404


async def test_the_files_of_what_is_not_published_are_nobodys(
    manager: Caller, town: Town, client: Client
) -> None:
    draft = await written(manager, town, channels=["site"])
    added = await manager(
        "POST", f"/notices/{draft['id']}/files", files={"file": ("a.jpg", a_picture())}
    )
    file = added.json()["id"]

    assert (await client.get(f"/c/yiyi/notices/{draft['id']}/files/{file}")).status_code == 404
    assert (await client.get(f"/c/yiyi/notices/{draft['id']}")).status_code == 404


@pytest.mark.parametrize(
    "path", [f"/c/yiyi/notices/{NEVER}", "/c/yiyi/notices/x", "/c/no/feed.xml"]
)
async def test_what_is_not_there_is_a_plain_answer(
    manager: Caller, client: Client, path: str
) -> None:
    assert (await client.get(path)).status_code in {404, 422}


async def test_large_letters_are_one_step_away_and_back(
    manager: Caller, town: Town, client: Client
) -> None:
    path = await a_page(manager, town)

    small, large = await client.get(path), await client.get(f"{path}?large=1")

    assert 'href="?large=1"' in small.text
    assert '<body class="large">' in large.text
    assert 'href="?"' in large.text


@pytest.mark.browser
async def test_everybody_can_use_the_page(manager: Caller, town: Town, client: Client) -> None:
    path = await a_page(manager, town)
    paths = [path, f"{path}?large=1", f"/c/yiyi/notices/{NEVER}"]

    await all_can_use_each(*[(await client.get(each)).text for each in paths])


@pytest.mark.browser
async def test_letters_are_large_enough_to_read(
    manager: Caller, town: Town, client: Client
) -> None:
    path = await a_page(manager, town)

    async with chromium() as browser:
        page = await browser.new_page(viewport=PHONE)
        for size, least in (("", 18), ("?large=1", 30)):
            await page.set_content((await client.get(f"{path}{size}")).text)
            pixels = await page.locator("h1 + p").evaluate("e => getComputedStyle(e).fontSize")
            assert float(pixels.removesuffix("px")) >= least


@pytest.mark.browser
@pytest.mark.parametrize("size", ["", "?large=1"])
async def test_a_wide_table_is_moved_by_keyboard(
    manager: Caller, town: Town, client: Client, size: str
) -> None:
    wide = "\n".join(["|时间" * 12 + "|", "|-" * 12 + "|", "|九点" * 12 + "|"])
    path = await a_page(manager, town, body=f"{BODY}\n\n{wide}")
    html = (await client.get(f"{path}{size}")).text

    await all_can_use_each(html)
    async with chromium() as browser:
        page = await browser.new_page(viewport=PHONE)
        await page.set_content(html)
        table = page.get_by_role("region", name="表格 2")
        await page.get_by_role("link", name="公告").focus()
        await page.keyboard.press("Tab")
        await expect(table).to_be_focused()
        await page.keyboard.press("ArrowRight")
        await page.wait_for_function("document.activeElement.scrollLeft > 0")
