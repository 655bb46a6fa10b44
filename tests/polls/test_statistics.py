"""Who may see answers told apart, and that nobody's own can be seen in them."""

from collections import Counter
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.people.models import Person, Role
from app.polls import recount
from app.polls.forms import Method, Option
from app.polls.models import Poll, PollKind, ResultsShown, Secrecy
from app.polls.service import opening
from app.polls.statistics import By, Statistics, _made, _questions
from tests.conftest import Client
from tests.people.builders import a_worker, token_of
from tests.polls.builders import (
    a_form,
    a_grid,
    a_poll,
    a_question,
    a_voter,
    put_on_roll,
    some_voters,
)
from tests.polls.closed import a_closed_assembly, a_closed_secret_poll, cast_each, close
from tests.polls.gridded import a_survey, an_open_survey

LARGE = {"一网格": [*"AAAAAAABBBBBB"], "二网格": [*"AAAAABBBBBBBB"]}


async def asks(
    session: AsyncSession, client: Client, who: Person, poll: Poll, **params: str
) -> tuple[int, Any]:
    client.with_token(token_of(session, who))
    await session.commit()
    path = f"/api/v1/polls/{poll.id}/statistics"
    answer = await client.get(path, params={"question": "q1"} | params)
    return answer.status_code, answer.json()


async def test_large_counts_are_told_apart_by_grid(session: AsyncSession, client: Client) -> None:
    poll = await a_survey(session, LARGE, a_question(options="AB"))
    voter = await a_voter(session, poll.place)

    status, found = await asks(session, client, voter, poll)

    assert status == 200
    assert found["answered"] == 26
    assert found["tables"] == [
        {
            "option": None,
            "columns": ["方案A", "方案B"],
            "total": [12, 14],
            "groups": [
                {"name": "一网格", "answered": 13, "counts": [7, 6]},
                {"name": "二网格", "answered": 13, "counts": [5, 8]},
            ],
        }
    ]
    assert found["texts"] is None


async def test_small_counts_are_left_out_with_what_would_give_them_away(
    session: AsyncSession, client: Client
) -> None:
    answers = {"一网格": [*"AAAAAAAB"], "二网格": [*"AAAAABBBBBB"], "三网格": [*"AAAAABBBBBB"]}
    poll = await a_survey(session, answers, a_question(options="AB"))
    voter = await a_voter(session, poll.place)

    _, found = await asks(session, client, voter, poll)

    groups = {each["name"]: each["counts"] for each in found["tables"][0]["groups"]}
    assert groups["一网格"] == [None, None]
    assert sorted(map(str, groups.values())) == ["[5, 6]", "[None, None]", "[None, None]"]


async def test_small_grids_are_shown_as_one(session: AsyncSession, client: Client) -> None:
    answers = LARGE | {"三网格": ["A"], "四网格": ["B", "B", "A"]}
    poll = await a_survey(session, answers, a_question(options="AB"))
    voter = await a_voter(session, poll.place)

    _, found = await asks(session, client, voter, poll)

    sizes = {each["name"]: each["answered"] for each in found["tables"][0]["groups"]}
    assert set(sizes) & {"三网格", "四网格"} == set()
    assert sizes["其他"] >= 5
    assert sum(sizes.values()) == 30


async def test_one_grid_alone_is_not_told_apart(session: AsyncSession, client: Client) -> None:
    poll = await a_survey(session, {"一网格": [*"AAAAAABBBBB"]}, a_question(options="AB"))
    voter = await a_voter(session, poll.place)

    _, found = await asks(session, client, voter, poll)

    assert found["tables"][0]["groups"] == []
    assert found["tables"][0]["total"] == [6, 5]


async def test_answers_are_told_apart_by_kind_of_residence(
    session: AsyncSession, client: Client
) -> None:
    grid = await a_grid(session)
    people = await some_voters(session, grid, 12)
    poll = await a_poll(session, grid, kind=PollKind.SURVEY, form=a_form(a_question(options="AB")))
    for person, relation in zip(people, ["owner"] * 6 + ["tenant"] * 6, strict=True):
        await put_on_roll(session, poll, person, relation=relation)
    await opening.freeze(session, poll, 12, at=now())
    await cast_each(session, poll, people, ["A"] * 6 + ["B"] * 6)
    voter = await a_voter(session, grid)
    poll = await close(session, poll)

    _, found = await asks(session, client, voter, poll, by="relation")

    [table] = found["tables"]
    assert [each["name"] for each in table["groups"]] == ["业主", "租户"]
    assert [each["counts"] for each in table["groups"]] == [[None, None], [None, None]]


