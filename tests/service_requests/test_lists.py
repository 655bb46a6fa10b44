from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA, now
from app.organizations.models import Listing
from app.people.access import system
from app.people.models import Post, Role
from app.service_requests import filters, lists
from app.service_requests.models import (
    Channel,
    Dispatch,
    Origin,
    Petition,
    PetitionKind,
    ReturnVisit,
    State,
    VisitPolicy,
)
from app.service_requests.schemas.lists import Filters
from tests.service_requests.builders import Caller, Town, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.rows import a_category, a_row, an_organization, helps

YESTERDAY = timedelta(days=-1)


async def listed(caller: Caller, **query: Any) -> str:
    """The summaries of the whole list, read three at a time."""
    summaries, after = "", None
    while True:
        rest: dict[str, str] = {"after": after} if after else {}
        answer = await caller.get("/service-requests", params={"limit": "3", **query, **rest})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        summaries += "".join(item["summary"] for item in page["items"])
        after = page["next"]
        if after is None:
            return summaries


@pytest.fixture
async def desk(session: AsyncSession, town: Town, people: People) -> dict[str, Any]:
    """Requests named a to i, each of which differs from the others in some way."""
    await a_category(session, town, "ebike", dispatch=Dispatch.TAKING)
    await a_category(session, town, "allowance", visit_policy=VisitPolicy.CALLED)
    firm = await an_organization(session, town, "firm")
    listing = Listing(
        community_id=town.community.id,
        organization_id=firm.id,
        category_code="other",
        title="保洁",
        place_id=town.places["/"].id,
    )
    session.add(listing)
    await session.flush()
    soon = now() + timedelta(hours=1)
    late = now() + YESTERDAY
    worker, far = people.worker.id, town.places["/A1/G2/9/1/101/"].id
    rows = [
        await a_row(session, town, "a", due_at=soon, category="water_leak"),
        await a_row(session, town, "b", state=State.ASSIGNED, assignee_id=worker, due_at=late),
        await a_row(
            session,
            town,
            "c",
            state=State.IN_PROGRESS,
            assignee_id=worker,
            due_at=late,
            suspended_at=now(),
            suspended_reason="等配件",
        ),
        await a_row(
            session,
            town,
            "d",
            state=State.CLOSED,
            filed_at=now() - timedelta(days=400),
            due_at=now() - timedelta(days=399),
            channel=Channel.WECHAT,
            reporter_id=people.resident.id,
            anonymous=True,
        ),
        await a_row(session, town, "e", state=State.ACCEPTED, category="ebike"),
        await a_row(
            session,
            town,
            "f",
            state=State.COMPLETED,
            category="allowance",
            reporter_id=people.resident.id,
        ),
        await a_row(
            session,
            town,
            "g",
            state=State.ASSIGNED,
            place_id=far,
            assignee_id=people.elsewhere.id,
            organization_id=firm.id,
            origin=Origin.ABOVE,
            supervised_at=now(),
            escalated_to_id=people.leader.id,
        ),
        await a_row(session, town, "h", place_id=far, listing_id=listing.id),
        await a_row(session, town, "i", state=State.VERIFIED, category="allowance"),
    ]
    asked = Petition(
        community_id=town.community.id,
        request_id=rows[6].id,
        kind=PetitionKind.RETURN,
        reason="不归我管",
    )
    session.add(asked)
    await helps(session, rows[7], people.leader)
    await session.commit()
    return {"firm": firm.id, "listing": listing.id, "rows": rows, "petition": asked}


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "ihgfedcba"),
    ({"state": "assigned"}, "gb"),
    ({"state": ["closed", "completed"]}, "fd"),
    ({"undone": "true"}, "hgecba"),
    ({"undone": "false"}, "ifd"),
    ({"category": "water_leak"}, "a"),
    ({"group": "生活服务"}, ""),
    ({"place": "grid"}, "ifedcba"),
    ({"place": "nowhere"}, ""),
    ({"assignee": "worker"}, "cb"),
    ({"assignee": "none"}, "ihfeda"),
    ({"assignee": "me"}, ""),
    ({"organization": "firm"}, "g"),
    ({"organization": "mine"}, ""),
    ({"reporter": "resident"}, "f"),
    ({"co_handler": "leader"}, "h"),
    ({"escalated_to": "leader"}, "g"),
    ({"overdue": "true"}, "b"),
    ({"overdue": "false"}, "ihgfedca"),
    ({"due_before": "noon"}, "ba"),
    ({"suspended": "true"}, "c"),
    ({"suspended": "false", "undone": "true"}, "hgeba"),
    ({"supervised": "true"}, "g"),
    ({"offered": "true"}, "e"),
    ({"to_visit": "true"}, "f"),
    ({"petition": "any"}, "g"),
    ({"petition": "return"}, "g"),
    ({"petition": "extension"}, ""),
    ({"origin": "above"}, "g"),
    ({"channel": "wechat"}, "d"),
    ({"listing": "listing"}, "h"),
    ({"filed_before": "last year"}, "d"),
    ({"filed_from": "last year"}, "ihgfecba"),
    ({"order": "due"}, "bcaegh"),
    ({"order": "due", "assignee": "worker"}, "bc"),
    ({"order": "newest", "undone": "true", "overdue": "true"}, "b"),
]


