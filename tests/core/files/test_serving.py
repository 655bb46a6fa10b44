"""A photo that is looked at: sent as a picture and nothing else, or not found."""

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import files
from app.core.files import File, store_photo
from app.core.problems import NotFound, Problem
from app.places.models import Community
from tests.pictures import a_picture


@pytest.fixture
async def file(session: AsyncSession, community: Community) -> File:
    return await store_photo(session, a_picture(), community_id=community.id, by=None)


async def test_a_photo_is_served_so_that_it_is_only_a_picture(file: File) -> None:
    transport = httpx.ASGITransport(files.respond(file, thumbnail=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://palm.test") as browser:
        answer = await browser.get("/")

    assert answer.content == files.open_file(file, thumbnail=True).read_bytes()
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file.id}.jpg"'
    assert answer.headers["Cache-Control"].startswith("private")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_a_photo_that_was_lost_is_not_found(file: File) -> None:
    files.open_file(file).unlink()

    with pytest.raises(NotFound):
        files.open_file(file)
    assert isinstance(NotFound(), Problem)