async def test_texts_are_for_who_runs_polls_there_and_in_no_order(
    session: AsyncSession, client: Client
) -> None:
    written = [f"多种第{n}棵树" for n in range(30)]
    poll = await a_survey(session, {"一网格": written}, a_question(method=Method.TEXT))
    staff = await a_worker(session, poll.place, Role.STAFF)
    voter = await a_voter(session, poll.place)

    _, shown = await asks(session, client, staff, poll)
    _, hidden = await asks(session, client, voter, poll)

    assert sorted(shown["texts"]) == sorted(written)
    assert shown["texts"] != written
    assert hidden["texts"] is None


async def test_what_else_was_meant_is_among_the_texts(
    session: AsyncSession, client: Client
) -> None:
    options = [Option(key="A", text="甲"), Option(key="other", text="其他")]
    said = [{"q1": "other", "q1.other": "种树"}, {"q1": "A", "q1.reason": "便宜"}]
    question = a_question(options=()).model_copy(update={"options": options, "reason": True})
    poll = await a_survey(session, {"一网格": said}, question)
    staff = await a_worker(session, poll.place, Role.STAFF)

    _, shown = await asks(session, client, staff, poll)

    assert set(shown["texts"]) == {"种树", "便宜"}


async def test_numbers_are_summed_up_by_how_they_lie(session: AsyncSession, client: Client) -> None:
    poll = await a_survey(session, {"一网格": [1, 2, 3, 4, 90]}, a_question(method=Method.NUMBER))
    voter = await a_voter(session, poll.place)

    _, found = await asks(session, client, voter, poll)

    assert found["tables"] == []
    assert found["numbers"] == {
        "least": 1,
        "quartiles": [2.0, 3.0, 4.0],
        "greatest": 90,
        "mean": 20.0,
    }


async def test_while_votes_come_in_only_who_runs_the_poll_sees_them_told_apart(
    session: AsyncSession, client: Client
) -> None:
    poll, people = await an_open_survey(
        session, LARGE, a_question(options="AB"), results_shown=ResultsShown.ALWAYS
    )
    closed, _people = await an_open_survey(session, LARGE, a_question(options="AB"))
    staff = await a_worker(session, poll.place, Role.STAFF)
    other = await a_worker(session, closed.place, Role.STAFF)

    assert (await asks(session, client, people[0], poll))[0] == 409
    assert (await asks(session, client, staff, poll))[0] == 200
    assert (await asks(session, client, other, closed))[0] == 409


async def test_secret_polls_and_assemblies_are_not_told_apart(
    session: AsyncSession, client: Client
) -> None:
    for made, kind in (
        (a_closed_secret_poll, "/problems/secret-here"),
        (a_closed_assembly, "/problems/no-statistics"),
    ):
        poll = await made(session)
        manager = await a_worker(session, poll.place, Role.MANAGER)

        status, found = await asks(session, client, manager, poll)

        assert status == 409
        assert found["type"] == kind


async def test_a_question_that_is_not_asked_is_said_to_be_none(
    session: AsyncSession, client: Client
) -> None:
    poll = await a_survey(session, LARGE, a_question(options="AB"))
    voter = await a_voter(session, poll.place)

    status, found = await asks(session, client, voter, poll, question="q9")

    assert status == 422
    assert found["errors"][0]["path"] == "query.question"


ANSWERS: dict[Method, st.SearchStrategy[Any]] = {
    Method.SINGLE: st.sampled_from("ABC"),
    Method.YES_NO: st.sampled_from(["yes", "no", "abstain"]),
    Method.MULTIPLE: st.sampled_from([["A", "B"], ["A", "C"], ["B", "C"]]),
    Method.APPROVAL: st.sampled_from([[], ["A"], ["B", "C"]]),
    Method.RANKED: st.sampled_from([["A"], ["B", "A"], ["C", "A", "B"]]),
    Method.SCORE: st.fixed_dictionaries(dict.fromkeys("ABC", st.integers(0, 5))),
    Method.DOTS: st.sampled_from([{"A": 10}, {"B": 4, "C": 6}, {}]),
    Method.DATES: st.fixed_dictionaries(
        dict.fromkeys("ABC", st.sampled_from(["yes", "maybe", "no"]))
    ),
}
crowds = st.sampled_from(list(ANSWERS)).flatmap(
    lambda method: st.tuples(
        st.just(method),
        st.dictionaries(
            st.sampled_from(["g1", "g2", "g3", "g4"]),
            st.lists(ANSWERS[method], min_size=3, max_size=25),
            min_size=2,
        ),
    )
)


