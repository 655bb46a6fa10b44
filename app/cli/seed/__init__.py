"""伊伊小区 of ZJ镇: a community of invented people for trying everything out."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.seed import chats, councils, deciding, desk, errands, owning, partners, press
from app.cli.seed.community import SLUG, Seeded, seed
from app.cli.seed.history import tell_history
from app.cli.seed.names import Invented
from app.cli.seed.teller import Teller
from app.service_requests.catalogue import install_catalogue

__all__ = ["SLUG", "Seeded", "live", "seed"]


async def live(
    session: AsyncSession, seeded: Seeded, invented: Invented, secrets: Mapping[str, str]
) -> list[dict[str, object]]:
    """Let ninety days of work have passed; nobody is told now of what happened then.

    Only a notice, and what is to be decided now, goes out when the worker starts. Returns the chat
    groups as the platform has them.
    """
    await install_catalogue(session, seeded.community.id, by=seeded.by)
    await partners.bring_in(session, seeded, invented)
    teller = Teller(session, seeded, invented)
    await teller.prepare()
    await partners.set_ways(teller)
    await tell_history(teller)
    await errands.orders_of(teller)
    await errands.task(teller)
    await errands.care(teller)
    await desk.furnish(teller)
    await chats.chat(teller, secrets)
    await owning.register(teller)
    await deciding.represent(teller)
    await deciding.decide(teller, deciding.PAST)
    await deciding.decide(teller, deciding.GOING_ON)
    await councils.discuss(teller)
    past = "DELETE FROM procrastinate_jobs WHERE args->>'community_id' = :community"
    await session.execute(text(past), {"community": str(seeded.community.id)})
    await press.publish(teller, secrets)
    await deciding.decide(teller, [deciding.NEWS])
    return chats.described(teller)
