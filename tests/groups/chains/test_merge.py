"""Lists that cross, repeat and contradict each other, merged into one."""

import copy
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.groups.chains.entries import Entry
from app.groups.chains.parse import Parsed
from app.groups.chains.seats import displaces, waiting
from tests.groups.chains.lists import Going


def test_each_list_adds_what_it_has_more() -> None:
    going = Going()

    going.say("a", "1. 张三 3-1-502")
    going.say("b", "1. 张三 3-1-502\n2. 李四 5-2-301 2人")

    assert going.names == ["张三", "李四"]


def test_two_who_answer_at_once_are_both_on_the_list() -> None:
    going = Going()
    going.say("a", "1. 张三")

    going.say("b", "1. 张三\n2. 李四")
    going.say("c", "1. 张三\n2. 王五")

    assert going.names == ["张三", "李四", "王五"]


def test_the_number_of_a_line_means_nothing() -> None:
    going = Going()
    going.say("a", "1. 张三\n2. 李四")

    change = going.say("b", "7. 李四\n8. 张三")

    assert going.names == ["张三", "李四"]
    assert (change.added, change.cancelled, change.edited) == ([], [], [])


def test_a_line_that_its_author_leaves_out_is_cancelled() -> None:
    going = Going()
    going.say("a", "1. 张三")
    going.say("b", "1. 张三\n2. 李四")

    going.say("b", "1. 张三")

    assert going.names == ["张三"]


def test_a_line_that_somebody_else_leaves_out_stays() -> None:
    going = Going()
    going.say("a", "1. 张三")

    going.say("b", "1. 李四")

    assert going.names == ["张三", "李四"]


def test_who_opened_it_takes_others_off() -> None:
    going = Going()
    going.say("a", "1. 张三\n2. 李四")

    going.say("organiser", "1. 张三")

    assert going.names == ["张三"]


def test_who_runs_the_group_takes_others_off() -> None:
    going = Going()
    going.say("a", "1. 张三\n2. 李四")

    going.say("m", "1. 张三", runs=True)

    assert going.names == ["张三"]


def test_a_list_of_the_organiser_that_adds_somebody_takes_nobody_off() -> None:
    going = Going()
    going.say("a", "1. 张三")
    going.say("b", "1. 张三\n2. 李四")

    going.say("organiser", "1. 张三\n2. 组织者")

    assert going.names == ["张三", "李四", "组织者"]


def test_a_list_that_was_cut_takes_nobody_off() -> None:
    going = Going()
    going.say("a", "1. 张三\n2. 李四")

    going.hear("a", Parsed(entries=(Entry("张三"),), partial=True))
    going.hear("organiser", Parsed(partial=True))

    assert going.names == ["张三", "李四"]


def test_an_old_copy_brings_nobody_back_who_cancelled() -> None:
    going = Going()
    going.say("a", "1. 张三")
    going.say("a", "")

    going.say("b", "1. 张三\n2. 李四")

    assert going.names == ["李四"]


def test_who_cancelled_may_come_again_at_the_end_of_the_list() -> None:
    going = Going()
    going.say("a", "1. 张三")
    going.say("b", "1. 张三\n2. 李四")
    going.say("a", "1. 李四")

    going.say("a", "1. 李四\n2. 张三")

    assert going.names == ["李四", "张三"]


def test_who_took_somebody_off_may_put_them_back() -> None:
    going = Going()
    going.say("a", "1. 张三")
    going.say("organiser", "")

    going.say("b", "1. 张三")
    assert going.names == []

    going.say("organiser", "1. 张三")
    assert going.names == ["张三"]


def test_whom_staff_took_off_no_list_brings_back() -> None:
    going = Going()
    going.say("a", "1. 张三")
    going.lines = [replace(going.lines[0], cancelled=True)]

    change = going.say("a", "1. 张三")
    going.say("b", "1. 张三")

    assert going.names == []
    assert [entry.name for entry in change.barred] == ["张三"]


def test_who_corrects_their_own_line_keeps_their_place() -> None:
    going = Going()
    going.say("a", "1. 张三")
    going.say("b", "1. 张三\n2. 李四")

    going.say("a", "1. 张三 3-1-502 2人 带小孩\n2. 李四")

    assert going.entries == [Entry("张三", "3-1-502", 2, "带小孩"), Entry("李四")]


def test_somebody_elses_version_of_a_line_changes_nothing() -> None:
    going = Going()
    going.say("a", "1. 张三 2人")

    going.say("b", "1. 张三 9人\n2. 李四")

    assert going.entries[0] == Entry("张三", None, 2)


def test_two_of_one_name_in_different_homes_are_two() -> None:
    going = Going()
    going.say("a", "1. 张三 3-1-502")

    going.say("b", "1. 张三 3-1-502\n2. 张三 7-1-101")

    assert len(going.entries) == 2


def test_two_of_one_name_and_no_home_on_one_list_are_two() -> None:
    going = Going()
    going.say("a", "1. 张三")

    going.say("b", "1. 张三\n2. 张三")
    going.say("c", "1. 张三\n2. 张三\n3. 李四")

    assert going.names == ["张三", "张三", "李四"]
    assert [line.sender_id for line in going.lines] == ["a", "b", "c"]


