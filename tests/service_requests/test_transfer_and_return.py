from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.facts import Fact
from app.people.models import Person, Role, Speciality
from app.service_requests.models import Dispatch, Petition
from tests.conftest import Worker
from tests.organizations.builders import a_member, an_organization
from tests.service_requests.builders import Letterbox, Town, a_person
from tests.service_requests.conftest import As, People
from tests.service_requests.dispatching import a_way, kinds, offered

REASON = "这是王家的老问题，我管不了"


@pytest.fixture
async def colleague(session: AsyncSession, town: Town, people: People) -> Person:
    """Another worker of the first grid, for everything."""
    made = await a_person(session, town, "钱伟", Role.GRID_WORKER, at="/A1/G1/")
    await session.commit()
    return made


@pytest.fixture
async def leak(
    acting: As, people: People, town: Town, worker: Worker, colleague: Person
) -> dict[str, Any]:
    """A leak that the worker of the grid was given."""
    filed = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    return filed


async def test_a_worker_hands_a_request_on_and_the_clocks_go_on(
    acting: As,
    people: People,
    colleague: Person,
    leak: dict[str, Any],
    worker: Worker,
    *,
    letters: Letterbox,
) -> None:
    before = await acting(people.worker).read(leak)
    clock.shift(timedelta(minutes=30))

    done = await acting(people.worker).take(
        leak, "transfer", worker_id=str(colleague.id), reason=REASON
    )
    await worker.catch_up()

    assert (done["state"], done["assignee"]["name"]) == ("assigned", "钱伟")
    assert done["first_handler"]["name"] == "王强"
    due = {each["kind"]: each["due_at"] for each in before["clocks"]}
    assert {each["kind"]: each["due_at"] for each in done["clocks"]} | due == {
        each["kind"]: each["due_at"] for each in done["clocks"]
    }
    assert done["due_at"] == before["due_at"]
    assert letters.to(colleague) == ["同事转来一张工单，请及时处理。"]
    assert letters.last_to(colleague)["说明"] == REASON
    assert letters.to(people.resident)[-1].startswith("钱伟来处理")
    assert (await acting(people.worker).step(leak, "start")).status_code == 403


async def test_why_it_was_handed_on_is_for_staff_alone(
    acting: As, people: People, colleague: Person, leak: dict[str, Any], letters: Letterbox
) -> None:
    await acting(people.worker).take(leak, "transfer", worker_id=str(colleague.id), reason=REASON)
    seen = await acting(people.resident).timeline(leak)
    assert seen[-1]["text"] == "转给钱伟"
    known = await acting(colleague).timeline(leak)
    assert known[-1]["text"] == f"转给钱伟 {REASON}"


async def test_a_request_goes_to_whoever_an_organisation_has_for_it(
    acting: As, people: People, town: Town, leak: dict[str, Any], session: AsyncSession
) -> None:
    firm = await an_organization(session, town)
    await a_member(session, town, firm, "吴经理", head=True)
    plumber = await a_member(session, town, firm, "吴师傅")
    empty = await an_organization(session, town, "空壳物业")
    far = await an_organization(session, town, "远方物业", at="/A1/G2/")
    await a_member(session, town, far, "郑师傅")
    await session.commit()
    me = acting(people.worker)

    for nobody in (empty, far):
        refused = await me.step(leak, "transfer", organization_id=str(nobody.id), reason="归你")
        assert refused.json()["errors"][0]["path"] == "organization_id"
    done = await me.take(leak, "transfer", organization_id=str(firm.id), reason="公共管道归物业")

    assert (done["assignee"]["name"], done["organization"]["name"]) == ("吴师傅", "绿城物业")
    again = await acting(plumber).take(
        leak, "transfer", organization_id=str(firm.id), reason="我休息"
    )
    assert again["assignee"]["name"] == "吴经理"


async def test_whom_a_request_cannot_be_handed_to(
    acting: As, people: People, colleague: Person, leak: dict[str, Any]
) -> None:
    me = acting(people.worker)
    for form, path in (
        ({"worker_id": str(people.elsewhere.id), "reason": "x"}, "worker_id"),
        ({"worker_id": str(people.resident.id), "reason": "x"}, "worker_id"),
        ({"worker_id": str(colleague.id)}, "reason"),
        ({"reason": "x"}, ""),
        ({"worker_id": str(colleague.id), "organization_id": leak["id"], "reason": "x"}, ""),
    ):
        answer = await me.step(leak, "transfer", **form)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)
    own = await me.step(leak, "transfer", worker_id=str(people.worker.id), reason="x")
    assert own.json()["type"] == "/problems/already-assigned"
    other = await acting(people.manager).step(
        leak, "transfer", worker_id=str(colleague.id), reason="x"
    )
    assert other.status_code == 403


