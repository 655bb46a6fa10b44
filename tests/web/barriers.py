"""What may keep somebody from using a page: on a phone, by hand, by keyboard, by ear."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize

from tests.sandbox.browser import chromium

PHONE = ViewportSize(width=360, height=740)

_TOO_SMALL = """() => {
    const least = document.body.classList.contains('large') ? 60 : 44;
    const taken = 'button, label.choice, select, summary, .onward, .switch, .list a, .files a';
    return [...document.querySelectorAll(taken)]
        .map(each => [each.getBoundingClientRect().height, each.textContent])
        .filter(([height]) => height > 0 && height < least);
}"""
_OUT_OF_REACH = """() => [...document.querySelectorAll('body *')]
    .filter(each => each.scrollWidth > each.clientWidth && each.clientWidth > 1)
    .filter(each => ['auto', 'scroll'].includes(getComputedStyle(each).overflowX))
    .filter(each => !each.matches('input, textarea'))
    .filter(each => each.tabIndex < 0 || each.role !== 'region' || !each.ariaLabel)
    .map(each => each.outerHTML)"""


async def all_can_use(page: Page) -> None:
    """No barrier that axe knows of, nothing too wide, too small to hit, or out of reach."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert await page.evaluate(_TOO_SMALL) == []
    assert await page.evaluate(_OUT_OF_REACH) == []


async def all_can_use_each(*pages: str) -> None:
    """The same of pages as HTML, with all that is folded away in them unfolded."""
    async with chromium() as browser:
        page = await browser.new_page(viewport=PHONE, locale="zh-CN")
        for html in pages:
            await page.set_content(html)
            await page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
            await all_can_use(page)
