from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.models import Role
from app.service_requests.models import State
from app.service_requests.templates import VARIABLES, checked
from tests.service_requests.builders import Caller, Town, a_person, a_town
from tests.service_requests.conftest import As, People
from tests.service_requests.rows import a_row

TEMPLATES = "/reply-templates"
EVERYTHING = "".join(f"{{{name}}}|" for name in VARIABLES)
IN_ENGLISH = "".join(f"{{{name}}}|" for name in VARIABLES.values())


async def kept(caller: Caller, text: str, **rest: Any) -> dict[str, Any]:
    answer = await caller.post(TEMPLATES, {"name": "受理", "text": text, **rest})
    assert answer.status_code == 201, answer.text
    template: dict[str, Any] = answer.json()
    return template


async def rendered(caller: Caller, template: dict[str, Any], request: Any) -> dict[str, Any]:
    path = f"{TEMPLATES}/{template['id']}/rendered"
    answer = await caller.post(path, {"request_id": str(request.id)})
    assert answer.status_code == 200, answer.text
    reply: dict[str, Any] = answer.json()
    return reply


async def test_every_variable_says_what_the_request_says(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    town.community.hotline = "023-4880"
    session.add(town.community)
    request = await a_row(
        session,
        town,
        "漏水",
        category="water_leak",
        state=State.ASSIGNED,
        reporter_id=people.resident.id,
        assignee_id=people.worker.id,
    )
    await session.commit()
    manager = acting(people.manager)
    template = await kept(manager, EVERYTHING)
    english = await kept(manager, IN_ENGLISH, name="english")
    reply = await rendered(acting(people.worker), template, request)
    values = reply["text"].split("|")

    assert values[:2] == [str(request.number), "李桂兰"]
    assert values[4] == "王强"
    assert values[6:] == ["伊伊小区", "023-4880", ""]
    assert all(values[:-1])
    assert reply["missing"] == []
    assert await rendered(acting(people.worker), english, request) == reply


async def test_what_a_request_has_no_answer_to_is_left_out_and_told(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    request = await a_row(session, town, "漏水")
    await session.commit()
    template = await kept(acting(people.manager), "{处理人}（{电话}）{worker}{处理人}负责{事项}")
    reply = await rendered(acting(people.manager), template, request)

    assert reply["text"].startswith("（）负责")
    assert reply["missing"] == ["处理人", "电话", "worker"]


async def test_who_reported_anonymously_is_not_named(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    request = await a_row(session, town, "漏水", reporter_id=people.resident.id, anonymous=True)
    await session.commit()
    template = await kept(acting(people.manager), f"{{称呼}}您好{EVERYTHING}{IN_ENGLISH}")
    reply = await rendered(acting(people.manager), template, request)

    assert "李桂兰" not in reply["text"]
    assert reply["text"].startswith("居民您好")


async def test_what_takes_the_place_of_a_variable_is_not_looked_at_again(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    joker = await a_person(session, town, "{编号}\\1{0}%s")
    request = await a_row(session, town, "漏水", reporter_id=joker.id)
    await session.commit()
    template = await kept(acting(people.manager), "{称呼}！")

    reply = await rendered(acting(people.manager), template, request)
    assert reply["text"] == "{编号}\\1{0}%s！"


async def test_a_variable_we_do_not_know_is_refused_where_it_stands(
    acting: As, people: People
) -> None:
    manager = acting(people.manager)
    template = await kept(manager, "您好")
    for text, message in (
        ("您好{姓名}", "no such variable at character 3: {姓名}"),
        ("{编号.__class__}", "no such variable at character 1: {编号.__class__}"),
        ("{0}", "no such variable at character 1: {0}"),
        ("{}", "no such variable at character 1: {}"),
        ("{编号!r}", "no such variable at character 1: {编号!r}"),
        ("{编号:>99999999}", "no such variable at character 1: {编号:>99999999}"),
        ("{ 编号 }", "no such variable at character 1: { 编号 }"),
        ("单号{编号", "a brace without its other half at character 3"),
        ("单号}", "a brace without its other half at character 3"),
        ("{{编号}}", "a brace without its other half at character 1"),
    ):
        for answer in (
            await manager.post(TEMPLATES, {"name": "x", "text": text}),
            await manager.patch(f"{TEMPLATES}/{template['id']}", {"text": text}),
        ):
            assert answer.status_code == 422
            assert answer.json()["errors"] == [
                {"path": "body.text", "message": f"Value error, {message}"}
            ]


@given(
    st.lists(st.one_of(st.sampled_from(["{编号}", "{due}"]), st.text("号a\n。%$\\")), max_size=9)
)
def test_a_text_is_kept_as_it_is_written(parts: list[str]) -> None:
    assert checked("".join(parts)) == "".join(parts)


@given(st.text("{}编号due.!:[0] "))
def test_what_is_kept_names_nothing_but_variables(text: str) -> None:
    names = (*VARIABLES, *VARIABLES.values())
    bare = text
    for name in names:
        bare = bare.replace(f"{{{name}}}", "")
    try:
        checked(text)
    except ValueError:
        assert set("{}") & set(bare)
    else:
        assert not set("{}") & set(bare)


async def test_templates_are_kept_by_who_works_for_the_whole_community(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    other = await a_town(session, "sunset")
    stranger = await a_person(session, other, "外人", Role.ADMIN)
    town.tokens |= other.tokens
    await session.commit()
    template = await kept(acting(people.manager), "您好")
    path = f"{TEMPLATES}/{template['id']}"
    statuses = {
        people.resident.id: (403, 404, 403, 404, 404),
        people.worker.id: (200, 200, 403, 403, 403),
        people.leader.id: (200, 200, 403, 403, 403),
        stranger.id: (200, 404, 409, 404, 404),
    }
    await kept(acting(stranger), "您好", name="新的")
    for who in (people.resident, people.worker, people.leader, stranger):
        caller = acting(who)
        answers = (
            await caller.get(TEMPLATES),
            await caller.get(path),
            await caller.post(TEMPLATES, {"name": "新的", "text": "好"}),
            await caller.patch(path, {"text": "好"}),
            await caller("DELETE", path),
        )
        assert tuple(answer.status_code for answer in answers) == statuses[who.id], who.name


async def test_only_what_one_may_see_is_replied_to(
    session: AsyncSession, acting: As, people: People, town: Town
) -> None:
    far = town.places["/A1/G2/9/1/101/"].id
    request = await a_row(session, town, "漏水", place_id=far)
    await session.commit()
    template = await kept(acting(people.manager), "{称呼}")
    path = f"{TEMPLATES}/{template['id']}/rendered"
    hidden = await acting(people.worker).post(path, {"request_id": str(request.id)})
    absent = await acting(people.worker).post(path, {"request_id": str(uuid4())})

    assert (hidden.status_code, hidden.content) == (422, absent.content)
    resident = await acting(people.resident).post(path, {"request_id": str(request.id)})
    assert resident.status_code == 404


async def test_a_template_can_be_changed_and_removed(
    session: AsyncSession, acting: As, people: People
) -> None:
    manager = acting(people.manager)
    template = await kept(manager, "您好", category="water_leak")
    path = f"{TEMPLATES}/{template['id']}"
    read = (await manager.get(path)).headers["ETag"]
    changed = await manager.patch(
        path, {"text": "您好，{称呼}", "category": None}, headers={"If-Match": read}
    )
    late = await manager.patch(path, {"name": "x"}, headers={"If-Match": read})

    assert template["category"] == "water_leak"
    assert changed.json() == {**template, "text": "您好，{称呼}", "category": None}
    assert late.status_code == 412
    assert [each["name"] for each in (await manager.get(TEMPLATES)).json()["items"]] == ["受理"]
    assert (await manager("DELETE", path)).status_code == 204
    assert (await manager.get(path)).status_code == 404
    facts = select(Fact).where(Fact.kind.startswith("reply_template.")).order_by(Fact.id)
    told = [(fact.kind, fact.payload.get("was")) for fact in await session.scalars(facts)]
    assert [kind for kind, _was in told] == [
        "reply_template.added",
        "reply_template.changed",
        "reply_template.removed",
    ]
    assert told[1][1]["text"] == "您好"  # type: ignore[index]
    assert told[2][1] == {"name": "受理", "text": "您好，{称呼}"}


async def test_what_is_no_template_is_refused(acting: As, people: People) -> None:
    manager = acting(people.manager)
    template = await kept(manager, "您好")
    await kept(manager, "您好", name="别的")
    for body, status in (
        ({"name": "受理", "text": "好"}, 409),
        ({"name": "x", "text": "好", "category": "no_such"}, 422),
        ({"name": "x", "text": " "}, 422),
        ({"name": "x"}, 422),
        ({"name": "x", "text": "好", "colour": "red"}, 422),
    ):
        assert (await manager.post(TEMPLATES, body)).status_code == status, body
    path = f"{TEMPLATES}/{template['id']}"
    changes: tuple[tuple[dict[str, Any], int], ...] = (
        ({"name": "别的"}, 409),
        ({"name": None}, 422),
        ({"text": None}, 422),
        ({"category": "no_such"}, 422),
    )
    for change, status in changes:
        assert (await manager.patch(path, change)).status_code == status, change