async def test_a_return_waits_for_the_leader_and_the_worker_keeps_it_meanwhile(
    acting: As,
    people: People,
    leak: dict[str, Any],
    worker: Worker,
    letters: Letterbox,
    *,
    session: AsyncSession,
) -> None:
    me = acting(people.worker)
    assert {"return", "transfer"} <= offered(await me.read(leak))
    asked = await me.take(leak, "return", reason=REASON)
    await worker.catch_up()

    assert (asked["state"], asked["assignee"]["name"]) == ("assigned", "王强")
    assert [each["granted"] for each in asked["petitions"]] == [None]
    assert "return" not in offered(asked)
    assert letters.to(people.leader) == ["有工单申请退单，请裁定。"]
    assert letters.last_to(people.leader)["说明"] == REASON
    assert letters.to(people.manager) == []
    twice = await me.step(leak, "return", reason="还是退")
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/petition-pending")
    assert await session.scalar(select(func.count()).select_from(Petition)) == 1
    assert (await me.take(leak, "start"))["state"] == "in_progress"


async def test_a_granted_return_goes_to_whom_the_leader_names(
    acting: As,
    people: People,
    colleague: Person,
    leak: dict[str, Any],
    worker: Worker,
    *,
    letters: Letterbox,
    session: AsyncSession,
) -> None:
    await acting(people.worker).take(leak, "return", reason=REASON)
    verdict = {"granted": True, "answer": "确实不归你", "worker_id": str(colleague.id)}
    decided = await acting(people.leader).take(leak, "decide-return", **verdict)
    await worker.catch_up()

    assert (decided["state"], decided["assignee"]["name"]) == ("assigned", "钱伟")
    assert decided["first_handler"]["name"] == "王强"
    petition = decided["petitions"][0]
    assert (petition["granted"], petition["answer"]) == (True, "确实不归你")
    assert petition["decided_by"]["name"] == "陈书记"
    assert letters.to(people.worker)[-1] == "退单申请已获同意，您无需再处理。"
    assert letters.last_to(people.worker)["说明"] == "确实不归你"
    assert letters.to(colleague) == ["您有一张新工单，请及时处理。"]
    assert letters.to(people.resident)[-1].startswith("钱伟来处理")
    assert (await kinds(session, leak))[-2:] == ["return_decided", "assigned"]


@pytest.mark.parametrize("dispatch", [Dispatch.RULE, Dispatch.TURNS])
async def test_a_granted_return_without_a_name_is_routed_anew_to_somebody_else(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    session: AsyncSession,
    *,
    colleague: Person,
    dispatch: Dispatch,
    letters: Letterbox,
) -> None:
    await a_way(session, town, dispatch)
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    await acting(people.worker).take(leak, "return", reason=REASON)

    decided = await acting(people.leader).take(leak, "decide-return", granted=True, answer="行")
    assert (decided["state"], decided["assignee"]) == ("accepted", None)
    await worker.catch_up()

    now = await acting(people.manager).read(leak)
    assert (now["state"], now["assignee"]["name"]) == ("assigned", "钱伟")
    await acting(colleague).take(leak, "return", reason="也不归我")
    await acting(people.leader).take(leak, "decide-return", granted=True, answer="行")
    await worker.catch_up()
    assert (await acting(people.manager).read(leak))["assignee"]["name"] == "陈书记"


async def test_what_is_on_offer_is_not_offered_to_who_returned_it(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    session: AsyncSession,
    *,
    letters: Letterbox,
) -> None:
    await a_person(
        session, town, "甲", Role.GRID_WORKER, at="/A1/G1/", speciality=Speciality.PROPERTY
    )
    await a_way(session, town, Dispatch.TAKING)
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()
    await acting(people.worker).take(leak, "take")
    await acting(people.worker).take(leak, "return", reason=REASON)
    await acting(people.leader).take(leak, "decide-return", granted=True, answer="行")
    await worker.catch_up()

    assert (await kinds(session, leak)).count("offered") == 2
    offers = [title for title in letters.to(people.worker) if "可抢" in title]
    assert len(offers) == 1