def told_apart(method: Method, crowd: dict[str, list[Any]]) -> Statistics:
    groups: dict[str | None, Counter[str]] = {
        name: Counter(recount.canonical({"q1": each}).decode() for each in given)
        for name, given in crowd.items()
    }
    names: dict[str | None, str] = {name: name for name in crowd}
    question = a_question(method=method)
    return _made(question, groups, names, by=By.GRID, smallest=5, texts=None)


@given(crowds)
@settings(deadline=None, max_examples=100)
def test_of_no_method_is_a_small_count_shown_or_a_group_changed_alone(
    made: tuple[Method, dict[str, list[Any]]],
) -> None:
    method, crowd = made
    found = told_apart(method, crowd)

    for cross in found.tables:
        assert sum(cross.total) == found.answered == sum(map(len, crowd.values()))
        for row in cross.groups:
            assert row.answered >= 5
            for count, total in zip(row.counts, cross.total, strict=True):
                assert count is None or count >= 5 or total == 0
    left_out = [[None in row.counts for row in cross.groups] for cross in found.tables]
    if method in {Method.SCORE, Method.DATES, Method.MULTIPLE, Method.APPROVAL, Method.DOTS}:
        assert all(each == left_out[0] for each in left_out)
    for each in left_out:
        assert sum(each) != 1


@given(crowds)
@settings(deadline=None, max_examples=100)
def test_whatever_is_left_out_would_differ_if_two_ballots_changed_places(
    made: tuple[Method, dict[str, list[Any]]],
) -> None:
    """And nothing that is shown would: not even by how many options a ballot may choose."""
    method, crowd = made
    found = told_apart(method, crowd)
    question = a_question(method=method)

    def columns_of(ballot: Any) -> tuple[int, ...]:
        asked = _questions(question, {None: [(ballot, 1)]})
        return tuple(bins[None].index(1) for _option, _columns, bins in asked)

    names = [row.name for row in found.tables[0].groups]
    held: dict[str, set[tuple[int, ...]]] = {name: set() for name in names}
    for name, ballots in crowd.items() if names else ():
        held[name if name in held else "其他"] |= {columns_of(each) for each in ballots}
    hidden = {
        (table, row.name, column)
        for table, cross in enumerate(found.tables)
        for row in cross.groups
        for column, count in enumerate(row.counts)
        if count is None
    }
    could_differ = set()
    for one, other in permutations(names, 2):
        for mine, theirs in product(held[one], held[other]):
            moved = {
                (table, name, column)
                for table, pair in enumerate(zip(mine, theirs, strict=True))
                if pair[0] != pair[1]
                for name in (one, other)
                for column in pair
            }
            if moved <= hidden:
                could_differ |= moved
    used = {cell for cell in hidden if 0 < found.tables[cell[0]].total[cell[2]] < found.answered}
    assert used <= could_differ


def test_where_several_may_be_chosen_a_group_is_left_out_of_all_options_or_of_none() -> None:
    crowd: dict[str, list[Any]] = {
        "g1": [["A"]] * 6 + [["B"]] + [[]] * 6,
        "g2": [["A"]] * 6 + [["B"]] * 6 + [[]] * 6,
        "g3": [["A", "B"]] * 9 + [["C"]] * 9,
    }

    found = told_apart(Method.APPROVAL, crowd)

    left_out = [{row.name for row in cross.groups if None in row.counts} for cross in found.tables]
    assert left_out[0] == left_out[1] == left_out[2] >= {"g1"}


@pytest.mark.parametrize("kind", [PollKind.POLL, PollKind.SURVEY])
async def test_a_secret_survey_is_refused_in_words_that_fit(
    session: AsyncSession, client: Client, kind: PollKind
) -> None:
    poll = await a_survey(
        session, {"一网格": ["A"]}, a_question(options="AB"), kind=kind, secrecy=Secrecy.SECRET
    )
    voter = await a_voter(session, poll.place)

    _, found = await asks(session, client, voter, poll)

    assert found["detail"] == "无记名投票不做分组统计，也不能导出"
