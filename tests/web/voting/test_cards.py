"""The card of a poll: what hangs on the door, and where its code leads."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import segno
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.settings import settings
from app.places.models import Community
from app.polls.models import PollState, Secrecy
from tests.conftest import Client
from tests.polls.builders import a_grid, a_poll, a_question
from tests.sandbox.browser import chromium
from tests.web.barriers import all_can_use_each
from tests.web.voting.browsing import asking, closed, opened_at, public_path


def modules(picture: Image.Image, count: int) -> list[list[int]]:
    """The squares of a code, 1 for dark, as a phone sees them on a screen."""
    grey, size = picture.convert("L"), picture.width / count
    middles = [int((each + 0.5) * size) for each in range(count)]
    dark = grey.point(lambda lightness: 0 if lightness >= 128 else 1).tobytes()
    return [[dark[y * grey.width + x] for x in middles] for y in middles]


def expected(address: str) -> list[list[int]]:
    code = segno.make(address, error="m", micro=False)
    return [list(row) for row in code.matrix_iter(border=4)]


async def test_the_code_leads_to_the_page_of_the_poll(
    session: AsyncSession, client: Client
) -> None:
    path = await public_path(session, await asking(session, a_question()))
    leads_to = expected(settings().base_url + path)

    picture = await client.get(f"{path}/code.png")
    page = await client.get(f"{path}/card")

    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert modules(Image.open(BytesIO(picture.content)), len(leads_to)) == leads_to
    async with chromium() as browser:
        shown = await browser.new_page()
        await shown.set_content(page.text)
        code = await shown.locator(".square svg").screenshot()
    assert modules(Image.open(BytesIO(code)), len(leads_to)) == leads_to


async def test_it_says_how_to_vote_and_in_a_group_only_where_that_counts(
    session: AsyncSession, client: Client
) -> None:
    recorded = await asking(session, a_question(), title="选哪一幅")
    secret = await asking(session, a_question(), secrecy=Secrecy.SECRET)

    page = await opened_at(client, f"{await public_path(session, recorded)}/card")
    ways = [
        way.text_content() for way in page.page.xpath("//h2[text()='怎样投票']/following::ol[1]/li")
    ]
    other = (await client.get(f"{await public_path(session, secret)}/card")).text

    assert "选哪一幅" in page.text
    assert f"“投票 {recorded.poll.number}”" in ways[0]
    assert "群里" in ways[1]
    assert "群里" not in other
    assert "/card" in (await client.get(await public_path(session, recorded))).text


async def test_when_it_is_over_it_leads_to_what_came_of_it(
    session: AsyncSession, client: Client
) -> None:
    opened = await asking(session, a_question())
    path = await public_path(session, opened)
    await closed(session, opened)

    page = (await client.get(f"{path}/card")).text

    assert "结果已公布" in page
    assert "怎样投票" not in page


@pytest.mark.parametrize("wanted", ["card", "code.png"])
async def test_what_is_not_told_has_no_card(
    session: AsyncSession, client: Client, wanted: str
) -> None:
    place = await a_grid(session)
    kept: tuple[dict[str, Any], ...] = (
        {"state": PollState.DRAFT},
        {"state": PollState.ANNOUNCED, "announced_at": now(), "public": False},
        {"state": PollState.CANCELLED},
    )
    for each in kept:
        await a_poll(session, place, opens_at=now() + timedelta(days=1), **each)
    await session.commit()
    community = await session.get_one(Community, place.community_id)
    for number in ("1", "2", "3", "4", "x", "0", "9" * 30):
        answer = await client.get(f"/c/{community.slug}/polls/{number}/{wanted}")
        assert (number, answer.status_code) == (number, 404)


async def test_everybody_can_use_it(session: AsyncSession, client: Client) -> None:
    path = await public_path(session, await asking(session, a_question(), title="长标题" * 30))
    pages = [(await client.get(f"{path}/card{size}")).text for size in ("", "?large=1")]
    await all_can_use_each(*pages)
