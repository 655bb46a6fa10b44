from typing import Any, TypeAlias
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.pages import Cursor
from app.people.access import system
from app.places.models import Place
from app.service_requests import search, service
from app.service_requests.models import Category, Channel, RequestNumber, ServiceRequest
from app.service_requests.queries import categories_of
from tests.service_requests.builders import Caller, Town, a_town
from tests.service_requests.conftest import As, People
from tests.service_requests.rows import a_row


async def found(caller: Caller, q: str, **rest: Any) -> list[str]:
    answer = await caller.get("/service-requests", params={"q": q, **rest})
    assert answer.status_code == 200, answer.text
    return [request["summary"] for request in answer.json()["items"]]


async def test_a_request_is_found_by_its_words_however_they_are_written(
    manager: Caller, town: Town
) -> None:
    for summary, q in (
        ("三单元楼道漏水", "漏水"),
        ("三单元楼道漏水", "漏水 三单元"),
        ("三单元楼道漏水", "三單元"),
        ("樓道漏水", "楼道"),
        ("ＷＩＦＩ坏了，电话１３８", "wifi 138"),
        ("Wi-Fi is down", "WI-FI Down"),
        ("3 栋 2 单元 停电", "3栋2单元"),
        ("3栋停电", "3 栋"),
        ("电梯坏了", "电梯 坏"),
        ("下水道\n堵了", "道堵"),
        ("100%_满意\\", "0%_"),
        ("🚰漏水了🚰", "🚰漏"),
    ):
        await manager.ask(place_id=str(town.home.id), summary=summary)
        assert (await found(manager, q))[0] == summary, (summary, q)


async def test_a_request_is_not_found_by_what_it_does_not_say(manager: Caller, town: Town) -> None:
    await manager.ask(place_id=str(town.home.id), summary="三单元楼道漏水")

    for q in ("停电", "漏水 停电", "单元三", "水三", "漏%水", "漏_", "三单元楼道漏水了"):
        assert await found(manager, q) == [], q


async def test_pairs_of_a_word_that_stand_apart_are_not_the_word(
    manager: Caller, town: Town
) -> None:
    await manager.ask(place_id=str(town.home.id), summary="电梯口漏水，水管口堵")

    assert await found(manager, "漏水管") == []
    assert len(await found(manager, "漏水 水管")) == 1


async def test_what_is_said_later_is_found_as_well(
    acting: As, manager: Caller, people: People, town: Town
) -> None:
    filed = await acting(people.resident).ask(
        place_id=str(town.home.id),
        summary="厨房漏水",
        location={"latitude": 29.5, "longitude": 106.5, "label": "儿童滑梯"},
    )
    said = f"/service-requests/{filed['id']}/remarks"
    await acting(people.resident).post(said, {"text": "天花板也湿了"})
    await manager.take(filed, "accept")
    await manager.take(filed, "assign", worker_id=str(people.worker.id))
    await acting(people.worker).take(filed, "complete", note="换了密封圈")

    for q in ("滑梯", "天花板", "密封圈", "厨房", "漏水 密封圈"):
        assert await found(manager, q) == ["厨房漏水"], q
    assert await found(manager, "漏水天花") == []


async def test_what_is_internal_is_found_by_nobody(
    acting: As, manager: Caller, people: People, town: Town
) -> None:
    filed = await acting(people.resident).ask(place_id=str(town.home.id), summary="厨房漏水")
    note = {"text": "住户态度恶劣", "internal": True}
    await manager.post(f"/service-requests/{filed['id']}/remarks", note)

    assert await found(acting(people.resident), "恶劣") == []
    assert await found(manager, "恶劣") == []


async def test_everybody_finds_what_they_may_see_and_nothing_else(
    acting: As, people: People, town: Town
) -> None:
    own, other = town.places["/A1/G1/3/2/502/"], town.places["/A1/G2/9/1/101/"]
    await acting(people.resident).ask(place_id=str(own.id), summary="厨房漏水")
    await acting(people.neighbour).ask(place_id=str(other.id), summary="阳台漏水")

    expected = {
        "resident": ["厨房漏水"],
        "neighbour": ["阳台漏水"],
        "worker": ["厨房漏水"],
        "elsewhere": ["阳台漏水"],
        "leader": ["阳台漏水", "厨房漏水"],
        "manager": ["阳台漏水", "厨房漏水"],
    }
    for who, summaries in expected.items():
        assert await found(acting(getattr(people, who)), "漏水") == summaries, who


async def test_words_and_filters_narrow_together(
    acting: As, manager: Caller, people: People, town: Town
) -> None:
    leak = await manager.ask(place_id=str(town.home.id), summary="厨房漏水")
    far = str(town.places["/A1/G2/9/1/101/"].id)
    await manager.ask(place_id=far, summary="阳台漏水")
    await manager.ask(place_id=str(town.home.id), summary="厨房停电")
    await manager.take(leak, "accept")

    assert await found(manager, "漏水", place=str(town.home.id)) == ["厨房漏水"]
    assert await found(manager, "厨房", state="accepted") == ["厨房漏水"]
    assert await found(manager, "厨房", assignee="me") == []
    assert await found(manager, "漏水", order="due") == ["厨房漏水", "阳台漏水"]
    assert await found(manager, "漏水", filed_before=now().isoformat()) == ["阳台漏水", "厨房漏水"]