async def test_a_refused_return_stays_and_is_not_asked_again(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    me = acting(people.worker)
    await me.take(leak, "return", reason=REASON)
    refused = await acting(people.leader).take(
        leak, "decide-return", granted=False, answer="就是你的网格"
    )
    await worker.catch_up()

    assert (refused["state"], refused["assignee"]["name"]) == ("assigned", "王强")
    assert letters.to(people.worker)[-1] == "退单申请未获同意，请继续办理。"
    assert letters.last_to(people.worker)["说明"] == "就是你的网格"
    assert "return" not in offered(await me.read(leak))
    again = await me.step(leak, "return", reason="求求了")
    assert again.json()["type"] == "/problems/return-refused-before"


async def test_another_worker_may_ask_after_a_refusal(
    acting: As, people: People, colleague: Person, leak: dict[str, Any]
) -> None:
    await acting(people.worker).take(leak, "return", reason=REASON)
    leader = acting(people.leader)
    await leader.take(leak, "decide-return", granted=False, answer="不行")
    await leader.take(leak, "assign", worker_id=str(colleague.id))
    asked = await acting(colleague).take(leak, "return", reason="也不归我")
    assert [each["granted"] for each in asked["petitions"]] == [False, None]


async def test_who_is_given_it_instead_settles_what_was_asked(
    acting: As, people: People, colleague: Person, leak: dict[str, Any]
) -> None:
    await acting(people.worker).take(leak, "return", reason=REASON)
    given = await acting(people.leader).take(leak, "assign", worker_id=str(colleague.id))
    assert [each["granted"] for each in given["petitions"]] == [True]
    nothing = await acting(people.leader).step(leak, "decide-return", granted=True, answer="行")
    assert nothing.json()["type"] == "/problems/nothing-asked"


async def test_who_decides_and_on_what(
    acting: As, people: People, colleague: Person, leak: dict[str, Any]
) -> None:
    leader, verdict = acting(people.leader), {"granted": True, "answer": "行"}
    assert "decide-return" not in offered(await leader.read(leak))
    nothing = await leader.step(leak, "decide-return", **verdict)
    assert nothing.json()["type"] == "/problems/nothing-asked"
    await acting(people.worker).take(leak, "return", reason=REASON)
    assert "decide-return" in offered(await leader.read(leak))
    for who in (people.worker, people.resident, colleague):
        assert (await acting(who).step(leak, "decide-return", **verdict)).status_code == 403
    odd = verdict | {"granted": False, "worker_id": str(colleague.id)}
    assert (await leader.step(leak, "decide-return", **odd)).status_code == 422
    same = verdict | {"worker_id": str(people.worker.id)}
    refused = await leader.step(leak, "decide-return", **same)
    assert refused.json()["type"] == "/problems/already-assigned"
    far = verdict | {"worker_id": str(people.elsewhere.id)}
    assert (await leader.step(leak, "decide-return", **far)).status_code == 422
    assert (await leader.read(leak))["petitions"][0]["granted"] is None


async def test_nobody_decides_what_they_asked_themselves(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    leader = acting(people.leader)
    await leader.take(leak, "assign", worker_id=str(people.leader.id))
    await leader.take(leak, "return", reason="太远")
    await worker.catch_up()
    assert letters.to(people.manager) == ["有工单申请退单，请裁定。"]
    own = await leader.step(leak, "decide-return", granted=True, answer="行")
    assert own.json()["type"] == "/problems/own-work"


async def test_the_resident_never_hears_of_a_return(
    acting: As, people: People, leak: dict[str, Any], worker: Worker, letters: Letterbox
) -> None:
    before = letters.to(people.resident)
    await acting(people.worker).take(leak, "return", reason=REASON)
    await acting(people.leader).take(leak, "decide-return", granted=False, answer="暗号")
    await worker.catch_up()

    resident = acting(people.resident)
    assert "return" not in str(await resident.timeline(leak))
    assert [each["text"] for each in (await acting(people.leader).timeline(leak))[-2:]] == [
        f"申请退单：{REASON}",
        "退单裁定：不同意 暗号",
    ]
    assert letters.to(people.resident) == before
    shown = await resident.read(leak)
    assert (shown["petitions"], shown["first_handler"]) == ([], None)
    for secret in (REASON, "暗号"):
        assert secret not in str(shown) + str(await resident.timeline(leak))


async def test_each_turn_of_a_return_is_one_fact(
    acting: As, people: People, leak: dict[str, Any], session: AsyncSession
) -> None:
    await acting(people.worker).take(leak, "return", reason=REASON)
    await acting(people.leader).take(leak, "decide-return", granted=False, answer="不行")
    facts = list(await session.scalars(select(Fact).order_by(Fact.id)))[-2:]
    assert [fact.kind for fact in facts] == [
        "service_request.return_asked",
        "service_request.return_decided",
    ]
    assert facts[1].payload["granted"] is False
    assert REASON not in str([fact.payload for fact in facts])
