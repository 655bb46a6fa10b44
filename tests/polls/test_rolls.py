"""Rolls: made by the stated rule when a poll opens, by home or by head, and frozen then."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.people import service as register
from app.people.access import system
from app.people.models import Person, PersonTag, Relation, Residence, Role, Standing
from app.places.models import Place
from app.polls import queries, recount
from app.polls.electorates import MINOR, REPRESENTATIVE, Electorate, Unit
from app.polls.models import Basis, Entry, Link, Poll, Proxy, ResultsShown, Voter
from app.polls.problems import RollEmpty
from app.polls.service import lifecycle, rolls
from tests.people.builders import a_person, a_residence, a_worker, facts
from tests.people.conftest import As, Town
from tests.polls.builders import a_poll, an_open_poll, some_homes, some_voters


async def _tagged(session: AsyncSession, person: Person, tag: str) -> None:
    session.add(PersonTag(community_id=person.community_id, person_id=person.id, tag=tag))
    await session.flush()


async def _lives(session: AsyncSession, name: str, home: Place, **how: Any) -> Person:
    person = await a_person(session, home, name)
    await a_residence(session, person, home, **how)
    return person


async def _opened(session: AsyncSession, place: Place, **electorate: Any) -> Poll:
    poll = await a_poll(session, place, electorate=Electorate(**electorate))
    return await lifecycle.open_now(session, poll, by=system(poll.community_id))


async def _roll(session: AsyncSession, poll: Poll) -> dict[str, Sequence[str]]:
    """The labels of the votes, and the names of who may cast each."""
    rows = await session.execute(
        select(Entry.label, Person.name)
        .join(Voter, Voter.entry_id == Entry.id)
        .join(Person, Person.id == Voter.person_id)
        .where(Entry.poll_id == poll.id)
        .order_by(Entry.label, Person.name)
    )
    found: dict[str, list[str]] = {}
    for label, name in rows:
        found.setdefault(label, []).append(name or "")
    return found  # type: ignore[return-value]


async def _named(session: AsyncSession, place: Place, **electorate: Any) -> list[str]:
    return list(await _roll(session, await _opened(session, place, **electorate)))


async def test_everybody_who_is_known_to_live_there_has_one_vote(
    session: AsyncSession, town: Town
) -> None:
    both = await _lives(session, "甲", town.home)
    await a_residence(session, both, (await some_homes(session, town.grid, 1))[0])
    await _lives(session, "乙", town.home, relation=Relation.TENANT)
    await _lives(session, "丙", town.home, standing=Standing.CLAIMED)
    await _lives(session, "丁", town.home, standing=Standing.ENDED)
    await _lives(session, "戊", town.far_home)
    await _tagged(session, await _lives(session, "己", town.home), MINOR)
    merged = await _lives(session, "庚", town.home)
    merged.merged_into_id = both.id

    poll = await _opened(session, town.grid)

    assert await _roll(session, poll) == {"甲": ["甲"], "乙": ["乙"]}
    entries = (await session.scalars(select(Entry).where(Entry.poll_id == poll.id))).all()
    first = next(each for each in entries if each.label == "甲")
    assert (first.home_id, first.grid_id, first.relation) == (town.home.id, town.grid.id, "owner")
    assert (first.key, first.homes, first.area) == (f"person:{both.id}", 1, 0)
    signs = set("".join(each.code for each in entries))
    assert {len(each.code) for each in entries} == {10}
    assert signs <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


async def test_a_rule_names_places_relations_tags_posts_and_the_unchecked(
    session: AsyncSession, town: Town
) -> None:
    other = (await some_homes(session, town.grid, 1))[0]
    await _lives(session, "甲", town.home)
    tenant = await _lives(session, "乙", other, relation=Relation.TENANT)
    await _lives(session, "丙", town.home, standing=Standing.CLAIMED)
    await _tagged(session, tenant, REPRESENTATIVE)
    worker = await a_worker(session, town.grid, Role.GRID_WORKER)
    staff = str(worker.name)

    assert await _named(session, town.grid) == ["乙", "甲"]
    assert await _named(session, town.grid, places=[other.id]) == ["乙"]
    assert await _named(session, town.grid, relations=["owner"]) == ["甲"]
    assert await _named(session, town.grid, tags=[REPRESENTATIVE]) == ["乙"]
    assert await _named(session, town.grid, without_tags=[REPRESENTATIVE]) == ["甲"]
    assert await _named(session, town.grid, claimed=True) == ["丙", "乙", "甲"]
    assert await _named(session, town.grid, roles=["grid_worker"]) == [staff]
    assert await _named(session, town.grid, roles=["grid_worker", "resident"]) == sorted(
        ["甲", "乙", staff]
    )
    with pytest.raises(RollEmpty):
        await _opened(session, town.grid, roles=["grid_worker"], relations=["owner"])


async def test_a_household_has_one_vote_that_each_of_its_adults_may_cast(
    session: AsyncSession, town: Town
) -> None:
    await _lives(session, "甲", town.home, relation=Relation.TENANT)
    await _lives(session, "乙", town.home)
    await _tagged(session, await _lives(session, "己", town.home), MINOR)
    await _lives(session, "戊", town.far_home)

    poll = await _opened(session, town.root, unit=Unit.HOUSEHOLD)

    assert await _roll(session, poll) == {"3栋2单元502": ["乙", "甲"], "9栋1单元101": ["戊"]}
    entry = (await session.scalars(select(Entry).where(Entry.home_id == town.home.id))).one()
    assert (entry.key, entry.relation) == (f"home:{town.home.id}", "owner")
    bases = set(await session.scalars(select(Voter.basis).where(Voter.poll_id == poll.id)))
    assert bases == {Basis.HOUSEHOLD}


async def test_who_holds_a_proxy_may_cast_and_who_has_a_guardian_may_not(
    session: AsyncSession, town: Town
) -> None:
    giver, ward, holder = [await _lives(session, name, town.home) for name in "甲乙丙"]
    poll = await a_poll(session, town.grid)
    for who, basis in ((giver, Basis.PROXY), (ward, Basis.GUARDIAN)):
        proxy = {"giver_id": who.id, "holder_id": holder.id, "basis": basis, "paper": "第1号"}
        session.add(Proxy(community_id=poll.community_id, poll_id=poll.id, **proxy))
    await session.flush()

    await lifecycle.open_now(session, poll, by=system(poll.community_id))

    assert await _roll(session, poll) == {"甲": ["丙", "甲"], "乙": ["丙"], "丙": ["丙"]}
    held = await session.scalars(queries.votes_of(poll.community_id, poll.id, holder.id))
    assert sorted(entry.label for entry in held) == ["丙", "乙", "甲"]


async def test_moving_house_after_the_opening_changes_nothing(
    session: AsyncSession, town: Town
) -> None:
    mover = await _lives(session, "甲", town.home)
    poll = await _opened(session, town.grid)
    before = await _roll(session, poll)
    head = await rolls.digest_of(session, poll)
    residence = (
        await session.scalars(select(Residence).where(Residence.person_id == mover.id))
    ).one()
    by = system(poll.community_id)

    await session.refresh(residence, ["person", "home"])
    await register.end(session, residence, by=by)
    await a_residence(session, mover, town.far_home)
    await _lives(session, "新来的", town.home)
    await _tagged(session, mover, MINOR)

    assert await _roll(session, poll) == before
    assert await rolls.digest_of(session, poll) == head
    assert await queries.turnout(session, poll) == {"entries": 1, "voted": 0}


@pytest.mark.parametrize(("large", "known"), [(3, [3, 3]), (4, [-1, -1])])
async def test_the_planner_learns_of_a_large_roll(
    session: AsyncSession, town: Town, monkeypatch: pytest.MonkeyPatch, large: int, known: list[int]
) -> None:
    """Else it takes the tables for empty, and reads them whole for every vote."""
    monkeypatch.setattr(rolls, "LARGE", large)
    await some_voters(session, town.grid, 3)
    await _opened(session, town.grid)
    rows = "SELECT reltuples FROM pg_class WHERE relname IN ('poll_entries', 'poll_voters')"
    assert (await session.scalars(text(rows))).all() == known


async def test_the_opening_link_covers_what_is_asked_and_the_roll(
    session: AsyncSession, town: Town
) -> None:
    people = await some_voters(session, town.grid, 3)
    poll = await _opened(session, town.grid)

    link = (await session.scalars(select(Link).where(Link.poll_id == poll.id))).one()
    entries = await session.scalars(select(Entry).where(Entry.poll_id == poll.id))
    lines = [
        recount.roll_line(
            each.code, recount.key_digest_of(str(poll.id), each.key), each.area, each.homes
        )
        for each in entries
    ]
    definition = link.payload["definition"]
    public_key = bytes.fromhex(link.payload["public_key"])
    expected = recount.opening_head(definition, recount.roll_digest(lines), public_key)
    assert (link.number, link.size, link.head, poll.head) == (0, 3, expected, expected)
    assert definition["form"] == poll.form
    assert not any(str(person.id) in str(link.payload) for person in people)
    assert (await facts(session, "polls.opened"))[0]["entries"] == 3
    assert (await facts(session, "polls.head_published"))[0]["head"] == expected.hex()


async def test_a_rule_is_counted_before_it_is_used_and_nothing_is_kept(
    acting: As, session: AsyncSession, town: Town
) -> None:
    await _lives(session, "甲", town.home)
    await _lives(session, "乙", town.home)
    manager = await a_worker(session, town.root, Role.MANAGER)
    poll = await a_poll(session, town.grid, electorate=Electorate(unit=Unit.HOUSEHOLD))
    caller = await acting(manager)

    answer = await caller.post(f"/polls/{poll.id}/roll-counts")

    assert answer.json() == {"entries": 1, "people": 2, "area": 0}
    assert not (await session.scalars(select(Entry.id))).all()
    opened = await caller.post(f"/polls/{poll.id}/opening")
    assert opened.status_code == 200, opened.text
    assert (await caller.post(f"/polls/{poll.id}/roll-counts")).status_code == 409


async def test_who_reads_the_roll_is_recorded_and_others_see_their_own_votes(
    acting: As, session: AsyncSession, town: Town
) -> None:
    opened = await an_open_poll(session, town.grid, voters=2)
    keeper = await acting(await a_worker(session, town.root, Role.STAFF))
    voter = await acting(opened.people[0])
    path = f"/polls/{opened.poll.id}"

    roll = (await keeper.get(f"{path}/roll", params={"limit": 1})).json()
    rest = (await keeper.get(f"{path}/roll", params={"after": roll["next"]})).json()

    read = roll["items"] + rest["items"]
    assert {entry["voters"][0]["person_id"] for entry in read} == {
        str(person.id) for person in opened.people
    }
    assert len(await facts(session, "polls.roll_read")) == 2
    assert (await voter.get(f"{path}/roll")).status_code == 403
    (mine,) = (await voter.get(f"{path}/my-votes")).json()
    assert (mine["id"], mine["cast"]) == (str(opened.entries[0].id), False)
    assert (await keeper.get(f"{path}/my-votes")).json() == []


async def test_the_turnout_is_seen_as_counts_are(
    acting: As, session: AsyncSession, town: Town
) -> None:
    shy = await an_open_poll(session, town.grid, voters=2)
    loud = await an_open_poll(session, town.grid, results_shown=ResultsShown.ALWAYS)
    keeper = await acting(await a_worker(session, town.root, Role.LEADER))
    voter = await acting(shy.people[0])

    assert (await voter.get(f"/polls/{shy.poll.id}/turnout")).status_code == 409
    assert (await keeper.get(f"/polls/{shy.poll.id}/turnout")).json() == {"entries": 2, "voted": 0}
    assert (await voter.get(f"/polls/{loud.poll.id}/turnout")).json()["entries"] == 3
