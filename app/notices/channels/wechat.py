"""The service account: a template message where the purpose has one, else a customer message."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.notices.channels import Failed, Refused, channels
from app.notices.models import Delivery
from app.people.models import Identity
from app.wechat import client
from app.wechat.models import Account
from app.wechat.problems import Failure, Permanent

_LONGEST = {"thing": 20, "phrase": 5, "character_string": 32, "name": 10}
"""Characters that a field of a category template holds, by the word its name begins with."""

_NOTHING = "—"


def _fitting(field: str, value: str) -> str:
    longest = _LONGEST.get(field.rstrip("0123456789"), 200)
    return value if len(value) <= longest else value[: longest - 1] + "…"


def filled(template: dict[str, Any], delivery: Delivery) -> dict[str, str]:
    """The values of a template's fields: the title, then each line's value.

    The last field takes all that is left, with its labels; a field that nothing is left for says
    so, because WeChat takes no empty ones.
    """
    fields: list[str] = template["fields"]
    values = [delivery.title, *(value for _, value in delivery.lines)]
    if len(values) >= len(fields):
        kept = len(fields) - 1
        rest = [f"{label}：{value}" for label, value in delivery.lines[kept - 1 :]]
        values[kept:] = ["\n".join(rest)]
    return {
        field: _fitting(field, value)
        for field, value in zip_longest(fields, values, fillvalue=_NOTHING)
    }


def worded(delivery: Delivery) -> str:
    """The same as one text."""
    lines = [delivery.title, *(f"{label}：{value}" for label, value in delivery.lines)]
    return "\n".join([*lines, *([delivery.link] if delivery.link else [])])


class WeChat:
    """Reaches whoever follows one of the community's service accounts."""

    async def addresses(
        self, session: AsyncSession, community_id: UUID, person_id: UUID
    ) -> Sequence[UUID]:
        """The person's identities that follow an account."""
        following = select(Identity.id).where(
            Identity.community_id == community_id,
            Identity.person_id == person_id,
            Identity.subscribed,
        )
        return (await session.scalars(following)).all()

    async def send(self, sessions: Sessions, delivery: Delivery) -> str | None:
        """Send under the delivery's id, by which WeChat tells a second attempt from a second one.

        Returns the message id by which WeChat later reports whether it arrived.
        """
        account, openid = await self._address(sessions, delivery)
        template = account.templates.get(delivery.purpose)
        try:
            if template is None:
                await client.send_text(sessions, account, openid, worded(delivery))
                return None
            return await client.send_template(
                sessions,
                account,
                openid,
                template["template_id"],
                filled(template, delivery),
                client_msg_id=delivery.id.hex,
                url=delivery.link or "",
            )
        except Permanent as failure:
            raise Refused(failure.code) from None
        except Failure as failure:
            raise Failed(failure.code, wait=failure.wait) from None

    async def _address(self, sessions: Sessions, delivery: Delivery) -> tuple[Account, str]:
        found = (
            select(Account, Identity.openid)
            .join(
                Identity,
                (Identity.community_id == Account.community_id)
                & (Identity.account_id == Account.id),
            )
            .where(
                Identity.community_id == delivery.community_id,
                Identity.id == delivery.address_id,
            )
        )
        async with sessions() as session:
            row = (await session.execute(found)).one_or_none()
        if row is None:
            raise Refused("no_such_address")  # noqa: EM101 - a code, not a sentence
        return row[0], row[1]


channels.add("wechat", WeChat())
