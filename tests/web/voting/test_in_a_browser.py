"""The pages in a real browser on a phone: with scripts and without, by hand and by keyboard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls.forms import Condition, Method
from app.polls.models import Ballot, Intake, PollKind
from tests.conftest import Client
from tests.polls.builders import a_question
from tests.sandbox.browser import chromium
from tests.web.barriers import PHONE, all_can_use
from tests.web.voting.browsing import (
    asking,
    closed,
    opened_at,
    path_of,
    public_path,
    secretly,
    surveying,
)
from tests.web.voting.test_every_method import ENTERED
from tests.web.voting.test_public_polls import EVERY_WAY, answers, voted

pytestmark = pytest.mark.browser

PATIENCE_MS = 30_000


@asynccontextmanager
async def a_phone(**context: Any) -> AsyncIterator[Page]:
    """A page on a phone on which nothing may go wrong unseen."""
    async with chromium() as browser:
        page = await browser.new_page(viewport=PHONE, locale="zh-CN", **context)
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text))
        yield page
        assert [each for each in wrong if "the server responded with" not in each] == []


@pytest.mark.parametrize("large", [False, True])
async def test_a_secret_vote_on_a_phone_has_its_chance_from_the_browser(
    session: AsyncSession, address: str, *, large: bool
) -> None:
    opened = await asking(session, a_question(), **secretly(body="**说明**"))
    async with a_phone() as page:
        await page.goto(f"{address}{path_of(opened)}{'?large=1' if large else ''}")
        nonce = await page.locator("[name=nonce]").input_value()
        assert len(bytes.fromhex(nonce)) == 16
        await all_can_use(page)
        await page.get_by_label("方案B").check()
        await page.get_by_role("button", name="下一步：核对").click()
        await expect(page.get_by_text("请核对，还没有投出")).to_be_visible()
        await expect(page.get_by_text("由社区的系统代您生成")).to_have_count(0)
        await all_can_use(page)
        await page.get_by_role("button", name="确认投出").click()
        code = await page.locator(".code").inner_text()
        await all_can_use(page)
        await page.reload()
        assert await page.locator(".code").inner_text() == code
    [kept] = (await session.scalars(select(Intake))).all()
    assert (kept.nonce, kept.choice) == (nonce, '{"q1":"B"}')


async def test_a_vote_needs_no_scripts_and_no_mouse(session: AsyncSession, address: str) -> None:
    opened = await asking(session, a_question(), a_question("q2", Method.RANKED))
    async with a_phone(java_script_enabled=False) as page:
        await page.goto(f"{address}{path_of(opened)}")
        await page.locator("#q1-A").focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Tab")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("投票成功")).to_be_visible()
    assert await session.scalar(select(Ballot.choice)) == '{"q1":"B","q2":["A"]}'


HANGING = [
    a_question("q1", Method.YES_NO),
    a_question("q2", only_if=Condition(question="q1", any_of=["yes"])),
    a_question("q3", only_if=Condition(question="q2", any_of=["A"])),
]


async def test_questions_that_are_not_asked_are_not_shown(
    session: AsyncSession, address: str
) -> None:
    opened = await asking(session, *HANGING)
    async with a_phone() as page:
        await page.goto(f"{address}{path_of(opened)}")
        second, third = page.locator("#q2"), page.locator("#q3")
        await expect(second).to_be_hidden()
        await page.locator("#q1-yes").check()
        await expect(second).to_be_visible()
        await page.locator("#q2-A").check()
        await page.locator("#q3-C").check()
        await page.locator("#q1-no").check()
        await expect(second).to_be_hidden()
        await expect(third).to_be_hidden()
        await page.get_by_role("button", name="投票").click()
        await expect(page.get_by_text("投票成功")).to_be_visible()
    assert await session.scalar(select(Ballot.choice)) == '{"q1":"no"}'


async def test_a_long_ballot_is_one_question_at_a_time_by_keyboard_too(
    session: AsyncSession, address: str
) -> None:
    questions = [*HANGING, a_question("q4"), a_question("q5", required=False)]
    opened = await asking(session, *questions)
    async with a_phone() as page:
        await page.goto(f"{address}{path_of(opened)}")
        place = page.locator(".pager p")
        await expect(place).to_have_text("第 1 题，共 3 题")
        await page.locator("#q1-yes").check()
        await expect(place).to_have_text("第 1 题，共 4 题")
        await expect(page.get_by_role("button", name="投票", exact=True)).to_be_hidden()
        await page.get_by_role("button", name="下一题").press("Enter")
        await expect(page.locator("#q2-legend")).to_be_focused()
        await expect(page.get_by_text("截止前可以随时更改")).to_be_hidden()
        await all_can_use(page)
        await page.keyboard.press("Tab")
        await page.keyboard.press("ArrowDown")
        await page.get_by_role("button", name="下一题").press("Enter")
        await expect(place).to_have_text("第 3 题，共 4 题")
        await page.get_by_role("button", name="上一题").press("Enter")
        await expect(page.locator("#q2-B")).to_be_checked()
        await page.get_by_role("button", name="全部显示").click()
        await page.locator("#q4-C").check()
        await page.get_by_role("button", name="投票", exact=True).click()
        await expect(page.get_by_text("投票成功")).to_be_visible()
    assert await session.scalar(select(Ballot.choice)) == '{"q1":"yes","q2":"B","q4":"C"}'


async def test_every_method_can_be_used_by_everybody(session: AsyncSession, address: str) -> None:
    questions = [question for question, _, _ in ENTERED]
    opened = await asking(session, *questions, **surveying())
    async with a_phone() as page:
        for size in ("", "?large=1"):
            await page.goto(f"{address}{path_of(opened)}{size}")
            await page.get_by_role("button", name="全部显示").click()
            await all_can_use(page)
        await page.get_by_role("button", name="交卷").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await all_can_use(page)


async def test_results_can_be_read_by_everybody(
    session: AsyncSession, client: Client, address: str
) -> None:
    opened = await asking(session, *EVERY_WAY, body="| 楼 | 票 |\n|-|-|\n|3栋|9|")
    await voted(client, opened, answers("A", "B", "0", "yes"), answers("B", "C", "2", "no"))
    await closed(session, opened)
    secret = await asking(session, a_question(), kind=PollKind.POLL, **secretly())
    await closed(session, secret)
    public = await public_path(session, opened)
    paths = [public, public.rpartition("/")[0], await public_path(session, secret), "/v/x"]
    paths += [path_of(opened), path_of(secret)]
    assert (await opened_at(client, public)).status == 200
    async with a_phone() as page:
        for path in paths:
            for size in ("", "?large=1"):
                await page.goto(f"{address}{path}{size}")
                await all_can_use(page)
