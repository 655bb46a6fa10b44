import asyncio
from collections.abc import AsyncIterator, Sequence
from io import BytesIO

import pytest
from aiohttp import web
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.jobs import fetch_photos
from app.core import http
from app.core.database import Sessions
from app.core.files import File
from app.core.settings import settings
from app.notices.models import Delivery
from app.people.models import Identity
from app.service_requests.models import RequestPhoto, ServiceRequest, Stage, State
from tests.chat.builders import Phone
from tests.conftest import Worker
from tests.wechat.builders import Platform, a_platform


@pytest.fixture
async def platform(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Platform]:
    """What WeChat's API is for these tests."""
    async with a_platform() as platform:
        monkeypatch.setenv("PALM_WECHAT_API", platform.address)
        settings.cache_clear()
        yield platform
        await http.close()


def a_photo(color: str = "red") -> web.Response:
    data = BytesIO()
    Image.new("RGB", (40, 30), color).save(data, "JPEG")
    return web.Response(body=data.getvalue(), content_type="image/jpeg")


async def photos(session: AsyncSession) -> Sequence[RequestPhoto]:
    rows = await session.scalars(select(RequestPhoto).execution_options(populate_existing=True))
    return rows.all()


async def count(session: AsyncSession, table: type[File | Delivery]) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_photos_of_a_report_are_fetched_once_it_is_filed(
    platform: Platform, resident: Phone, worker: Worker, session: AsyncSession
) -> None:
    platform.answers = [a_photo("red"), a_photo("blue")]
    await resident.says("报修", "水管漏水", "1", "跳过", "跳过")
    await resident.photographs("media-1")
    await resident.photographs("media-2")
    await resident.says("完成")
    await worker.catch_up()
    assert not platform.asked("/cgi-bin/media/get")

    await resident.says("1")
    await worker.catch_up()

    asked = [call.query["media_id"] for call in platform.asked("/cgi-bin/media/get")]
    assert asked == ["media-1", "media-2"]
    kept = await photos(session)
    assert [photo.stage for photo in kept] == [Stage.REPORT, Stage.REPORT]


async def test_a_photo_can_be_added_while_the_request_is_open(
    platform: Platform, resident: Phone, worker: Worker, session: AsyncSession
) -> None:
    platform.answers = [a_photo()]
    await resident.says("报修 水管漏水", "1", "补充1001")
    await resident.photographs()
    await worker.catch_up()

    assert len(await photos(session)) == 1


async def test_the_same_errand_run_again_adds_nothing(
    platform: Platform, resident: Phone, sessions: Sessions, session: AsyncSession
) -> None:
    platform.answers = [a_photo()]
    await resident.says("报修 水管漏水", "1")
    arguments = await _errand(session, resident, ["media-1", "media-1"])

    await asyncio.gather(*(_run(sessions, arguments) for _ in range(3)))
    await _run(sessions, arguments)

    assert len(await photos(session)) == 1
    assert await count(session, File) == 1


async def test_who_sent_a_damaged_picture_is_told_once_and_the_others_are_kept(
    platform: Platform, resident: Phone, sessions: Sessions, session: AsyncSession
) -> None:
    damaged = web.Response(body=b"\xff\xd8\xff and no more", content_type="image/jpeg")
    gone = web.json_response({"errcode": 40007, "errmsg": "invalid media_id"})
    platform.answers = [damaged, a_photo(), gone]
    await resident.says("报修 水管漏水", "1")
    arguments = await _errand(session, resident, ["bad", "good", "gone"])

    await _run(sessions, arguments)
    platform.answers = [a_photo()]
    await _run(sessions, arguments)

    assert len(await photos(session)) == 1
    told = (await session.scalars(select(Delivery.title))).all()
    assert [title for title in told if title and "打不开" in title] == [
        "有2张照片打不开，没能加到1001。麻烦您重新拍一张发过来。"
    ]


async def test_who_sent_a_photo_too_late_is_told(
    platform: Platform, resident: Phone, sessions: Sessions, session: AsyncSession
) -> None:
    platform.answers = [a_photo()]
    await resident.says("报修 水管漏水", "1")
    arguments = await _errand(session, resident, ["media-1"])
    request = (await session.scalars(select(ServiceRequest))).one()
    request.state = State.CLOSED
    await session.commit()

    await _run(sessions, arguments)

    assert not await photos(session)
    told = (await session.scalars(select(Delivery.title))).all()
    assert any(title and "已经结束" in title for title in told)


async def _errand(session: AsyncSession, phone: Phone, media_ids: list[str]) -> dict[str, object]:
    request = (await session.scalars(select(ServiceRequest))).one()
    identity = (
        await session.scalars(select(Identity).where(Identity.openid == phone.openid))
    ).one()
    return {
        "community_id": str(request.community_id),
        "identity_id": str(identity.id),
        "request_id": str(request.id),
        "media_ids": media_ids,
    }


async def _run(sessions: Sessions, arguments: dict[str, object]) -> None:
    """The errand, as the worker runs it once more after it died."""
    await fetch_photos.func(_Context(sessions), **arguments)


class _Context:
    """What the engine tells a job."""

    def __init__(self, sessions: Sessions) -> None:
        self.additional_context = {"sessions": sessions}
