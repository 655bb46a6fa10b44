"""The story on the phone page, in a real browser."""

import re

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.house.demo import Demo
from tests.sandbox.browser import chromium

pytestmark = [pytest.mark.xdist_group("house"), pytest.mark.browser]

PATIENCE_MS = 60_000


async def pick_up(page: Page, demo: Demo, name: str, openid: str) -> None:
    """Take somebody's phone in the hand."""
    await page.goto(f"{demo.described['sandbox_url']}/sandbox/?openid={openid}")
    await page.get_by_role("button", name=re.compile(name)).first.click()
    await expect(page.locator("#holder")).to_contain_text(name)


async def write(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="输入消息").fill(text)
    await page.keyboard.press("Enter")


async def test_a_resident_reports_and_sees_who_comes(demo: Demo) -> None:
    resident = demo.described["residents"][2]
    async with chromium() as browser:
        page = await browser.new_page(viewport=ViewportSize(width=1280, height=900), locale="zh-CN")
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        await pick_up(page, demo, resident["name"], resident["openid"])
        await write(page, "报修 厨房水管漏水")
        await expect(page.locator(".said.in .words").last).to_contain_text("漏水")
        await write(page, "1")
        await expect(page.locator(".said.in .words").last).to_contain_text("编号")

        await expect(page.get_by_text("诉求办理进度").last).to_be_visible()
        await expect(page.get_by_text("已派单").last).to_be_visible()
