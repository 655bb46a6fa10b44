"""What everybody reads of polls: the list, how one stands, what came of it, and how to check it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.places.models import Community
from app.polls.forms import Matter, Method, Option, Question
from app.polls.models import PollKind, PollState
from app.polls.rules import Rules, Sits
from tests.conftest import Client
from tests.polls.builders import OpenPoll, a_grid, a_poll, a_question, open_to
from tests.web.voting.browsing import (
    Sheet,
    asking,
    closed,
    opened_at,
    path_of,
    public_path,
    published,
)

DAYS = [
    Option(key=key, text=f"第{n}天", starts_at=datetime(2026, 12, n, 6, 30, tzinfo=UTC))
    for n, key in enumerate("AB", 1)
]


async def voted(client: Client, opened: OpenPoll, *answers: dict[str, str]) -> None:
    """Let one after the other of the people fill in the page."""
    for voter, entered in enumerate(answers):
        page = await opened_at(client, path_of(opened, voter))
        for name, value in entered.items():
            if page.page.xpath(f"//input[@name='{name}'][@type='number']"):
                page.write(name, value)
            else:
                page.pick(name, value)
        done = await page.press("cast")
        assert done.status == 200, done.text


def table(page: Sheet, number: int = 0) -> list[list[str]]:
    """The rows of a table of results, as they are read."""
    rows = page.page.xpath("//section[@class='result']")[number].xpath(".//tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


async def test_only_what_is_public_and_told_stands_on_the_list(
    session: AsyncSession, client: Client
) -> None:
    place = await a_grid(session)
    for state, more in (
        (PollState.DRAFT, {}),
        (PollState.GATHERING, {}),
        (PollState.CANCELLED, {}),
        (PollState.CANCELLED, {"announced_at": now(), "reason": "改期"}),
        (PollState.ANNOUNCED, {"announced_at": now(), "opens_at": now() + timedelta(days=1)}),
        (PollState.ANNOUNCED, {"announced_at": now(), "public": False}),
    ):
        await a_poll(session, place, state=state, title=f"{state}的投票", **more)
    await open_to(session, await a_poll(session, place, title="正在进行的"))
    await session.commit()
    community = await session.get_one(Community, place.community_id)
    at = f"/c/{community.slug}/polls"

    page = await opened_at(client, at)

    numbers = [link.rpartition("/")[2] for link in page.page.xpath("//ul[@class='list']//a/@href")]
    assert numbers == ["7", "5", "4"]
    for number, status in {1: 404, 2: 404, 3: 404, 4: 410, 5: 200, 6: 404, 7: 200, 8: 404}.items():
        assert (number, (await client.get(f"{at}/{number}")).status_code) == (number, status)
    for odd in ("0", "-1", "x", "9" * 30, "٣", "1.0", "%00"):
        assert (await client.get(f"{at}/{odd}")).status_code == 404
    assert (await client.get("/c/nowhere/polls")).status_code == 404


async def test_a_long_list_is_read_page_by_page(session: AsyncSession, client: Client) -> None:
    place = await a_grid(session)
    for _ in range(45):
        await open_to(session, await a_poll(session, place))
    await session.commit()
    community = await session.get_one(Community, place.community_id)

    link, seen = f"/c/{community.slug}/polls", []
    while link:
        page = await opened_at(client, link)
        seen += page.page.xpath("//ul[@class='list']//a/@href")
        [link] = page.page.xpath("//a[text()='更早的']/@href") or [""]
        link = link and f"/c/{community.slug}/polls{link}"

    assert [int(each.rpartition("/")[2]) for each in seen] == list(range(45, 0, -1))
    assert (await client.get(f"/c/{community.slug}/polls?before=x&large=1")).status_code == 200


async def test_what_is_shared_has_a_title_and_a_line_for_its_card(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), title='装 "桩"')

    page = await opened_at(client, await public_path(session, opened))

    card = {
        each.get("property"): each.get("content")
        for each in page.page.xpath("//meta[starts-with(@property, 'og:')]")
    }
    assert card["og:title"] == '装 "桩"'
    assert "正在投票" in card["og:description"]
    assert card["og:url"].endswith(await public_path(session, opened))
    assert card["og:url"].startswith("http")


EVERY_WAY = [
    a_question("single"),
    a_question("approval", Method.APPROVAL),
    a_question("ranked", Method.RANKED),
    a_question("score", Method.SCORE, ("A", "B"), top=2),
    a_question("dots", Method.DOTS, ("A", "B")),
    Question(key="dates", method=Method.DATES, text="哪天", options=DAYS),
    a_question("yes_no", Method.YES_NO),
]


def answers(first: str, second: str, score: str, day: str) -> dict[str, str]:
    return {
        "single": first,
        "approval": second,
        "ranked:A": "1" if first == "A" else "2",
        "ranked:B": "1" if first == "B" else "3",
        "ranked:C": "1" if first == "C" else "",
        "score:A": score,
        "score:B": "2",
        "dots:A": "3",
        "dots:B": score,
        "dates:A": day,
        "dates:B": "no",
        "yes_no": "yes",
    }


async def test_the_result_of_every_method_is_a_table_that_adds_up(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, *EVERY_WAY, voters=4)
    await voted(
        client,
        opened,
        answers("A", "B", "0", "yes"),
        answers("A", "B", "1", "maybe"),
        {**answers("B", "C", "2", "no"), "ranked:A": "2"},
    )
    public = await public_path(session, opened)
    await closed(session, opened)

    page = await opened_at(client, public)

    assert "应投 4 票，已投 3 票（75.00%）" in page.text
    assert table(page, 0) == [
        ["选项", "票数", "占比"],
        ["方案A 最多", "2", "66.66%"],
        ["方案B", "1", "33.33%"],
        ["方案C", "0", "0.00%"],
    ]
    assert table(page, 1)[2:] == [["方案B 最多", "2", "66.66%"], ["方案C", "1", "33.33%"]]
    assert table(page, 2) == [
        ["选项", "第 1 轮"],
        ["方案A 胜出", "2"],
        ["方案B", "1"],
        ["方案C", "0"],
        ["没有下一个选择的票", "0"],
    ]
    assert "“方案A”过半数，胜出" in page.text
    assert table(page, 3)[1:] == [
        ["方案A", "3", "1.00", "1", "1", "1"],
        ["方案B 最多", "6", "2.00", "0", "0", "3"],
    ]
    assert table(page, 4)[1:] == [["方案A 最多", "9", "75.00%"], ["方案B", "3", "25.00%"]]
    assert [row[1:] for row in table(page, 5)] == [
        ["可以", "也许", "不行"],
        ["1", "1", "1"],
        ["0", "0", "3"],
    ]
    assert table(page, 6)[1] == ["同意 最多", "3", "100.00%"]
    bars = page.page.xpath("//section[@class='result'][1]//rect[@class='part']/@width")
    assert bars == ["66", "33", "0"]
    assert not page.page.xpath("//*[@style]")
    counts = (await client.get(f"{public}/result.json")).json()
    assert counts["questions"]["single"]["counts"] == {"A": 2, "B": 1, "C": 0}


async def test_the_rounds_of_a_ranked_vote_say_who_was_put_out(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question("r", Method.RANKED), voters=5)
    await voted(
        client,
        opened,
        *[{"r:A": "1"}, {"r:A": "1"}, {"r:B": "1"}, {"r:B": "1"}, {"r:C": "1", "r:B": "2"}],
    )
    await closed(session, opened)

    page = await opened_at(client, await public_path(session, opened))

    assert table(page) == [
        ["选项", "第 1 轮", "第 2 轮"],
        ["方案A", "2", "2"],
        ["方案B 胜出", "2", "3"],
        ["方案C", "1", "—"],
        ["没有下一个选择的票", "0", "0"],
    ]
    assert "第 1 轮后淘汰：方案C" in page.text


@pytest.mark.parametrize(
    ("matter", "areas", "votes", "verdict", "said"),
    [
        (
            Matter.COMMITTEE,
            [10_000, 10_000, 10_000],
            ["yes", "yes"],
            "表决通过",
            [
                "参与表决的专有部分面积 200.00 平方米，占全体的 66.66%",
                "（全体 300.00 平方米）；须三分之二以上参与表决：达到。",
                "同意的人数 2 人，占参与表决的 100.00%（参与表决 2 人）；须过半数同意：达到。",
            ],
        ),
        (
            Matter.FUND_RAISING,
            [10_000, 10_000, 10_001],
            ["yes", "yes"],
            "未通过：参与表决的业主不够法定比例",
            ["占全体的 66.66%（全体 300.01 平方米）；须三分之二以上参与表决：未达到。"],
        ),
        (
            Matter.COMMON_PARTS,
            [10_000, 10_000, 10_000, 10_000],
            ["yes", "yes", "yes", "no"],
            "表决通过",
            ["同意的人数 3 人，占参与表决的 75.00%（参与表决 4 人）；须四分之三以上同意：达到。"],
        ),
        (
            Matter.OTHER,
            [10_000, 10_000],
            ["yes", "no"],
            "未通过：同意的业主不够法定比例",
            ["同意的人数 1 人，占参与表决的 50.00%（参与表决 2 人）；须过半数同意：未达到。"],
        ),
    ],
)
async def test_an_assemblys_decision_is_told_with_every_threshold_and_its_article(
    session: AsyncSession,
    client: Client,
    matter: Matter,
    areas: list[int],
    votes: list[str],
    verdict: str,
    said: list[str],
) -> None:
    question = a_question(method=Method.YES_NO, matter=matter)
    opened = await asking(session, question, kind=PollKind.ASSEMBLY, areas=areas)
    await voted(client, opened, *[{"q1": answer} for answer in votes])
    await closed(session, opened)
    public = await public_path(session, opened)
    waiting = await opened_at(client, public)
    assert ("结果将于" in waiting.text, verdict in waiting.text) == (True, False)
    assert (await client.get(f"{public}/result.json")).status_code == 409

    await published(session, opened)
    page = await opened_at(client, public)

    assert page.page.xpath("//p[starts-with(@class, 'decision')]")[0].text == verdict
    for sentence in said:
        assert sentence in page.text
    assert "《民法典》第二百七十八条" in page.text


@pytest.mark.parametrize(
    ("votes", "verdict"),
    [
        (["yes"], "未通过：出席人数没有过半"),
        (["yes", "yes"], "表决通过：同意"),
        (["yes", "no"], "未通过：没有一项得到出席人过半数的票"),
        (["no", "no"], "未通过：出席人的过半数反对"),
    ],
)
async def test_a_meetings_decision_is_told_with_who_was_there(
    session: AsyncSession, client: Client, votes: list[str], verdict: str
) -> None:
    more: dict[str, Any] = {"kind": PollKind.MEETING, "rules": Rules(sits=Sits.HOUSEHOLDS)}
    opened = await asking(session, a_question(method=Method.YES_NO), **more)
    await voted(client, opened, *[{"q1": answer} for answer in votes])
    await closed(session, opened)
    await published(session, opened)

    page = await opened_at(client, await public_path(session, opened))

    assert page.page.xpath("//p[starts-with(@class, 'decision')]")[0].text == verdict
    assert f"应到 3，出席 {len(votes)}" in page.text
    assert "由每户派代表参加" in page.text


async def test_the_heads_the_bundle_and_what_they_do_not_prove_stand_on_the_page(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), secrecy="secret")
    public = await public_path(session, opened)
    open_page = await opened_at(client, public)
    assert (opened.poll.head or b"").hex() in open_page.text
    assert "/bundle" not in open_page.answer.text
    await closed(session, opened)

    page = await opened_at(client, public)

    links = page.page.xpath("//ul[@class='files']//a/@href")
    assert len(links) == 3
    for link in links:
        assert (link, (await client.get(link)).status_code) == (link, 200)
    heads = page.page.xpath("//table[@class='heads']//code/text()")
    assert len(heads) == len(page.page.xpath("//table[@class='heads']//tr")) - 1
    assert {len(each) for each in heads} == {64}
    for said in (
        "不证明办事的人诚实",
        "有可能替没来投票的人投票",
        "有可能查出哪张票是谁投的",
        "防不住买票和胁迫",
        "手机或者社区的系统要是被人动了手脚",
        "投得完全一样时",
        "拿到同一个回执",
        "不能重投",
    ):
        assert said in page.text


async def test_a_page_that_has_not_changed_is_not_sent_again(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question())
    await closed(session, opened)
    public = await public_path(session, opened)
    first = await client.get(public)

    again = await client.get(public, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
    assert first.headers["Cache-Control"].startswith("public")
    assert "unsafe" not in first.headers["Content-Security-Policy"]
