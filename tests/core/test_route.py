"""One request, one transaction, one effect."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import problems
from app.core.auth import Holder, issue
from app.core.database import sessions_of
from app.core.problems import Conflict, Unavailable
from app.core.web import Answer, Route, Session
from app.core.wire import In
from app.places.models import Community

router = APIRouter(route_class=Route)
stop = asyncio.Event()


class Founding(In):
    slug: str
    then: str = "answer"


@router.post("/communities", status_code=201)
async def found(session: Session, founding: Founding) -> dict[str, str]:
    session.add(Community(slug=founding.slug, name=founding.slug, town="ZJ镇"))
    await session.flush()
    match founding.then:
        case "wait":
            await stop.wait()
        case "refuse":
            raise Conflict
        case "fail":
            raise Unavailable
        case "crash":
            raise RuntimeError
        case "break_the_commit":
            deferred = "CREATE TEMP TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)"
            await session.execute(text(deferred))
            await session.execute(text("INSERT INTO once VALUES (1), (1)"))
    return {"slug": founding.slug}


@pytest.fixture
async def web(engine: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.sessions = sessions_of(engine)
    problems.install(app)
    app.include_router(router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://palm.test") as client:
        yield client


@pytest.fixture
async def tokens(session: AsyncSession) -> list[str]:
    """Two callers of one community."""
    community = Community(slug="yiyi", name="伊伊小区", town="ZJ镇")
    session.add(community)
    await session.flush()
    made = [
        issue(session, community_id=community.id, holder=Holder.CLIENT, holder_id=uuid4())
        for _ in range(2)
    ]
    await session.commit()
    return made


async def communities(session: AsyncSession) -> int:
    query = select(func.count()).where(Community.slug != "yiyi")
    return await session.scalar(query) or 0


def keyed(token: str, key: str = "k1") -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": key}


async def test_a_commit_that_fails_is_not_answered_with_success(
    web: httpx.AsyncClient, session: AsyncSession
) -> None:
    answer = await web.post("/communities", json={"slug": "a", "then": "break_the_commit"})

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert await communities(session) == 0


@pytest.mark.parametrize(("then", "status"), [("refuse", 409), ("fail", 503), ("crash", 500)])
async def test_what_is_refused_has_no_effect(
    web: httpx.AsyncClient, session: AsyncSession, then: str, status: int
) -> None:
    answer = await web.post("/communities", json={"slug": "a", "then": then})

    assert answer.status_code == status
    assert await communities(session) == 0


async def test_a_repeated_key_is_answered_the_same_and_acts_once(
    web: httpx.AsyncClient, session: AsyncSession, tokens: list[str]
) -> None:
    first = await web.post("/communities", json={"slug": "a"}, headers=keyed(tokens[0]))
    second = await web.post("/communities", json={"slug": "a"}, headers=keyed(tokens[0]))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert await communities(session) == 1


async def test_a_key_belongs_to_its_caller(
    web: httpx.AsyncClient, session: AsyncSession, tokens: list[str]
) -> None:
    await web.post("/communities", json={"slug": "a"}, headers=keyed(tokens[0]))
    other = await web.post("/communities", json={"slug": "b"}, headers=keyed(tokens[1]))

    assert other.status_code == 201
    assert await communities(session) == 2


async def test_a_key_with_another_payload_is_refused(
    web: httpx.AsyncClient, session: AsyncSession, tokens: list[str]
) -> None:
    await web.post("/communities", json={"slug": "a"}, headers=keyed(tokens[0]))
    other = await web.post("/communities", json={"slug": "b"}, headers=keyed(tokens[0]))

    assert other.status_code == 422
    assert other.json()["type"] == "/problems/key-reused"
    assert await communities(session) == 1


async def test_a_key_in_flight_is_refused_and_acts_once(
    web: httpx.AsyncClient, session: AsyncSession, tokens: list[str]
) -> None:
    stop.clear()
    payload = {"slug": "a", "then": "wait"}
    asked = [
        asyncio.create_task(web.post("/communities", json=payload, headers=keyed(tokens[0])))
        for _ in range(8)
    ]
    done: set[asyncio.Task[httpx.Response]] = set()
    while len(done) < 7:
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    answers = await asyncio.gather(*asked)

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert {each.json()["type"] for each in answers if each.status_code == 409} == {
        "/problems/key-in-flight"
    }
    assert await communities(session) == 1


async def test_a_refusal_is_kept_and_replayed(
    web: httpx.AsyncClient, session: AsyncSession, tokens: list[str]
) -> None:
    payload = {"slug": "a", "then": "refuse"}
    first = await web.post("/communities", json=payload, headers=keyed(tokens[0]))
    second = await web.post("/communities", json=payload, headers=keyed(tokens[0]))

    assert (first.status_code, second.status_code) == (409, 409)
    assert second.headers["idempotency-replayed"] == "true"
    assert await communities(session) == 0


@pytest.mark.parametrize("then", ["fail", "crash"])
async def test_nothing_is_kept_of_a_failure_on_our_side(
    web: httpx.AsyncClient, session: AsyncSession, tokens: list[str], then: str
) -> None:
    await web.post("/communities", json={"slug": "a", "then": then}, headers=keyed(tokens[0]))

    assert await session.scalar(select(func.count()).select_from(Answer)) == 0


async def test_a_key_without_a_caller_is_nobodys(
    web: httpx.AsyncClient, session: AsyncSession
) -> None:
    payload = {"slug": "a"}
    first = await web.post("/communities", json=payload, headers={"Idempotency-Key": "k"})

    assert first.status_code == 201
    assert await session.scalar(select(func.count()).select_from(Answer)) == 0


async def test_a_key_with_a_bad_token_is_not_taken(web: httpx.AsyncClient) -> None:
    answer = await web.post("/communities", json={"slug": "a"}, headers=keyed("nobody's"))

    assert answer.status_code == 401


async def test_a_title_comes_in_the_language_asked_for(web: httpx.AsyncClient) -> None:
    payload = {"slug": "a", "then": "refuse"}
    chinese = await web.post("/communities", json=payload)
    english = await web.post("/communities", json=payload, headers={"Accept-Language": "en-GB"})

    assert english.json()["title"] == Conflict.title()
    assert chinese.json()["title"] not in ("", Conflict.title())


async def test_fields_at_fault_are_named_and_not_repeated(web: httpx.AsyncClient) -> None:
    answer = await web.post("/communities", json={"slug": 5, "phone": "13800138000"})

    assert answer.status_code == 422
    assert {found["path"] for found in answer.json()["errors"]} == {"body.slug", "body.phone"}
    assert "13800138000" not in answer.text


async def test_what_was_answered_is_kept_under_lock(
    web: httpx.AsyncClient, session: AsyncSession, tokens: list[str]
) -> None:
    await web.post("/communities", json={"slug": "confidential"}, headers=keyed(tokens[0]))

    stored = await session.scalar(text("SELECT body FROM answers"))
    assert b"confidential" not in bytes(stored)
