from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.organizations.models import Member, Organization
from app.people import service as register
from app.people.access import system
from app.people.models import Identity, Person, Post, Relation, Residence, Role, Standing
from app.people.queries import posts_of
from app.wechat.edge import Mode
from app.wechat.models import Account
from tests.conftest import Client as Http
from tests.conftest import Worker
from tests.organizations.builders import a_member, an_organization, joins
from tests.people.builders import PASSWORD
from tests.service_requests.builders import Caller, Town, a_person
from tests.service_requests.conftest import As, People

NEW = {"name": "吴师傅", "phone": "138 0013 8000", "login": "Wu", "password": PASSWORD}


def of(organization: Organization) -> str:
    return f"/organizations/{organization.id}/members"


async def names(caller: Caller, organization: Organization) -> list[str]:
    answer = await caller.get(of(organization))
    assert answer.status_code == 200, answer.text
    return [member["person"]["name"] for member in answer.json()["items"]]


async def test_a_resident_can_work_for_an_organisation(
    acting: As, people: People, organization: Organization, session: AsyncSession
) -> None:
    manager, resident = acting(people.manager), acting(people.resident)

    added = await manager.post(of(organization), {"person_id": str(people.resident.id)})

    assert added.status_code == 201, added.text
    assert (added.json()["person"]["name"], added.json()["head"]) == ("李桂兰", False)
    posts = (await resident.get("/me")).json()["posts"]
    assert [(post["role"], post["path"]) for post in posts] == [("partner", "/A1/")]
    facts = select(Fact.kind).where(Fact.actor_id == people.manager.id).order_by(Fact.id)
    assert list(await session.scalars(facts)) == ["post.given", "organization.member_added"]


async def test_somebody_new_signs_in_and_links_their_chat(
    acting: As, people: People, organization: Organization, client: Http
) -> None:
    added = await acting(people.manager).post(of(organization), NEW | {"head": True})
    assert added.status_code == 201, added.text
    assert added.json()["person"]["phone"] == "138****8000"

    asked = {"community": "yiyi", "login": "wu", "password": PASSWORD}
    session = (await client.post("/api/v1/sessions", json=asked)).json()

    wu = Caller(client, session["token"])
    assert [post["role"] for post in session["posts"]] == ["partner"]
    assert await names(wu, organization) == ["吴师傅"]
    code = await wu.post(f"/staff/{session['person']['id']}/wechat-code")
    assert code.status_code == 201
    other = NEW | {"name": "何师傅"}
    taken = await acting(people.manager).post(of(organization), other)
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/login-taken")


async def test_a_head_brings_colleagues_and_the_record_says_it_was_them(
    acting: As, people: People, town: Town, organization: Organization, session: AsyncSession
) -> None:
    head = await a_member(session, town, organization, head=True)
    plain = await a_member(session, town, organization, "何师傅")
    rival = await a_member(session, town, await an_organization(session, town), head=True)
    await session.commit()

    added = await acting(head).post(of(organization), NEW | {"name": "小丁"})
    assert added.status_code == 201, added.text
    facts = select(Fact.kind).where(Fact.actor_id == head.id).order_by(Fact.id)
    assert list(await session.scalars(facts)) == [
        "person.registered",
        "post.given",
        "organization.member_added",
    ]
    refused = (
        (head, NEW | {"login": "xx", "head": True}),
        (plain, NEW | {"login": "xx"}),
        (rival, NEW | {"login": "xx"}),
        (people.worker, NEW | {"login": "xx"}),
        (people.leader, NEW | {"login": "xx"}),
        (people.resident, NEW | {"login": "xx"}),
    )
    for who, body in refused:
        answer = await acting(who).post(of(organization), body)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
    elsewhere = await acting(head).post(
        "/staff",
        {**NEW, "login": "xx", "role": "partner", "place_id": str(organization.place_id)},
    )
    assert elsewhere.status_code == 403


async def test_a_head_lets_colleagues_go_but_not_another_head(
    acting: As, people: People, town: Town, organization: Organization, session: AsyncSession
) -> None:
    head = await a_member(session, town, organization, head=True)
    second = await a_member(session, town, organization, "何师傅", head=True)
    plain = await a_member(session, town, organization, "小丁")
    await session.commit()
    listed = (await acting(head).get(of(organization))).json()["items"]
    ids = {member["person"]["id"]: member["id"] for member in listed}

    async def end(by: Person, whom: Person) -> int:
        path = f"{of(organization)}/{ids[str(whom.id)]}"
        return (await acting(by)("DELETE", path)).status_code

    assert await end(plain, plain) == 403
    assert await end(people.resident, plain) == 403
    assert await end(head, second) == 403
    assert await end(head, plain) == 204
    assert await end(head, plain) == 404
    assert await end(people.manager, second) == 204
    assert await names(acting(head), organization) == ["吴师傅"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": "吴师傅"},
        {"name": "吴师傅", "login": "wu"},
        {"name": "吴师傅", "login": "wu", "password": "short"},
        NEW | {"person_id": "019e0000-0000-7000-8000-000000000000"},
        {"person_id": "019e0000-0000-7000-8000-000000000000"},
        {"person_id": "019e0000-0000-7000-8000-000000000000", "phone": "13800138000"},
        NEW | {"role": "admin"},
    ],
)
async def test_what_names_nobody_is_refused(
    acting: As, people: People, organization: Organization, wrong: dict[str, Any]
) -> None:
    answer = await acting(people.manager).post(of(organization), wrong)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


