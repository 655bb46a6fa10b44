"""The example of the page on notices, run as it stands: from a draft to its deliveries, by curl."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Identity
from app.wechat.models import Account
from tests.handbooks import examples, run
from tests.service_requests.builders import Town
from tests.service_requests.conftest import People
from tests.serving import address

__all__ = ["address"]


async def test_the_example_leads_from_a_draft_to_its_deliveries(
    address: str, session: AsyncSession, town: Town, people: People, tmp_path: Path
) -> None:
    here = {"community_id": town.community.id}
    account = Account(**here, slug="a", name="掌上伊伊", app_id="wx1", app_secret="s", token="t")
    session.add(account)
    await session.flush()
    followed = {"account_id": account.id, "openid": "o" * 28, "person_id": people.resident.id}
    session.add(Identity(**here, **followed))
    await session.commit()
    (example,) = examples("docs/notices.md")

    ran = await run(example, tmp_path, BASE=address, KEY=town.tokens[people.manager.id])

    written, told, sent, deliveries = ran.documents()
    assert ran.called(f"{address}/api/v1", written["id"]) == [
        "200 GET /places?kind=community",
        "201 POST /notices",
        "200 GET /notices/ID/audience",
        "200 POST /notices/ID/publication",
        "200 GET /notices/ID/deliveries",
    ]
    assert (written["state"], sent["state"]) == ("draft", "sending")
    assert (told["people"], told["channels"]["wechat"]) == (1, 1)
    assert deliveries == {"items": [], "next": None, "counts": {}}, "the worker has yet to come"
