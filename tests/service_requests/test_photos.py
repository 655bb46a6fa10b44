from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Role
from app.service_requests.models import ServiceRequest
from tests.conftest import Client as Http
from tests.conftest import Worker
from tests.service_requests.builders import Caller, Town, a_person, a_town
from tests.service_requests.conftest import As, People


def a_picture() -> bytes:
    body = BytesIO()
    Image.new("RGB", (8, 6), "teal").save(body, "PNG")
    return body.getvalue()


PNG = a_picture()


async def uploaded(caller: Caller) -> str:
    answer = await caller("POST", "/files", files={"file": ("a.png", PNG, "image/png")})
    assert answer.status_code == 201, answer.text
    photo: str = answer.json()["id"]
    return photo


async def test_photos_are_seen_with_their_request_and_by_nobody_else(
    acting: As, people: People, town: Town, worker: Worker, session: AsyncSession, *, client: Http
) -> None:
    other = await a_town(session, "sunset")
    stranger = await a_person(session, other, "外人", Role.ADMIN)
    town.tokens |= other.tokens
    await session.commit()
    resident, plumber = acting(people.resident), acting(people.worker)
    before = await uploaded(resident)
    assert (await plumber.get(f"/files/{before}")).status_code == 404
    assert (await resident.get(f"/files/{before}")).status_code == 200

    leak = await resident.ask(place_id=str(town.home.id), summary="水管漏水", photos=[before])
    await worker.catch_up()
    after = await uploaded(plumber)
    done = await plumber.take(leak, "complete", note="换了", photos=[after])

    assert done["photos"] == [{"id": before, "stage": "report"}, {"id": after, "stage": "outcome"}]
    for photo in (before, after):
        for who in (resident, plumber, acting(people.manager)):
            for size in ("full", "thumb"):
                answer = await who.get(f"/files/{photo}?size={size}")
                assert answer.headers["content-type"] == "image/jpeg"
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert answer.content[:2] == b"\xff\xd8"
        for nobody in (people.neighbour, people.elsewhere, stranger):
            assert (await acting(nobody).get(f"/files/{photo}")).status_code == 404
        assert (await client.get(f"/api/v1/files/{photo}")).status_code == 401
    timeline = await resident.timeline(leak)
    shown = {entry["kind"]: entry["photos"] for entry in timeline if entry["photos"]}
    assert shown == {"service_request.filed": [before], "service_request.completed": [after]}


async def test_a_photo_of_somebody_else_cannot_be_taken_over(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    theirs = await uploaded(acting(people.neighbour))
    asked = {"place_id": str(town.home.id), "summary": "水管漏水", "photos": [theirs]}
    answer = await acting(people.resident).post("/service-requests", asked)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"path": "photos.0", "message": "no such photo"}]
    assert await session.scalar(select(func.count()).select_from(ServiceRequest)) == 0


async def test_a_photo_belongs_to_one_request(acting: As, people: People, town: Town) -> None:
    resident = acting(people.resident)
    photo = await uploaded(resident)
    asked: dict[str, Any] = {"place_id": str(town.home.id), "summary": "水管漏水"}
    await resident.ask(**asked, photos=[photo, photo])
    again = await resident.post("/service-requests", asked | {"photos": [photo]})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/photo-taken")


async def test_what_is_no_photo_is_refused(acting: As, people: People) -> None:
    resident = acting(people.resident)
    svg = await resident("POST", "/files", files={"file": ("a.png", b"<svg onload=1>")})
    huge = await resident("POST", "/files", files={"file": ("a.png", PNG + b"0" * 10_485_760)})
    none = await resident("POST", "/files", data={"file": "text"})
    assert [svg.status_code, huge.status_code, none.status_code] == [422, 413, 422]
