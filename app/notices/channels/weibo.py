"""Weibo 微博: a status of 140 characters as Weibo counts them, with a link to the notice."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import httpx

from app.core import http
from app.core.database import Sessions
from app.core.log import log
from app.core.settings import settings
from app.groups.wording import composed
from app.notices.channels import Content, Failed, Limits, Refused, channels
from app.notices.models import Delivery, Outlet
from app.notices.outlet_lanes import ToOutlets, keys_of, of_lane

LONGEST = 140
"""Characters; one of ASCII counts for half of one."""
REST = timedelta(minutes=15)
"""How long an account is left alone that posted too often; Weibo counts by the hour."""
_SHARE = "/2/statuses/share.json"

_TOO_OFTEN = frozenset({10022, 10023, 10024, 20016})
_TOKEN = frozenset({21301, *range(21314, 21320), 21327, 21332})
_PASSING = frozenset({10001, 10002, 10003, 10009, 10010, 10011})
_REPEATED = frozenset({20019})


def halves(text: str) -> int:
    """How long a text is to Weibo, in halves of a character."""
    return sum(1 if char.isascii() else 2 for char in text)


def status_of(content: Content) -> str:
    """The title, as much of the text as there is room for, and the whole link.

    Between two `#` would stand a topic, which Weibo refuses in what is shared.
    """
    if not content.link:
        raise Refused(code="no_link")
    room = 2 * LONGEST
    title = f"【{content.title}】".replace("#", "＃")
    text = content.text.replace("#", "＃")
    return composed(text, room, head=title, tail=content.link, size=halves)


def _answered(response: httpx.Response) -> Mapping[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Failed(code=f"http_{response.status_code}")
    return answer


def _meaning(response: httpx.Response, outlet: Outlet) -> str | None:
    """The id of the status, none for one that is there already; or why there is none."""
    answer = _answered(response)
    code = answer.get("error_code")
    if code in _REPEATED:
        return None
    if code in _TOO_OFTEN:
        raise Failed(str(code), wait=REST, lane=True, sent=False)
    if code in _TOKEN:
        log.error("weibo_token_refused", outlet_id=str(outlet.id), code=code)
        raise Refused(str(code))
    if code in _PASSING or (code is None and not response.is_success):
        raise Failed(str(code or f"http_{response.status_code}"))
    if code is not None:
        raise Refused(str(code))
    number = answer.get("idstr") or answer.get("id")
    if not number:
        raise Failed(code="no_id")
    return str(number)


@dataclass(frozen=True, slots=True)
class _Account:
    """One account, and the token it is posted with."""

    outlet: Outlet

    async def send(self, _delivery: Delivery, content: Content) -> str | None:
        """Post it, and return the id of the status.

        Weibo takes no text twice, and says so of one that was posted by an attempt whose answer
        was lost.
        """
        form = {
            "access_token": keys_of(self.outlet)["access_token"],
            "status": status_of(content),
        }
        try:
            response = await http.client().post(settings().weibo_api + _SHARE, data=form)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise Failed(code="unreachable", sent=False) from None
        except httpx.HTTPError as error:
            raise Failed(type(error).__name__) from None
        return _meaning(response, self.outlet)


class Weibo(ToOutlets):
    """Reaches whoever follows an account of the community."""

    limits = Limits(per_minute=2)
    needs: ClassVar[tuple[str, ...]] = ("access_token",)

    @asynccontextmanager
    async def lane(self, sessions: Sessions, lane: str) -> AsyncIterator[_Account]:
        """The account, if it is still at work."""
        yield _Account(await of_lane(sessions, lane))


channels.add("weibo", Weibo("weibo"))
