"""The list as it is said in the group, for the next one to copy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.groups.chains.entries import Entry
from app.groups.chains.parse import parse
from app.groups.chains.render import render, size
from app.groups.chains.seats import waiting

NAMES = st.text(alphabet="张王李赵钱孙周吴郑冯陈褚卫蒋沈韩杨", min_size=2, max_size=4)
UNITS = st.one_of(
    st.none(),
    st.builds("{}-{}-{}".format, st.integers(1, 30), st.integers(1, 6), st.integers(101, 2999)),
    st.builds("{}栋{}单元{}".format, st.integers(1, 30), st.integers(1, 6), st.integers(101, 999)),
)
NOTES = st.one_of(st.none(), st.text(alphabet="带小孩不吃辣晚到需要轮椅", min_size=1, max_size=12))
ENTRIES = st.lists(st.builds(Entry, NAMES, UNITS, st.integers(1, 9), NOTES), max_size=30)


def test_the_list_has_new_numbers_marks_who_waits_and_counts() -> None:
    entries = [Entry("张三", "3-1-502"), Entry("李四", None, 2, "带小孩"), Entry("王五")]

    said = render("书法课 限2人", entries, 2)

    assert said == (
        "#接龙\n书法课 限2人\n\n"
        "1. 张三 3-1-502 1人\n"
        "2. 李四 2人 带小孩（候补）\n"
        "3. 王五 1人（候补）\n"
        "—— 已报 1 人，限 2 人，候补 3 人"
    )


def test_without_a_limit_nobody_waits() -> None:
    assert render("书法课", [Entry("张三", None, 2)]).endswith("1. 张三 2人\n—— 共 2 人")


def test_a_closed_list_says_so() -> None:
    assert render("书法课", [], closed=True).endswith("—— 已结束")


@given(ENTRIES, st.one_of(st.none(), st.integers(1, 20)))
def test_what_is_said_reads_as_what_it_was(entries: list[Entry], capacity: int | None) -> None:
    title = "周六书法课" if capacity is None else f"周六书法课 限{capacity}人"

    found = parse(render(title, entries, capacity))

    assert found is not None
    assert list(found.entries) == entries
    assert (found.title, found.capacity, found.partial) == ((title,), capacity, False)


@given(ENTRIES, st.integers(1, 20))
def test_the_list_never_has_more_people_than_there_are_places(
    entries: list[Entry], capacity: int
) -> None:
    said = render("书法课", entries, capacity)
    seated = [line for line in said.splitlines() if line[:1].isdigit() and "候补" not in line]

    found = parse("#接龙\n" + "\n".join(seated))
    assert found is not None
    assert sum(entry.places for entry in found.entries) <= capacity
    assert len(seated) == waiting([each.places for each in entries], capacity).count(False)


@pytest.mark.parametrize("at_most", [150, 300, 1000])
def test_a_list_that_is_too_long_is_cut_and_says_so(at_most: int) -> None:
    entries = [Entry(f"张{number}", "3-1-502", 2, "带小孩") for number in range(200)]

    said = render("书法课", entries, at_most=at_most)
    found = parse(said)

    assert size(said) <= at_most
    assert "没有全部列出" in said
    assert found is not None
    assert found.partial
    assert list(found.entries) == entries[: len(found.entries)]
