"""A secret ballot on its page: looked over, cast once, and answered with a receipt."""

import re

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls import chain
from app.polls.models import Intake, Participation
from app.polls.recount import leaf_of, receipt_of
from tests.conftest import Client
from tests.polls.builders import OpenPoll, a_question
from tests.web.voting.browsing import (
    Sheet,
    asking,
    closed,
    opened_at,
    path_of,
    public_path,
    secretly,
)

CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")
NONCE = "0123456789abcdef" * 2


async def reviewed(client: Client, opened: OpenPoll, voter: int = 0, choice: str = "B") -> Sheet:
    sheet = await opened_at(client, path_of(opened, voter))
    return await sheet.pick("q1", choice).press("review")


def code_on(sheet: Sheet) -> str:
    [code] = sheet.page.xpath("//p[@class='code']")
    return str(code.text_content())


async def taken(session: AsyncSession, opened: OpenPoll) -> tuple[int, int]:
    """How many took part, and how many ballots there are."""
    counts = [
        select(func.count()).select_from(table).where(table.poll_id == opened.poll.id)
        for table in (Participation, Intake)
    ]
    return (await session.scalar(counts[0]) or 0, await session.scalar(counts[1]) or 0)


async def test_nothing_is_cast_before_it_was_looked_over(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), **secretly())

    review = await reviewed(client, opened)

    assert review.status == 200
    assert "请核对，还没有投出" in review.text
    assert "方案B" in review.text
    assert await taken(session, opened) == (0, 0)
    back = await review.press("change")
    assert back.values("q1") == ["B"]
    assert back.values("nonce") == review.values("nonce")


async def test_the_server_makes_the_chance_where_no_script_ran_and_says_so(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), **secretly())
    sheet = await opened_at(client, path_of(opened))
    assert sheet.values("nonce") == [""]
    assert "您的浏览器没有运行脚本" in sheet.text

    review = await sheet.pick("q1", "B").press("review")

    [nonce] = review.values("nonce")
    assert re.fullmatch("[0-9a-f]{32}", nonce)
    assert "由社区的系统代您生成" in review.text
    receipt = await review.press("cast")
    assert code_on(receipt) == receipt_of(leaf_of(str(opened.poll.id), nonce, '{"q1":"B"}'))


async def test_the_chance_and_the_words_of_the_voter_are_what_is_kept(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), **secretly())
    sheet = await opened_at(client, path_of(opened))
    sheet.entered = [pair for pair in sheet.entered if pair[0] != "nonce"]
    sheet.entered.append(("nonce", NONCE))

    review = await sheet.pick("q1", "A").write("phrase", " 芒果\t 自行车").press("review")
    receipt = await review.press("cast")

    assert "由社区的系统代您生成" not in review.text
    [kept] = (await session.scalars(select(Intake))).all()
    assert (kept.nonce, kept.choice) == (f"{NONCE} 芒果 自行车", '{"q1":"A"}')
    assert code_on(receipt) == receipt_of(kept.leaf)
    whole = receipt.page.get_element_by_id("receipt").text
    for part in (kept.nonce, kept.leaf.hex(), str(opened.poll.id), code_on(receipt)):
        assert part in whole


async def test_the_same_form_sent_again_gives_the_same_receipt(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), **secretly())
    review = await reviewed(client, opened)

    first, again = await review.press("cast"), await review.press("cast")

    assert CODE.fullmatch(code_on(first))
    assert (again.status, code_on(again)) == (200, code_on(first))
    assert await taken(session, opened) == (1, 1)


async def test_a_second_ballot_is_refused_and_the_page_says_that_one_has_voted(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), **secretly())
    first, second = [await reviewed(client, opened, choice=choice) for choice in "AC"]
    await first.press("cast")

    refused = await second.press("cast")

    assert refused.status == 409
    assert "这一票已经投过了" in refused.text
    assert await taken(session, opened) == (1, 1)
    page = await opened_at(client, f"{path_of(opened)}?change=1")
    assert "已投" in page.text
    assert "方案A" not in page.text
    assert not page.page.xpath("//form[contains(@class, 'ballot')]")


async def test_a_review_that_came_without_its_chance_is_shown_once_more(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), **secretly())
    review = await reviewed(client, opened)
    for nonce in ("", "x" * 32, NONCE.upper(), NONCE + "0"):
        review.entered = [pair for pair in review.entered if pair[0] != "nonce"]
        review.entered.append(("nonce", nonce))
        assert "请核对，还没有投出" in (await review.press("cast")).text
    assert await taken(session, opened) == (0, 0)


async def test_where_the_ballot_of_a_receipt_is_can_be_asked_before_and_after_the_close(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), **secretly())
    code = code_on(await (await reviewed(client, opened)).press("cast"))
    public = await public_path(session, opened)

    waiting = await opened_at(client, f"{public}?receipt={code.lower()}")
    assert "等凑够一批再封存" in waiting.text
    assert waiting.answer.headers["Cache-Control"] == "private, no-store"
    assert "没有找到这个编号" in (await opened_at(client, f"{public}?receipt=0000")).text

    await closed(session, opened)
    found = await chain.find(session, opened.poll, code)
    assert found
    sealed = await opened_at(client, f"{public}?receipt={code}")
    assert f"已封存在第 {found.batch} 批" in sealed.text