async def test_less_than_two_characters_are_refused(manager: Caller) -> None:
    for q in ("漏", " 5 ", "\u200d漏", "\u3000", "é", ""):
        answer = await manager.get("/service-requests", params={"q": q})
        assert answer.status_code == 422, q
        assert answer.json()["errors"][0]["path"] == "query.q"


async def test_digits_alone_find_the_request_of_that_number_too(
    manager: Caller, town: Town
) -> None:
    await manager.ask(place_id=str(town.home.id), summary="电话1002打不通")
    await manager.ask(place_id=str(town.home.id), summary="停水")

    assert await found(manager, "1002") == ["停水", "电话1002打不通"]
    assert await found(manager, "１００１") == ["电话1002打不通"]
    assert await found(manager, "1001 停水") == []
    assert await found(manager, "9" * 40) == []


async def test_pages_of_what_is_found_go_back_through_all_the_years(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    numbers = [1001, 8191, 8192, 8193, 30_000, 90_000, 150_000, 999_999, 1_000_000]
    for number in numbers:
        await a_row(session, town, "楼道漏水", number=number)
    session.add(RequestNumber(community_id=town.community.id, last=numbers[-1]))
    await session.commit()
    manager, seen, after = acting(people.manager), [], None
    for _ in range(5):
        query = {"q": "漏水", "limit": "2"} | ({"after": after} if after else {})
        page = (await manager.get("/service-requests", params=query)).json()
        seen.append([item["number"] for item in page["items"]])
        after = page["next"]

    assert seen == [[1_000_000, 999_999], [150_000, 90_000], [30_000, 8193], [8192, 8191], [1001]]
    assert after is None


@given(st.integers(0, 2000))
def test_every_era_is_looked_at_once_and_the_newest_first(newest: int) -> None:
    assert [era for eras in search._eras(newest) for era in reversed(eras)] == list(
        range(newest, -1, -1)
    )


def test_a_word_has_other_numbers_in_another_era_and_another_community() -> None:
    here, there = UUID(int=1), UUID(int=2)
    numbers = [
        *search.grams(here, 1001, "三单元漏水"),
        *search.grams(here, 9001, "三单元漏水"),
        *search.grams(there, 1001, "三单元漏水"),
    ]

    assert len(set(numbers)) == 3 * 4
    assert search.grams(here, 8191, "漏水漏水") == search.grams(here, 1001, "漏水漏")


async def test_a_made_up_cursor_is_harmless(manager: Caller, town: Town) -> None:
    await manager.ask(place_id=str(town.home.id), summary="漏水")
    for after, status in (("OTk5OTk5OTk5OTk5OTk5OTk5", 200), ("LTU", 200), ("ImEi", 422)):
        answer = await manager.get("/service-requests", params={"q": "漏水", "after": after})
        assert answer.status_code == status, answer.text


async def test_a_request_that_says_very_much_is_found_by_its_beginning(
    manager: Caller, town: Town
) -> None:
    filed = await manager.ask(place_id=str(town.home.id), summary="漏水" + "很长" * 1990)
    for last in ("中间", "最后"):
        remark = {"text": "又" * 1900 + last}
        await manager.post(f"/service-requests/{filed['id']}/remarks", remark)

    assert len(await found(manager, "漏水")) == 1
    assert len(await found(manager, "中间")) == 1
    assert await found(manager, "最后") == []


Towns: TypeAlias = tuple[UUID, UUID, Place, Category]


@pytest.fixture
async def two_towns(sessions: Sessions) -> Towns:
    """Two communities, and a place and a category of the first."""
    async with sessions.begin() as session:
        here, there = await a_town(session, "here"), await a_town(session, "there")
        category: Category = (await session.scalars(categories_of(here.community.id))).first()  # type: ignore[assignment]
    return here.community.id, there.community.id, here.home, category


TEXTS = st.text(
    st.one_of(
        st.sampled_from("漏水三單元樓道电梯電ABCabcＡ１23 \n，。%_\\🚰é\u0301ﬁßİΣς\u200d"),
        st.characters(codec="utf-8", exclude_characters="\x00"),
    ),
    min_size=2,
    max_size=40,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_every_part_of_two_characters_is_found_at_home_and_nowhere_else(
    data: st.DataObject, sessions: Sessions, two_towns: Towns
) -> None:
    here, there, place, category = two_towns
    said = data.draw(TEXTS.filter(lambda each: len(search.folded(each)) >= search.SHORTEST))
    start = data.draw(st.integers(0, len(said) - 1))
    part = said[start : data.draw(st.integers(start + 1, len(said)))]
    async with sessions() as session:
        request = await service.file(
            session,
            category=category,
            place=place,
            summary=said,
            by=system(here),
            reporter_id=None,
            channel=Channel.DESK,
        )
        if len(search.folded(part)) < search.SHORTEST:
            with pytest.raises(ValueError, match="two characters"):
                search.words(part)
            return
        words = search.words(part)
        ids = await search.newest(session, here, words, Cursor())
        assert ids == [request.id], (said, part)
        assert await search.newest(session, there, words, Cursor()) == []
        unindexed = select(ServiceRequest.id).where(search.says(words))
        assert list(await session.scalars(unindexed)) == [request.id]


async def test_the_index_has_nothing_waiting_to_be_sorted_in(session: AsyncSession) -> None:
    options = "SELECT reloptions FROM pg_class WHERE relname = 'service_requests_grams_idx'"
    assert await session.scalar(text(options)) == ["fastupdate=off"]
