"""What a voting link shows once votes are counted, and whose eyes the counts are for before."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls.models import ResultsShown, Secrecy
from tests.conftest import Client
from tests.polls.builders import a_question, a_voter
from tests.web.voting.browsing import (
    an_assembly,
    asking,
    closed,
    link_of,
    opened_at,
    path_of,
    public_path,
    published,
)


async def test_after_the_close_the_link_shows_what_came_of_it(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), public=False)
    page = (await opened_at(client, path_of(opened))).pick("q1", "B")
    await page.press("cast")
    await closed(session, opened)

    late = await page.press("cast")
    over = await opened_at(client, path_of(opened))

    assert (late.status, "投票已截止，这次没有投出" in late.text) == (409, True)
    assert over.status == 200
    assert "应投 3 票，已投 1 票（33.33%）" in over.text
    assert over.page.xpath("//tr[@class='leading']/th")[0].text.strip() == "方案B"
    stranger = link_of(opened.poll, (await a_voter(session, opened.poll.place)).id)
    await session.commit()
    assert "方案B" not in (await opened_at(client, stranger)).text


async def test_past_its_time_no_ballot_is_offered_though_nobody_closed_it_yet(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), lasts=timedelta(seconds=-1))

    page = await opened_at(client, path_of(opened))

    assert "正在计票" in page.text
    assert not page.page.xpath("//input[@type='radio']")


async def test_an_assemblys_result_waits_until_somebody_publishes_it(
    session: AsyncSession, client: Client
) -> None:
    opened = await an_assembly(session)
    await (await opened_at(client, path_of(opened))).pick("q1", "yes").press("cast")
    await closed(session, opened)

    over = await opened_at(client, path_of(opened))

    assert "结果将于" in over.text
    assert "表决通过" not in over.text
    assert "未通过" not in over.text
    assert "/bundle" not in over.answer.text
    assert (await client.get(f"{path_of(opened)}/bundle")).status_code == 409


async def test_owners_take_out_the_ballots_of_their_assembly_by_their_links(
    session: AsyncSession, client: Client
) -> None:
    opened = await an_assembly(session)
    await (await opened_at(client, path_of(opened))).pick("q1", "yes").press("cast")
    await closed(session, opened)
    await published(session, opened)

    over = await opened_at(client, path_of(opened))
    [bundle] = over.page.xpath("//a[contains(@href, '/bundle')]/@href")
    taken = await client.get(bundle)

    assert (taken.status_code, taken.json()["result"]["ballots"]) == (200, 1)
    assert taken.headers["Cache-Control"] == "private, no-store"
    stranger = await a_voter(session, opened.poll.place)
    await session.commit()
    assert (await client.get(f"{link_of(opened.poll, stranger.id)}/bundle")).status_code == 404


async def test_nobody_else_takes_out_recorded_ballots_by_a_link(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question())
    await closed(session, opened)

    assert "/bundle" not in (await opened_at(client, path_of(opened))).answer.text
    assert (await client.get(f"{path_of(opened)}/bundle")).status_code == 403


@pytest.mark.parametrize(
    ("shown", "before", "after"),
    [
        (ResultsShown.ALWAYS, True, True),
        (ResultsShown.AFTER_VOTING, False, True),
        (ResultsShown.AT_CLOSE, False, False),
    ],
)
async def test_counts_are_seen_as_early_as_was_said_and_no_earlier(
    session: AsyncSession, client: Client, shown: ResultsShown, *, before: bool, after: bool
) -> None:
    opened = await asking(session, a_question(), results_shown=shown)
    public = await public_path(session, opened)
    assert ("到目前为止" in (await opened_at(client, public)).text) is before

    await (await opened_at(client, path_of(opened))).pick("q1", "B").press("cast")

    assert ("到目前为止" in (await opened_at(client, path_of(opened))).text) is after
    seen = await opened_at(client, public)
    assert ("到目前为止" in seen.text) is (shown is ResultsShown.ALWAYS)
    counts = await client.get(f"{public}/result.json")
    assert counts.status_code == (200 if shown is ResultsShown.ALWAYS else 409)


async def test_secret_counts_are_seen_by_nobody_before_the_close(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question(), secrecy=Secrecy.SECRET)
    review = await (await opened_at(client, path_of(opened))).pick("q1", "B").press("review")
    await review.press("cast")

    for path in (path_of(opened), await public_path(session, opened)):
        page = await opened_at(client, path)
        assert "到目前为止" not in page.text
        assert not page.page.xpath("//tr[@class='leading']")