async def test_each_filter_lets_through_what_it_says(
    acting: As, people: People, town: Town, desk: dict[str, Any]
) -> None:
    meant = {
        "grid": town.places["/A1/G1/"].id,
        "nowhere": people.worker.id,
        "worker": people.worker.id,
        "resident": people.resident.id,
        "leader": people.leader.id,
        "firm": desk["firm"],
        "listing": desk["listing"],
        "noon": (now() + timedelta(hours=3)).isoformat(),
        "last year": (now() - timedelta(days=300)).isoformat(),
    }
    found = {}
    for query, _summaries in FILTERS:
        asked = {
            name: str(meant.get(value, value)) if isinstance(value, str) else value
            for name, value in query.items()
        }
        found[str(query)] = await listed(acting(people.manager), **asked)

    assert found == {str(query): summaries for query, summaries in FILTERS}


async def test_a_filter_that_makes_no_sense_is_refused(acting: As, people: People) -> None:
    manager = acting(people.manager)
    for nonsense in (
        "state=gone",
        "assignee=you",
        "order=loudest",
        "due_before=2026-11-23T10:00:00",
        "overdue=perhaps",
        "petition=more",
        "number=0",
        "sort=name",
        "view=mine",
        "limit=1000",
    ):
        answer = await manager.get(f"/service-requests?{nonsense}")
        assert answer.status_code == 422, nonsense


async def test_what_several_filters_imply_is_asked_once(session: AsyncSession) -> None:
    asked = Filters(undone=True, overdue=True, order="due")
    wanted = await lists._wanted(session, [asked, asked], system(UUID(int=1)))

    assert sum(each is filters.undone for each in wanted.on_request) == 1
    assert sum(each is filters.awake for each in wanted.on_request) == 1


