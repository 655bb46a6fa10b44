"""A small community to measure on: many people with a home and one request each."""

from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.seed.community import Seeded, seed
from app.cli.seed.names import Invented
from app.core.clock import now
from app.core.ids import new_id
from app.people.models import Identity
from app.service_requests.catalogue import install_catalogue
from app.service_requests.models import Category, Channel, ServiceRequest
from app.wechat.edge import Mode
from app.wechat.models import Account

PEOPLE = 640


@dataclass(frozen=True)
class Town:
    """What the generator of messages needs to know."""

    accounts: dict[Mode, Account]
    openids: list[str]


def _account(seeded: Seeded, mode: Mode) -> Account:
    return Account(
        community_id=seeded.community.id,
        id=new_id(),
        slug=mode.value,
        name=mode.value,
        app_id=f"wx{mode.value}",
        original_id=f"gh_{mode.value}",
        app_secret="secret",
        token="token",
        aes_key="a" * 43,
        mode=mode,
        templates={},
    )


async def build(session: AsyncSession) -> Town:
    """Put the town into an empty database."""
    seeded = await seed(session, Invented(20))
    await install_catalogue(session, seeded.community.id, by=seeded.by)
    accounts = {mode: _account(seeded, mode) for mode in (Mode.PLAIN, Mode.SAFE)}
    session.add_all(accounts.values())
    await session.flush()
    category = await session.scalar(select(Category).where(Category.code == "water_leak"))
    openids = [f"o{number:027d}" for number in range(PEOPLE)]
    residents = seeded.residents[:PEOPLE]
    for account in accounts.values():
        await session.execute(
            insert(Identity),
            [
                {
                    "community_id": seeded.community.id,
                    "account_id": account.id,
                    "openid": openid,
                    "person_id": person.id,
                }
                for openid, (person, _) in zip(openids, residents, strict=True)
            ],
        )
    await session.execute(
        insert(ServiceRequest),
        [
            {
                "community_id": seeded.community.id,
                "number": 100_000 + number,
                "category_id": category.id,
                "category_version": category.version,
                "place_id": home.id,
                "reporter_id": person.id,
                "summary": "厨房水管漏水",
                "channel": Channel.WECHAT,
                "filed_at": now(),
                "due_at": now(),
            }
            for number, (person, home) in enumerate(residents)
        ],
    )
    return Town(accounts, openids)
