from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, ViewportSize, expect
from starlette.responses import PlainTextResponse

from tests.sandbox.browser import chromium
from tests.sandbox.rig import OPENID, Box, Desk, text_reply, until
from tests.sandbox.test_media import a_picture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1400, height=940)
PATIENCE_MS = 30_000
MOST_WAITS = 30
MENU = [
    {"type": "click", "name": "我要报修", "key": "report"},
    {"name": "更多", "sub_button": [{"type": "click", "name": "绑定住址", "key": "bind"}]},
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, box: Box) -> AsyncIterator[Page]:
    """A page that must stay on this machine and never complain."""
    opened = await browser.new_page(viewport=DESK, locale="zh-CN")
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    complaints: list[str] = []
    opened.on("console", lambda line: complaints.append(line.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("dialog", lambda dialog: complaints.append(dialog.message))
    outside: list[str] = []
    waits: list[str] = []

    async def keep_inside(route: Route) -> None:
        if "wait=" in route.request.url:
            waits.append(route.request.url)
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            return await route.continue_()
        outside.append(route.request.url)
        return await route.abort()

    await opened.route("**/*", keep_inside)
    yield opened
    await opened.context.close()
    assert (complaints, outside) == ([], [])
    assert len(waits) < MOST_WAITS, "the page asks again and again"


async def pick_up(page: Page, box: Box, name: str = "李秀英") -> None:
    await page.goto(f"{box.address}/sandbox/")
    await page.get_by_role("button", name=name).click()
    await expect(page.locator("#holder")).to_contain_text(name)


async def write(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="输入消息").fill(text)
    await page.keyboard.press("Enter")


async def test_what_is_typed_is_sent_and_the_reply_appears(page: Page, box: Box) -> None:
    await pick_up(page, box)

    await write(page, "厨房水管漏水")

    await expect(page.locator(".said.out .words")).to_have_text("厨房水管漏水")
    await expect(page.locator(".said.in .words")).to_have_text("听到：厨房水管漏水")
    await page.reload()
    await expect(page.locator(".said.in .words")).to_have_text("听到：厨房水管漏水")
    await expect(page.locator("#holder")).to_have_text("李秀英 · 3栋2单元502")


async def test_markup_stays_text(page: Page, box: Box, desk: Desk) -> None:
    box.add("oEvil", name="<img src=x onerror=alert(1)>", home="<script>alert(2)</script>")
    await pick_up(page, box, "<img src=x")
    text = '<img src="/x" onerror="alert(3)"> <a href="javascript:alert(4)">点我</a>'
    desk.answers = [desk.replying(text_reply(text, to="oEvil"))]

    await write(page, text)

    await expect(page.locator(".said.out .words")).to_have_text(text)
    await expect(page.locator(".said.in .words")).to_contain_text("点我")
    assert await page.locator("#chat img, #chat a, #people img").count() == 0


async def test_links_open_as_the_holder_and_choices_are_said(
    page: Page, box: Box, desk: Desk
) -> None:
    target = f"{box.address}/sandbox/log?a=1&b=2"
    menu = "weixin://bizmsgmenu?msgmenucontent=%E8%BF%9B%E5%BA%A6&msgmenuid=7"
    text = f'<a href="{target}">看进度</a>，或说<a href="{menu}">进度</a>，或去 {target}。'
    desk.answers = [desk.replying(text_reply(text))]
    await pick_up(page, box)
    await write(page, "你好")

    async with page.expect_popup() as popup:
        await page.get_by_role("link", name="看进度").click()
    opened = await popup.value
    await opened.wait_for_url(target)
    links = page.locator("#chat").get_by_role("link")
    await expect(links).to_have_text(["看进度", target])
    await page.get_by_role("button", name="进度", exact=True).click()
    await expect(page.locator(".said.out .words").last).to_have_text("进度")
    said = until(lambda: [m for m in desk.messages if m["Content"] == "进度"])
    assert said[0]["bizmsgmenuid"] == "7"


async def test_pictures_and_places_are_sent(page: Page, box: Box, desk: Desk) -> None:
    await pick_up(page, box)

    photo = {"name": "leak.jpg", "mimeType": "image/jpeg", "buffer": a_picture()}
    await page.get_by_label("发送图片").set_input_files(photo)  # type: ignore[arg-type]
    await expect(page.locator(".said.out img")).to_have_js_property("naturalWidth", 40)
    await page.get_by_role("button", name="发送位置").click()
    await page.get_by_label("地点").fill("3栋门口")
    await page.locator("dialog").get_by_role("button", name="发送").click()

    await expect(page.locator(".place .card-title")).to_have_text("3栋门口")
    kinds = until(lambda: len(desk.messages) == 2 and desk.messages)
    assert [fields["MsgType"] for fields in kinds] == ["image", "location"]
    assert kinds[1]["Label"] == "3栋门口"


async def test_a_template_message_arrives_live_on_the_phone_it_is_for(page: Page, box: Box) -> None:
    box.add("oWorker", name="周敏", role="网格员")
    await pick_up(page, box)

    box.template("oWorker", url=f"{box.address}/sandbox/log")

    first = page.locator("#people li").first
    await expect(first).to_contain_text("周敏")
    await expect(first.get_by_role("img", name="有新消息")).to_be_visible()
    await first.click()
    await expect(page.locator(".card-title")).to_have_text("处理进度通知")
    await expect(page.locator(".card dd")).to_have_text(["水管漏水", "处理中"])
    await expect(page.get_by_role("link", name="查看详情")).to_be_visible()
    await expect(page.get_by_role("img", name="有新消息")).to_have_count(0)


async def test_the_menu_of_the_account_is_tapped(page: Page, box: Box, desk: Desk) -> None:
    box.call("/cgi-bin/menu/create", {"button": MENU})
    await pick_up(page, box)

    await page.get_by_role("button", name="我要报修").click()
    await expect(page.locator(".hint", has_text="点了菜单：report")).to_be_visible()
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="绑定住址").click()
    await expect(page.locator(".hint", has_text="点了菜单：bind")).to_be_visible()

    clicks = until(lambda: len(desk.messages) == 2 and desk.messages)
    assert [fields["EventKey"] for fields in clicks] == ["report", "bind"]


async def test_a_fault_is_switched_on_in_the_panel(page: Page, box: Box, desk: Desk) -> None:
    await pick_up(page, box)

    await page.get_by_label("故障", exact=True).select_option("系统繁忙（-1）")
    await page.get_by_label("接口").select_option("模板消息")
    await page.get_by_label("次数").fill("2")
    await page.get_by_role("button", name="开启").click()

    await expect(page.locator("#fault-list")).to_have_text("系统繁忙（-1） · 模板消息 · 还剩 2 次")
    assert box.template()["errcode"] == -1
    await page.get_by_role("button", name="全部关闭").click()
    await expect(page.locator("#fault-list")).to_have_text("现在没有故障。")
    desk.answers = [lambda _: PlainTextResponse("no XML")]
    await write(page, "你好")
    await expect(page.locator(".fault")).to_have_text("该公众号提供的服务出现故障，请稍后再试")
    await expect(page.locator("#log")).to_contain_text("回复无效")


async def test_somebody_is_found_by_home_and_can_leave_and_follow(page: Page, box: Box) -> None:
    box.add("oOther", name="王建国", home="9栋1单元101")
    await page.goto(f"{box.address}/sandbox/")

    await page.get_by_role("searchbox").fill("9栋")
    await expect(page.locator("#people li")).to_have_count(1)
    await page.locator("#people button").click()
    await page.get_by_role("button", name="取消关注").click()
    await page.get_by_role("button", name="关注", exact=True).click()
    await expect(page.get_by_role("button", name="取消关注")).to_be_visible()
    await page.get_by_role("searchbox").fill("查无此人")
    await expect(page.get_by_text("没有找到这个人。")).to_be_visible()


SMALL = """() => [...document.querySelectorAll('button, a, input, select, textarea, label.tool')]
  .filter((one) => one.offsetParent && !one.classList.contains('unseen'))
  .filter((one) => !one.closest('.words'))
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([what]) => what)"""
TINY = """() => [...document.querySelectorAll('body *')]
  .filter((one) => one.offsetParent && parseFloat(getComputedStyle(one).fontSize) < 16)
  .map((one) => one.outerHTML.slice(0, 80))"""
WIDE = "() => document.documentElement.scrollWidth > innerWidth"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_old_eyes_and_fingers_can_use_it(page: Page, box: Box, size: ViewportSize) -> None:
    await page.set_viewport_size(size)
    box.call("/cgi-bin/menu/create", {"button": MENU})
    box.say("水管漏水")
    box.template(url=f"{box.address}/sandbox/log")
    await page.goto(f"{box.address}/sandbox/")
    views = ["people", "chat", "panel"] if size is PHONE else ["chat"]
    for view in views:
        if view == "chat":
            await page.get_by_role("button", name="李秀英").click()
            await expect(page.locator(".card-title")).to_be_visible()
        if view == "panel":
            await page.get_by_role("button", name="故障注入").click()
            await expect(page.locator("#log li").first).to_be_visible()
        found = await Axe().run(page)
        assert not found.response["violations"], (view, found.generate_report())
        assert (await page.evaluate(SMALL), await page.evaluate(TINY)) == ([], [])
        assert not await page.evaluate(WIDE)


async def test_the_page_forbids_everything_inline_and_foreign(box: Box) -> None:
    policy = box.http.get("/").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert OPENID not in box.http.get("/").text
