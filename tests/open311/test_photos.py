"""Photos that come with a request or an update, as multipart."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.files import File
from app.service_requests.models import RequestPhoto, ServiceRequest, Stage
from tests.open311.city import LIGHT, City, said
from tests.open311.conftest import As, Programs


@pytest.fixture
def hotline(city: As, programs: Programs) -> City:
    return city(programs.hotline)


def a_photo(colour: str = "navy") -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "JPEG")
    return file.getvalue()


async def count(session: AsyncSession, table: type) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("names", [["media"], ["photo1", "photo2"], ["file_0", "file_1"]])
async def test_photos_are_kept_with_the_request_under_every_name_clients_use(
    hotline: City, session: AsyncSession, names: list[str]
) -> None:
    files = {name: (f"{name}.jpg", a_photo(), "image/jpeg") for name in names}

    answer = await hotline.post("requests.json", files=files, **LIGHT)

    assert answer.status_code == 200, answer.text
    photos = list(await session.scalars(select(RequestPhoto)))
    assert [photo.stage for photo in photos] == [Stage.REPORT] * len(names)
    (request,) = await session.scalars(select(ServiceRequest))
    assert request.summary == "路灯不亮"
    assert {photo.request_id for photo in photos} == {request.id}
    shown = await hotline.read(str(request.number))
    assert shown["media_url"].endswith(f"/api/v1/files/{photos[0].file_id}")


async def test_the_photo_opens_with_the_key_that_sent_it(hotline: City) -> None:
    answer = await hotline.post("requests.json", files={"media": a_photo()}, **LIGHT)
    shown = await hotline.read(answer.json()[0]["service_request_id"])

    path = shown["media_url"].partition("8000")[2]
    authorised = {"Authorization": f"Bearer {hotline.key}"}
    assert (await hotline.http.get(path, headers=authorised)).status_code == 200
    assert (await hotline.http.get(path)).status_code == 401


async def test_an_empty_file_field_is_no_photo(hotline: City, session: AsyncSession) -> None:
    files = {"media": ("", b"", "application/octet-stream")}

    assert (await hotline.post("requests.json", files=files, **LIGHT)).status_code == 200
    assert await count(session, RequestPhoto) == 0


NO_PHOTOS = [
    ([("media", ("a.pdf", b"%PDF-1.7"))], "not a photo"),
    ([("media", ("a.svg", b"<svg onload='x'/>"))], "not a photo"),
    ([("media", ("a.jpg", b"\xff\xd8\xff<script>"))], "not a photo"),
    ([("selfie", ("a.jpg", b"\xff\xd8\xff"))], "selfie"),
    ([(f"photo{n}", ("a.jpg", b"\xff\xd8\xff")) for n in range(10)], "media"),
]


async def test_what_is_no_photo_or_too_many_is_refused_and_nothing_is_filed(
    hotline: City, session: AsyncSession
) -> None:
    hotline.http.headers["Accept-Language"] = "en"
    for files, words in NO_PHOTOS:
        answer = await hotline.post("requests.xml", files=files, **LIGHT)

        assert answer.status_code == 400
        assert words in said(answer)[0]
    assert await count(session, ServiceRequest) == await count(session, File) == 0


async def test_a_photo_that_is_too_large_is_refused(hotline: City) -> None:
    large = a_photo() + b"\0" * (10 * 1024 * 1024)

    answer = await hotline.post("requests.xml", files={"media": large}, **LIGHT)

    assert answer.status_code == 413
    assert said(answer)


async def test_nobody_without_a_key_makes_us_open_a_photo(
    city: As, session: AsyncSession, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def opened(_data: bytes) -> None:
        pytest.fail("it was opened")

    monkeypatch.setattr("app.open311.filing.decode_photo", opened)

    answer = await city().post("requests.xml", files={"media": a_photo()}, **LIGHT)

    assert answer.status_code == 403


async def test_an_update_may_bring_a_photo(hotline: City, session: AsyncSession) -> None:
    number = await hotline.file()
    answer = await hotline.post(
        "servicerequestupdates.json",
        files={"photo1": a_photo()},
        service_request_id=number,
        status="OPEN",
        description="还是不亮",
    )

    assert answer.status_code == 200, answer.text
    (photo,) = await session.scalars(select(RequestPhoto))
    assert photo.stage is Stage.REPORT
    assert photo.remark_id is not None
