"""Somebody to tell things to, and a platform that takes or refuses them."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import http
from app.core.settings import settings
from app.notices.channels import channels
from app.people.models import Identity, Person
from app.wechat.models import Account
from tests.notices.builders import Post
from tests.notices.ways import Way
from tests.service_requests.conftest import acting, people, town
from tests.wechat.builders import Platform, a_platform, an_account

__all__ = ["acting", "people", "town"]


@dataclass
class Reader:
    """Somebody who follows the account."""

    account: Account
    person: Person
    identity: Identity


@pytest.fixture
async def platform(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Platform]:
    async with a_platform() as platform:
        monkeypatch.setenv("PALM_WECHAT_API", platform.address)
        settings.cache_clear()
        platform.answers = [{"errcode": 0, "errmsg": "ok", "msgid": 4711}]
        yield platform
        await http.close()


@pytest.fixture
async def reader(session: AsyncSession) -> Reader:
    templates = {"test.progress": {"template_id": "TM1", "fields": ["first", "thing1", "time2"]}}
    account = await an_account(session, templates=templates)
    person = Person(community_id=account.community_id, name="王秀英")
    session.add(person)
    await session.flush()
    identity = Identity(
        community_id=account.community_id,
        account_id=account.id,
        openid="o" * 28,
        person_id=person.id,
    )
    session.add(identity)
    await session.commit()
    return Reader(account, person, identity)


@pytest.fixture
def post() -> Iterator[Post]:
    """A channel that carries notices to everybody at once, besides the others."""
    channels.load()
    made = Post()
    channels.add("post", made)
    yield made
    channels.remove("post")


@pytest.fixture
def way() -> Iterator[Way]:
    """A way out that the test holds in its hands."""
    channels.load()
    made = Way()
    channels.add("way", made)
    yield made
    channels.remove("way")
