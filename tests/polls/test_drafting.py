"""Writing polls: staff draft them, residents propose them and gather support."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Person, Role, Standing
from app.polls.models import PollState
from app.polls.service import policies
from tests.people.builders import Caller, a_client, a_person, a_residence, a_worker, facts
from tests.people.conftest import As, Town
from tests.pictures import a_picture
from tests.polls.matrix import a_poll_asked

MATTER = {"key": "q1", "method": "yes_no", "text": "同意吗？", "matter": 9}
SCORES = {"key": "q1", "method": "score", "text": "几分？"}


@pytest.fixture
async def manager(acting: As, session: AsyncSession, town: Town) -> Caller:
    return await acting(await a_worker(session, town.root, Role.MANAGER))


async def _neighbours(session: AsyncSession, town: Town, *names: str) -> list[Person]:
    people = [await a_person(session, town.root, name) for name in names]
    for person in people:
        await a_residence(session, person, town.home)
    return people


async def _written(caller: Caller, town: Town, **differently: Any) -> dict[str, Any]:
    answer = await caller.post("/polls", json=a_poll_asked(str(town.grid.id)) | differently)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _refused_at(caller: Caller, town: Town, **differently: Any) -> list[str]:
    answer = await caller.post("/polls", json=a_poll_asked(str(town.grid.id)) | differently)
    assert answer.status_code == 422, answer.text
    return [error["path"] for error in answer.json()["errors"]]


async def test_staff_write_a_draft_that_nobody_else_sees(
    acting: As, session: AsyncSession, town: Town, manager: Caller
) -> None:
    resident = await acting((await _neighbours(session, town, "李桂兰"))[0])

    first, second = await _written(manager, town), await _written(manager, town)

    assert (first["state"], first["number"], second["number"]) == ("draft", 1, 2)
    assert first["electorate"]["without_tags"] == ["未成年人"]
    assert (await manager.get(f"/polls/{first['id']}")).json() == first
    assert (await resident.get(f"/polls/{first['id']}")).status_code == 404
    assert (await resident.get("/polls")).json()["items"] == []
    assert len(await facts(session, "polls.drafted")) == 2


async def test_a_resident_proposes_and_the_poll_gathers_support(
    acting: As, session: AsyncSession, town: Town, manager: Caller
) -> None:
    policy = await policies.of(session, town.root.community_id)
    policy.supports_needed = 3
    people = await _neighbours(session, town, "李桂兰", "赵敏", "孙磊")
    proposer, second, third = [await acting(person) for person in people]

    poll = await _written(proposer, town)
    path = f"/polls/{poll['id']}"
    assert (poll["state"], poll["supports"]) == ("gathering", 1)
    assert poll["proposed_by_id"] == str(people[0].id)
    assert (await second.get(path)).json()["proposed_by_id"] is None

    assert (await second.post(f"{path}/support")).json()["supports"] == 2
    again = await second.post(f"{path}/support")
    assert again.json() == {"supports": 2, "supports_needed": 3, "state": "gathering"}
    assert (await third.post(f"{path}/support")).json()["state"] == "proposed"
    assert len(await facts(session, "polls.supported")) == 3
    assert len(await facts(session, "polls.proposed")) == 1

    accepted = await manager.post(f"{path}/acceptance")
    assert accepted.json()["state"] == "draft"
    assert (await manager.post(f"{path}/refusal", json={"reason": "重复"})).status_code == 409


async def test_a_proposal_is_refused_with_a_reason(
    acting: As, session: AsyncSession, town: Town, manager: Caller
) -> None:
    proposer = await acting((await _neighbours(session, town, "李桂兰"))[0])
    poll = await _written(proposer, town)

    assert (await proposer.post(f"/polls/{poll['id']}/acceptance")).status_code == 403
    refused = await manager.post(f"/polls/{poll['id']}/refusal", json={"reason": "上月刚表决"})

    assert (refused.json()["state"], refused.json()["reason"]) == ("refused", "上月刚表决")
    assert (await proposer.get(f"/polls/{poll['id']}")).json()["reason"] == "上月刚表决"


async def test_only_who_is_known_to_live_there_proposes_or_supports(
    acting: As, session: AsyncSession, town: Town
) -> None:
    proposer = await acting((await _neighbours(session, town, "李桂兰"))[0])
    poll = await _written(proposer, town)
    stranger, newcomer = [await a_person(session, town.root, name) for name in ("钱", "吴")]
    await a_residence(session, newcomer, town.home, Standing.CLAIMED)
    program = await a_client(session, town.root, Role.GRID_WORKER)
    for other in [await acting(stranger), await acting(newcomer), await acting(program)]:
        asked = a_poll_asked(str(town.grid.id))
        assert (await other.post("/polls", json=asked)).status_code == 403
        assert (await other.post(f"/polls/{poll['id']}/support")).status_code == 403
    meeting = a_poll_asked(str(town.grid.id)) | {"kind": "meeting", "rules": {"sits": "adults"}}
    assert (await proposer.post("/polls", json=meeting)).status_code == 403


async def test_a_proposer_changes_it_until_somebody_else_supports_it(
    acting: As, session: AsyncSession, town: Town
) -> None:
    people = await _neighbours(session, town, "李桂兰", "赵敏")
    proposer, second = [await acting(person) for person in people]
    path = f"/polls/{(await _written(proposer, town))['id']}"

    assert (await proposer.patch(path, json={"title": "换个说法"})).status_code == 200
    assert (await second.patch(path, json={"title": "我的说法"})).status_code == 403
    await second.post(f"{path}/support")
    assert (await proposer.patch(path, json={"title": "再换"})).status_code == 403


async def test_a_draft_is_changed_by_who_read_it_last(town: Town, manager: Caller) -> None:
    poll = await _written(manager, town)
    path, read = f"/polls/{poll['id']}", {"If-Match": '"1"'}
    token = {"Authorization": f"Bearer {manager.token}"}

    async def change(**asked: Any) -> Any:
        address = f"/api/v1{path}"
        return await manager._http.patch(address, json=asked, headers=token | read)

    first = await change(title="新的", results_shown="always")
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    assert (first.json()["title"], first.json()["results_shown"]) == ("新的", "always")
    assert (await change(title="旧的")).status_code == 412


async def test_what_makes_no_sense_together_is_refused_by_field(
    town: Town, manager: Caller
) -> None:
    refused: dict[str, dict[str, Any]] = {
        "names_shown": {"secrecy": "secret", "names_shown": True},
        "results_shown": {"secrecy": "secret", "results_shown": "always"},
        "closes_at": {"opens_at": "2099-02-01T00:00:00Z"},
        "rules.sits": {"rules": {"sits": "adults"}},
        "electorate.places.0": {"electorate": {"places": [str(town.far_area.id)]}},
        "electorate.unit": {"kind": "assembly", "form": {"questions": [MATTER]}},
        "rules": {"rules": {"called_by": "adults"}},
        "form.questions.0.options.0.file_id": {
            "form": {"questions": [SCORES | {"options": _options(picture=str(town.home.id))}]}
        },
    }
    for path, asked in refused.items():
        assert f"body.{path}" in await _refused_at(manager, town, **asked), path
    assert await _refused_at(manager, town, place_id=str(town.root.community_id)) == [
        "body.place_id"
    ]
    assert await _refused_at(manager, town, form={"questions": [SCORES | {"options": []}]})
    assert "body.names_shown" in await _refused_at(manager, town, kind="survey", names_shown=True)
    early = {"kind": "meeting", "rules": {"sits": "adults"}, "results_shown": "after_voting"}
    assert "body.results_shown" in await _refused_at(manager, town, **early)


def _options(picture: str | None = None) -> list[dict[str, Any]]:
    first = {"key": "A", "text": "东门"} | ({"file_id": picture} if picture else {})
    return [first, {"key": "B", "text": "西门"}]


async def test_who_sits_in_a_meeting_is_said_by_law(town: Town, manager: Caller) -> None:
    ways = {
        "adults": ("person", []),
        "households": ("household", []),
        "group_representatives": ("person", ["居民代表"]),
    }
    for sits, (unit, tags) in ways.items():
        poll = await _written(
            manager,
            town,
            kind="meeting",
            rules={"sits": sits},
            electorate={"claimed": True, "places": [str(town.home.id)]},
        )
        electorate = poll["electorate"]
        assert (electorate["unit"], electorate["tags"]) == (unit, tags)
        assert (electorate["claimed"], electorate["without_tags"]) == (False, ["未成年人"])
        assert electorate["places"] == [str(town.home.id)]


async def test_a_copy_asks_the_same_with_its_pictures_and_without_its_times(
    town: Town, manager: Caller
) -> None:
    poll = await _written(manager, town)
    path = f"/polls/{poll['id']}"
    added = await manager.post(f"{path}/files", files={"file": ("东门.jpg", a_picture())})
    picture = added.json()["id"]
    form = {"questions": [SCORES | {"options": _options(picture)}]}
    assert (await manager.patch(path, json={"form": form})).status_code == 200

    copied = (await manager.post(f"{path}/copies")).json()

    assert copied["state"] == PollState.DRAFT
    assert (copied["number"], copied["opens_at"], copied["closes_at"]) == (2, None, None)
    assert copied["form"]["questions"][0]["options"][0]["file_id"] == picture
    assert [file["id"] for file in copied["files"]] == [picture]
    assert (await manager.delete(f"{path}/files/{picture}")).status_code == 409
    assert (await manager.patch(path, json={"form": poll["form"]})).status_code == 200
    assert (await manager.delete(f"{path}/files/{picture}")).status_code == 204
    assert (await manager.get(f"{path}/files/{picture}")).status_code == 404
    assert (await manager.get(f"/polls/{copied['id']}/files/{picture}")).status_code == 200


async def test_lists_are_narrowed_by_state_kind_and_title(town: Town, manager: Caller) -> None:
    asked = [("poll", "充电桩"), ("survey", "食堂")]
    for kind, title in asked:
        await _written(manager, town, kind=kind, title=title)

    async def titles(**filters: str) -> list[str]:
        answer = await manager.get("/polls", params=filters)
        return [poll["title"] for poll in answer.json()["items"]]

    assert await titles() == ["食堂", "充电桩"]
    assert await titles(kind="poll") == ["充电桩"]
    assert await titles(state="open") == []
    assert await titles(title="食") == ["食堂"]
