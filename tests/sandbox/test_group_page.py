from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, ViewportSize, expect
from starlette.responses import JSONResponse, Response

from tests.sandbox.browser import chromium
from tests.sandbox.hooks import GROUP, LI, WANG, Chats, Hook
from tests.sandbox.test_page import DESK, MOST_WAITS, PATIENCE_MS, PHONE, SMALL, TINY, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, chats: Chats) -> AsyncIterator[Page]:
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


async def enter(page: Page, chats: Chats, name: str = "3栋楼栋交流群") -> None:
    await page.goto(f"{chats.box.address}/sandbox/groups/")
    await page.get_by_role("button", name=name).click()
    await expect(page.locator("#group-name")).to_have_text(name)


async def write(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="输入群消息").fill(text)
    await page.keyboard.press("Enter")


async def test_somebody_speaks_to_the_bot_and_is_answered(
    page: Page, chats: Chats, hook: Hook
) -> None:
    hook.answers = [lambda _: JSONResponse({"reply": "已登记，编号 7"})]
    await enter(page, chats)

    await page.get_by_label("谁在说话").select_option(LI)
    await page.get_by_role("button", name="@小掌").click()
    await expect(page.get_by_role("button", name="@小掌")).to_have_attribute("aria-pressed", "true")
    await write(page, "报修 灯坏了")

    await expect(page.locator(".said.out .words")).to_have_text("@小掌 报修 灯坏了")
    await expect(page.locator(".said.bot .words")).to_have_text("@3-1-502 老李 已登记，编号 7")
    await expect(page.get_by_role("button", name="@小掌")).to_have_attribute(
        "aria-pressed", "false"
    )
    await page.get_by_label("谁在说话").select_option(WANG)
    await expect(page.locator(".said.in.member .speaker")).to_have_text("李建国 · 3-1-502 老李")
    await page.reload()
    await expect(page.locator(".said.bot .words")).to_have_text("@3-1-502 老李 已登记，编号 7")


async def test_a_sign_up_is_composed_and_goes_on(page: Page, chats: Chats) -> None:
    await enter(page, chats)
    box = page.get_by_role("textbox", name="输入群消息")

    await page.get_by_role("button", name="接龙", exact=True).click()
    title = "#接龙\n周六上午9点 社区学堂书法课 限20人\n\n"
    await expect(box).to_have_value(f"{title}1. 王秀英")
    await expect(box).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".said.out")).to_have_count(1)
    await page.get_by_label("谁在说话").select_option(LI)
    await expect(page.locator(".said.in")).to_have_count(1)
    await page.get_by_role("button", name="接龙", exact=True).click()

    await expect(box).to_have_value(f"{title}1. 王秀英\n2. 李建国")


async def test_robots_asides_and_what_is_taken_back_show_live(page: Page, chats: Chats) -> None:
    chats.put("/robots/wecom/K1", {"group": GROUP, "name": "物业"})
    await enter(page, chats)

    text = "### 停水\n**3栋**明天 [详情](http://127.0.0.1:1/n)\n> 请储水"
    post = {"msgtype": "markdown", "markdown": {"content": text}}
    chats.box.post("/robots/wecom/send", post, key="K1")
    chats.do("send_private_msg", user_id=int(WANG), message="您的报修已派单")
    wrong = chats.do("send_group_msg", group_id=int(GROUP), message="发错了")

    await expect(page.locator(".robot .speaker")).to_have_text("物业 · 企业微信")
    await expect(page.locator(".robot strong")).to_have_text(["停水", "3栋"])
    await expect(page.get_by_role("link", name="详情")).to_have_attribute(
        "href", "http://127.0.0.1:1/n"
    )
    await expect(page.locator(".aside")).to_contain_text("只有 王秀英 看得见")
    await expect(page.get_by_text("发错了")).to_have_count(2)
    chats.do("delete_msg", message_id=wrong["data"]["message_id"])
    await expect(page.locator(".hint", has_text="小掌 撤回了一条消息")).to_be_visible()


async def test_markup_stays_text(page: Page, chats: Chats, hook: Hook) -> None:
    evil = '<img src=x onerror="alert(1)"> [点我](javascript:alert(2))'
    members = [{"id": "20009", "name": "<script>alert(3)</script>"}]
    chats.add_group("700300", name="<b>群</b>", members=members)
    chats.put("/robots/dingtalk/K1", {"group": "700300"})
    await enter(page, chats, "<b>群</b>")

    await write(page, evil)
    body = {"msgtype": "markdown", "markdown": {"title": "x", "text": evil}}
    chats.box.post("/robots/dingtalk/send", body, access_token="K1")

    await expect(page.locator(".said .words")).to_have_text([evil, evil])
    assert await page.locator("#chat img, #chat a, #chat script, #groups b").count() == 0