async def test_who_works_for_an_organisation_is_for_them_and_for_staff_of_its_place_to_know(
    acting: As, people: People, town: Town, organization: Organization, session: AsyncSession
) -> None:
    member = await a_member(session, town, organization)
    rival = await a_member(session, town, await an_organization(session, town))
    await session.commit()
    for who in (member, people.leader, people.manager):
        assert await names(acting(who), organization) == ["吴师傅"]
    for who in (rival, people.resident, people.worker, people.elsewhere):
        assert (await acting(who).get(of(organization))).status_code == 403
    nowhere = "/organizations/019e0000-0000-7000-8000-000000000000/members"
    assert (await acting(people.manager).get(nowhere)).status_code == 404


async def test_members_are_listed_page_by_page(
    acting: As, people: People, town: Town, organization: Organization, session: AsyncSession
) -> None:
    for name in ("甲", "乙", "丙"):
        await a_member(session, town, organization, name)
    await session.commit()
    manager = acting(people.manager)
    first = (await manager.get(f"{of(organization)}?limit=2")).json()
    second = (await manager.get(f"{of(organization)}?limit=2&after={first['next']}")).json()
    found = [member["person"]["name"] for page in (first, second) for member in page["items"]]
    assert (found, second["next"]) == (["甲", "乙", "丙"], None)


async def test_whose_membership_ends_is_out_with_their_next_request(
    acting: As, people: People, town: Town, organization: Organization, session: AsyncSession
) -> None:
    member = await a_member(session, town, organization)
    await session.commit()
    wu, manager = acting(member), acting(people.manager)
    assert (await wu.get("/me")).status_code == 200
    listed = (await manager.get(of(organization))).json()["items"]

    ended = await manager("DELETE", f"{of(organization)}/{listed[0]['id']}")

    assert ended.status_code == 204
    assert (await wu.get("/me")).status_code == 401
    assert not list(await session.scalars(posts_of(town.community.id, member.id)))
    again = await manager.post(of(organization), {"person_id": str(member.id)})
    assert again.status_code == 201


async def test_a_post_stays_while_another_membership_needs_it(
    acting: As, people: People, town: Town, organization: Organization, session: AsyncSession
) -> None:
    member = await a_member(session, town, organization)
    other = await an_organization(session, town, "万家物业")
    await joins(session, other, member)
    await session.commit()
    manager = acting(people.manager)
    assert await session.scalar(select(func.count()).where(Post.person_id == member.id)) == 1

    for organization_left, posts in ((organization, 1), (other, 0)):
        listed = (await manager.get(of(organization_left))).json()["items"]
        await manager("DELETE", f"{of(organization_left)}/{listed[0]['id']}")
        held = await session.scalars(posts_of(town.community.id, member.id))
        assert len(list(held)) == posts


async def test_who_headed_an_organisation_before_does_not_any_more(
    acting: As, people: People, town: Town, organization: Organization, session: AsyncSession
) -> None:
    """Though the post by which they did is still theirs, for another organisation."""
    former = await a_member(session, town, organization, head=True)
    await joins(session, await an_organization(session, town, "万家物业"), former)
    await session.commit()
    manager, wu = acting(people.manager), acting(former)
    assert await names(wu, organization) == ["吴师傅"]
    listed = (await manager.get(of(organization))).json()["items"]
    await manager("DELETE", f"{of(organization)}/{listed[0]['id']}")

    assert (await wu.get(of(organization))).status_code == 403
    assert (await wu.post(of(organization), NEW)).status_code == 403


async def test_whoever_loses_the_post_of_partner_is_no_member_any_more(
    acting: As,
    people: People,
    town: Town,
    organization: Organization,
    session: AsyncSession,
    *,
    worker: Worker,
) -> None:
    member = await a_member(session, town, organization)
    await session.commit()
    manager = acting(people.manager)
    post = (await manager.get(f"/staff/{member.id}")).json()["posts"][0]
    assert (await manager("DELETE", f"/staff/{member.id}/posts/{post['id']}")).status_code == 204

    await worker.catch_up()

    assert await names(manager, organization) == []
    left = select(Fact.actor_kind).where(Fact.kind == "organization.member_left")
    assert list(await session.scalars(left)) == ["system"]


async def test_knowing_the_name_and_number_of_a_partner_does_not_make_one_them(
    town: Town, organization: Organization, session: AsyncSession
) -> None:
    """A resident of the register is taken over so; one who holds a post is not."""
    root, by = town.community.id, system(town.community.id)
    account = Account(
        community_id=root,
        slug="palm",
        name="掌上社区",
        app_id="wx1",
        mode=Mode.SAFE,
        app_secret="secret",
        token="token",
        aes_key="a" * 43,
    )
    session.add(account)
    wu = await a_person(session, town, "吴师傅")
    wu.reached_at("13800138000")
    session.add(
        Residence(
            community_id=root,
            person_id=wu.id,
            home_id=town.home.id,
            relation=Relation.OWNER,
            standing=Standing.VERIFIED,
        )
    )
    await session.flush()
    await joins(session, organization, wu)
    follower = await register.follow(session, account=account, openid="o1")
    stranger = await session.get_one(Person, (root, follower.person_id))

    claimed = await register.claim_home(
        session, person=stranger, home=town.home, name="吴师傅", phone="13800138000", by=by
    )

    assert (claimed.person_id, claimed.standing) == (stranger.id, Standing.CLAIMED)
    of_wu = select(Identity).where(Identity.person_id == wu.id)
    assert not list(await session.scalars(of_wu))
    assert await session.scalar(select(Member.person_id)) == wu.id
    assert await session.scalar(select(Post.role).where(Post.person_id == wu.id)) is Role.PARTNER