async def test_what_is_due_first_comes_first_and_pages_follow(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    same = now() + timedelta(hours=5)
    for summary, due in (("c", same), ("d", same), ("e", same), ("a", now()), ("z", same)):
        state = State.CLOSED if summary == "z" else State.ACCEPTED
        await a_row(session, town, summary, due_at=due, state=state)
    await session.commit()

    assert await listed(acting(people.manager), order="due") == "acde"


async def test_what_one_sees_for_several_reasons_is_listed_once_and_in_its_order(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    own, far = town.home.id, town.places["/A1/G2/9/1/101/"].id
    firm = await an_organization(session, town, "firm", people.worker)
    me = people.worker.id
    await a_row(session, town, "a", place_id=own, assignee_id=me, reporter_id=me)
    await a_row(session, town, "b", place_id=far, assignee_id=me)
    await a_row(session, town, "x", place_id=far)
    await a_row(session, town, "c", place_id=far, reporter_id=me)
    helped = await a_row(session, town, "d", place_id=far)
    await helps(session, helped, people.worker)
    await a_row(session, town, "e", place_id=far, organization_id=firm.id)
    await a_row(session, town, "y", place_id=far, assignee_id=people.leader.id)
    await a_row(session, town, "f", place_id=own)
    await session.commit()
    worker = acting(people.worker)

    assert await listed(worker) == "fedcba"
    assert await listed(worker, order="due") == "abcdef"
    assert await listed(worker, assignee="me") == "ba"
    assert await listed(worker, reporter="me") == "ca"
    assert await listed(worker, co_handler="me") == "d"
    assert await listed(worker, organization="mine") == "e"
    assert await listed(worker, place=str(far)) == "edcb"


async def test_who_works_here_no_more_sees_no_more_what_they_were_given(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    firm = await an_organization(session, town, "firm", people.worker)
    me = people.worker.id
    await a_row(session, town, "a", assignee_id=me, state=State.ASSIGNED)
    await a_row(session, town, "b", organization_id=firm.id)
    helped = await a_row(session, town, "c")
    await helps(session, helped, people.worker)
    await session.execute(update(Post).where(Post.person_id == me).values(ended_at=now()))
    await session.commit()

    for query in ({}, {"assignee": "me"}, {"organization": "mine"}, {"co_handler": "me"}):
        assert await listed(acting(people.worker), **query) == "", query


async def test_a_reporter_who_wants_to_stay_unknown_is_not_found_by_name(
    acting: As, people: People, desk: dict[str, Any]
) -> None:
    resident = str(people.resident.id)

    assert await listed(acting(people.manager), reporter=resident) == "f"
    assert await listed(acting(people.resident), reporter=resident) == "fd"
    assert await listed(acting(people.resident), reporter="me") == "fd"


async def test_what_is_confidential_is_listed_and_counted_for_who_oversees_the_place(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    clerk = await a_person(session, town, "钱", Role.STAFF)
    await a_row(session, town, "秘密", confidential=True)
    await session.commit()

    for who, seen in ((clerk, 0), (people.worker, 0), (people.leader, 1), (people.manager, 1)):
        caller = acting(who)
        assert len(await listed(caller)) == 2 * seen
        assert len(await listed(caller, q="秘密")) == 2 * seen
        assert (await counts(caller))["undone"] == seen


async def counts(caller: Caller) -> dict[str, int]:
    answer = await caller.get("/service-requests/counts")
    assert answer.status_code == 200, answer.text
    counted: dict[str, int] = answer.json()
    return counted


async def test_there_are_counts_of_what_waits_for_whom(
    acting: As, people: People, desk: dict[str, Any]
) -> None:
    today = (now() + timedelta(hours=1)).astimezone(CHINA).date() == now().astimezone(CHINA).date()
    everything = {
        "mine": 0,
        "offered": 1,
        "undone": 6,
        "overdue": 1,
        "due_today": int(today),
        "to_visit": 1,
        "to_decide": 1,
        "suspended": 1,
    }
    nothing = dict.fromkeys(everything, 0)

    assert await counts(acting(people.manager)) == everything
    assert await counts(acting(people.worker)) == {
        **everything,
        "mine": 2,
        "undone": 4,
        "to_decide": 0,
    }
    assert await counts(acting(people.elsewhere)) == {**nothing, "mine": 1, "undone": 2}
    assert await counts(acting(people.neighbour)) == nothing


async def test_what_is_decided_visited_or_taken_is_counted_no_more(
    session: AsyncSession, acting: As, people: People, town: Town, desk: dict[str, Any]
) -> None:
    _a, _b, _c, _d, offered, completed, *_rest = desk["rows"]
    desk["petition"].granted = True
    offered.assignee_id, offered.state = people.worker.id, State.ASSIGNED
    visit = ReturnVisit(
        community_id=town.community.id,
        request_id=completed.id,
        round=1,
        resolved=True,
        satisfied=True,
    )
    session.add(visit)
    await session.commit()
    counted = await counts(acting(people.manager))

    assert (counted["to_decide"], counted["offered"], counted["to_visit"]) == (0, 0, 0)

    completed.round = 2
    await session.commit()
    assert (await counts(acting(people.manager)))["to_visit"] == 1


async def test_nobody_counts_beyond_what_a_desk_can_show(
    session: AsyncSession,
    acting: As,
    people: People,
    town: Town,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lists, "MOST_COUNTED", 3)
    for _ in range(5):
        await a_row(session, town, "a")
    await session.commit()

    assert (await counts(acting(people.manager)))["undone"] == 3


async def test_what_was_filed_at_some_time_is_listed_by_that_time(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=CHINA)
    for summary, hours in (("a", 3), ("b", 1), ("c", 2), ("d", 2), ("x", 30)):
        await a_row(session, town, summary, filed_at=noon + timedelta(hours=hours))
    await session.commit()
    until = (noon + timedelta(hours=24)).isoformat()

    assert await listed(acting(people.manager), filed_before=until) == "adcb"
