"""The example of the page on polls, run as it stands: from a draft to its result, by curl."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Role
from tests.handbooks import Ran, examples, run
from tests.people.builders import a_client, a_resident, token_of
from tests.people.conftest import Town
from tests.serving import address

__all__ = ["address"]


@pytest.fixture
async def ran(address: str, session: AsyncSession, town: Town, tmp_path: Path) -> Ran:
    """The page's only example, in a town where two people share a home."""
    for name in ("张三", "李四"):
        await a_resident(session, town.home, name, phone=None)
    key = token_of(session, await a_client(session, town.root, Role.MANAGER))
    await session.commit()
    (example,) = examples("docs/polls.md")
    return await run(example, tmp_path, BASE=address, KEY=key)


async def test_the_example_leads_from_a_draft_to_its_result(ran: Ran, address: str) -> None:
    drafted, counted, opened, turnout, links, closed, result = ran.documents()

    (of_poll,) = {each["id"] for each in (drafted, opened, closed)} | {result["poll_id"]}
    assert ran.called(f"{address}/api/v1", of_poll) == [
        "200 GET /places?kind=building&limit=1",
        "201 POST /polls",
        "200 POST /polls/ID/roll-counts",
        "200 POST /polls/ID/opening",
        "200 GET /polls/ID/turnout",
        "200 GET /polls/ID/links",
        "200 POST /polls/ID/closing",
        "200 GET /polls/ID/results",
    ]
    assert [each["state"] for each in (drafted, opened, closed)] == ["draft", "open", "published"]
    assert (drafted["title"], drafted["secrecy"]) == ("装不装充电桩", "secret")
    assert counted == {"entries": 1, "people": 2, "area": 0}
    assert turnout == {"entries": 1, "voted": 0}
    (link,) = links["items"]
    assert (link["kind"], link["head"]) == ("opening", opened["head"])
    assert (result["live"], result["ballots"]) == (False, 0)
    assert result["questions"]["q1"]["counts"] == {"yes": 0, "no": 0, "abstain": 0}