async def test_another_groups_news_is_marked_in_the_list(page: Page, chats: Chats) -> None:
    chats.add_group("700200", name="社区物业一家亲")
    await enter(page, chats)

    chats.do("send_group_msg", group_id=700200, message="停电通知")

    first = page.locator("#groups li").first
    await expect(first).to_contain_text("停电通知")
    await expect(first.get_by_role("img", name="有新消息")).to_be_visible()
    await first.get_by_role("button").click()
    await expect(page.locator(".said .words")).to_have_text("停电通知")
    await expect(page.get_by_role("img", name="有新消息")).to_have_count(0)


async def test_who_does_not_answer_is_named(page: Page, chats: Chats, hook: Hook) -> None:
    hook.answers = [lambda _: Response(status_code=403), lambda _: Response("no JSON")]
    await enter(page, chats)

    await write(page, "您好")
    await expect(page.get_by_role("alert")).to_have_text("机器人的服务不认这条消息：HTTP 403")
    await write(page, "您好")
    await expect(page.get_by_role("alert")).to_have_text("机器人的回答平台看不懂：not JSON")


async def test_faults_are_switched_on_and_weibo_is_read_in_the_panel(
    page: Page, chats: Chats
) -> None:
    chats.put("/weibo/accounts/W1", {"name": "伊伊社区发布"})
    chats.box.http.post(
        "/weibo/2/statuses/share.json", data={"access_token": "W1", "status": "停水通知"}
    )
    await enter(page, chats)

    await expect(page.locator("#statuses")).to_contain_text("@伊伊社区发布")
    await expect(page.locator("#statuses")).to_contain_text("停水通知")
    await page.get_by_label("故障", exact=True).select_option("签名不对")
    await page.get_by_label("次数").fill("2")
    await page.get_by_role("button", name="开启").click()
    listed = page.locator("#fault-list")
    await expect(listed).to_have_text("签名不对 · 群机器人与微博 · 还剩 2 次")
    assert chats.box.get("/faults")["robots"][0]["kind"] == "bad_signature"
    await page.get_by_label("哪一边出错").select_option("groups")
    await page.get_by_label("故障", exact=True).select_option("丢失服务的回复，平台重发")
    await page.get_by_role("button", name="开启").click()
    await expect(listed.locator("li")).to_have_count(2)
    await page.get_by_role("button", name="全部关闭").click()
    await expect(listed).to_have_text("现在没有故障。")


async def test_the_pages_lead_to_each_other(page: Page, chats: Chats) -> None:
    await page.goto(f"{chats.box.address}/sandbox/")
    await page.get_by_role("link", name="去群聊").click()
    await expect(page.get_by_role("heading", name="群聊沙盒")).to_be_visible()
    await page.get_by_role("link", name="回到手机").click()
    await expect(page.get_by_role("heading", name="微信沙盒")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_old_eyes_and_fingers_can_use_it(
    page: Page, chats: Chats, size: ViewportSize
) -> None:
    await page.set_viewport_size(size)
    chats.say("电梯停了")
    chats.do("send_private_msg", user_id=int(WANG), message="已派单")
    await page.goto(f"{chats.box.address}/sandbox/groups/")
    views = ["people", "chat", "panel"] if size is PHONE else ["chat"]
    for view in views:
        if view == "chat":
            await page.get_by_role("button", name="3栋楼栋交流群").click()
            await expect(page.locator(".said")).to_have_count(2)
        if view == "panel":
            await page.get_by_role("button", name="故障、微博").click()
            await expect(page.get_by_text("还没有发过微博。")).to_be_visible()
        found = await Axe().run(page)
        assert not found.response["violations"], (view, found.generate_report())
        assert (await page.evaluate(SMALL), await page.evaluate(TINY)) == ([], [])
        assert not await page.evaluate(WIDE)


async def test_it_is_all_done_by_keyboard(page: Page, chats: Chats, hook: Hook) -> None:
    await page.goto(f"{chats.box.address}/sandbox/groups/")
    await page.locator("#groups button").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("谁在说话")).to_be_enabled()

    await page.get_by_label("谁在说话").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.type("进度")
    for _ in range(2):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")

    await expect(page.locator(".said.out .words")).to_have_text("@小掌 进度")
    await expect(page.locator(".said.out .speaker")).to_have_text("李建国 · 3-1-502 老李")


async def test_the_page_forbids_everything_inline_and_foreign(chats: Chats) -> None:
    policy = chats.box.http.get("/groups/").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