def test_two_of_one_name_who_answer_at_once_are_told_apart_by_who_sends() -> None:
    going = Going(called={"a": "张三", "b": "张三"})
    going.say("a", "1. 张三")

    going.say("b", "1. 张三")
    going.say("b", "1. 张三")

    assert going.names == ["张三", "张三"]


def test_who_was_written_down_by_somebody_else_is_not_two() -> None:
    going = Going(called={"a": "李四", "b": "张三"})
    going.say("a", "1. 李四\n2. 张三")

    going.say("b", "1. 李四\n2. 张三\n3. 张小三")

    assert going.names == ["李四", "张三", "张小三"]


def test_one_of_two_of_a_name_cancels_their_own() -> None:
    going = Going()
    going.say("a", "1. 张三")
    going.say("b", "1. 张三\n2. 张三")

    going.say("b", "")

    assert [line.sender_id for line in going.lines if not line.cancelled] == ["a"]


NAMES = st.sampled_from(["张三", "李四", "王五", "赵六", "钱七", "孙八"])
UNITS = st.sampled_from([None, "3-1-502", "5-2-301", "7-1-101"])
PEOPLE = st.builds(Entry, NAMES, UNITS, st.integers(1, 4), st.sampled_from([None, "带小孩"]))
LISTS = st.lists(PEOPLE, max_size=6)
SENDERS = st.sampled_from(["a", "b", "c", "organiser"])
CALLED = st.dictionaries(st.sampled_from(["a", "b", "c"]), NAMES)


def a_history(called: dict[str, str], said: list[tuple[str, list[Entry]]]) -> Going:
    going = Going(called=called)
    for sender, entries in said:
        going.hear(sender, entries)
    return going


@settings(deadline=None)
@given(CALLED, st.lists(st.tuples(SENDERS, LISTS), max_size=5), LISTS)
def test_a_list_that_is_sent_again_changes_nothing(
    called: dict[str, str], before: list[tuple[str, list[Entry]]], sent: list[Entry]
) -> None:
    going = a_history(called, before)
    going.hear("a", sent)
    once = copy.deepcopy(going.lines)

    again = going.hear("a", sent)

    assert (again.added, again.cancelled, again.edited) == ([], [], [])
    assert going.lines == once


@settings(deadline=None)
@given(CALLED, LISTS, LISTS, LISTS)
def test_two_lists_that_forked_make_one_whichever_comes_first(
    called: dict[str, str], first: list[Entry], one: list[Entry], other: list[Entry]
) -> None:
    base = a_history(called, [("c", first)])
    forks = [("a", [*base.entries, *one]), ("b", [*base.entries, *other])]

    forwards, backwards = copy.deepcopy(base), copy.deepcopy(base)
    for sender, entries in forks:
        forwards.hear(sender, entries)
    for sender, entries in reversed(forks):
        backwards.hear(sender, entries)

    assert set(forwards.keys) == set(backwards.keys)
    assert set(forwards.keys) >= {entry.key for entry in [*one, *other]}


@given(LISTS, LISTS, LISTS)
def test_a_fork_of_the_organiser_loses_nobody(
    first: list[Entry], one: list[Entry], other: list[Entry]
) -> None:
    newcomer = Entry("组织者")
    base = a_history({}, [("c", first)])
    forwards, backwards = copy.deepcopy(base), copy.deepcopy(base)
    theirs, ours = [*base.entries, *one], [*base.entries, *other, newcomer]

    forwards.hear("a", theirs)
    forwards.hear("organiser", ours)
    backwards.hear("organiser", ours)
    backwards.hear("a", theirs)

    assert set(forwards.keys) == set(backwards.keys)


@given(st.lists(st.integers(1, 9), max_size=20), st.one_of(st.none(), st.integers(1, 20)))
def test_never_more_people_have_a_place_than_there_are(
    places: list[int], capacity: int | None
) -> None:
    waits = waiting(places, capacity)
    seated = [people for people, wait in zip(places, waits, strict=True) if not wait]

    assert capacity is None or sum(seated) <= capacity
    assert capacity is not None or not any(waits)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.integers(1, 20), st.data())
def test_who_has_a_place_keeps_it_when_somebody_cancels(
    places: list[int], capacity: int, data: st.DataObject
) -> None:
    gone = data.draw(st.integers(0, len(places) - 1))
    before = waiting(places, capacity)
    after = waiting([*places[:gone], *places[gone + 1 :]], capacity)

    kept = [*before[:gone], *before[gone + 1 :]]
    assert not any(now and not was for was, now in zip(kept, after, strict=True))


def test_who_came_later_does_not_overtake() -> None:
    assert waiting([19, 2, 1], 20) == [False, True, True]


def test_a_line_that_can_never_fit_holds_nobody_up() -> None:
    assert waiting([21, 2, 1], 20) == [True, False, False]


def test_bringing_more_people_may_cost_nobody_else_their_place() -> None:
    assert displaces([1, 1], at=0, more=2, capacity=2)
    assert not displaces([1, 1], at=1, more=2, capacity=2)
    assert not displaces([1, 1], at=0, more=2, capacity=3)
    assert not displaces([1, 1], at=0, more=9, capacity=None)
