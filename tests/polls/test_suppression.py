"""Small counts stay unknown to whoever knows all totals and can add."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.polls.suppression import merged, suppressed

Shown = list[list[int | None]]
SMALLEST = 5


def solved(shown: Shown, table: list[list[int]]) -> set[tuple[int, int]]:
    """The cells left out that follow from totals and from counts being none below 0."""
    low = [[cell or 0 for cell in row] for row in shown]
    high = [
        [sum(row) if cell is None else cell for cell in cells]
        for cells, row in zip(shown, table, strict=True)
    ]
    rows, columns = len(table), len(table[0])
    lines = [([(i, j) for j in range(columns)], sum(table[i])) for i in range(rows)]
    lines += [([(i, j) for i in range(rows)], sum(row[j] for row in table)) for j in range(columns)]
    changed = True
    while changed:
        changed = False
        for line, total in lines:
            for i, j in line:
                rest = [cell for cell in line if cell != (i, j)]
                most = total - sum(low[a][b] for a, b in rest)
                least = total - sum(high[a][b] for a, b in rest)
                if most < high[i][j]:
                    high[i][j], changed = most, True
                if least > low[i][j]:
                    low[i][j], changed = least, True
    return {
        (i, j)
        for i, j in product(range(rows), range(columns))
        if shown[i][j] is None and low[i][j] == high[i][j]
    }


def every_table(shown: Shown, table: list[list[int]]) -> Iterator[list[list[int]]]:
    """All tables that somebody must think possible; for two columns, one number a row settles."""
    rows = [
        [(n, sum(row) - n) for n in range(sum(row) + 1) if cells[0] in {None, n}]
        for cells, row in zip(shown, table, strict=True)
    ]
    total = sum(row[0] for row in table)
    for made in product(*rows):
        if sum(row[0] for row in made) == total:
            yield [list(row) for row in made]


tables = st.integers(2, 6).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 12) | st.just(0), min_size=columns, max_size=columns),
        min_size=2,
        max_size=6,
    )
)


@given(tables, st.integers(1, 8))
@settings(deadline=None, max_examples=200)
def test_no_cell_that_is_left_out_follows_from_its_row_or_column(
    table: list[list[int]], smallest: int
) -> None:
    assume(all(sum(row) >= smallest for row in table))

    shown = suppressed(table, smallest)

    assert solved(shown, table) == set()


@given(tables, st.integers(1, 8))
@settings(deadline=None, max_examples=200)
def test_no_small_count_of_what_somebody_chose_is_shown(
    table: list[list[int]], smallest: int
) -> None:
    assume(all(sum(row) >= smallest for row in table))

    shown = suppressed(table, smallest)

    for i, row in enumerate(table):
        for j, count in enumerate(row):
            small = count < smallest and any(each[j] for each in table)
            assert shown[i][j] is None if small else shown[i][j] in {None, count}


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=2, max_size=4))
@settings(deadline=None, max_examples=100)
def test_by_trying_every_table_a_cell_that_is_left_out_could_be_several(
    made: list[tuple[int, int]],
) -> None:
    table = [list(row) for row in made]
    assume(all(sum(row) >= SMALLEST for row in table))
    shown = suppressed(table, SMALLEST)

    possible = list(every_table(shown, table))

    assert table in possible
    for i, j in product(range(len(table)), range(2)):
        if shown[i][j] is None:
            assert len({each[i][j] for each in possible}) > 1


def test_the_solver_solves_what_hides_small_cells_alone() -> None:
    table = [[3, 9, 8], [7, 9, 8]]
    naive: Shown = [[None, 9, 8], [7, 9, 8]]

    assert solved(naive, table) == {(0, 0)}
    assert solved(suppressed(table, SMALLEST), table) == set()


def test_a_group_that_agrees_to_a_man_does_not_show_it() -> None:
    shown = suppressed([[9, 0], [6, 7]], SMALLEST)

    assert shown == [[None, None], [None, None]]


def test_what_nobody_chose_anywhere_is_no_secret() -> None:
    assert suppressed([[9, 0, 8], [6, 0, 7]], SMALLEST) == [[9, 0, 8], [6, 0, 7]]


@pytest.mark.parametrize(
    ("sizes", "alone", "others"),
    [
        ({"a": 9, "b": 8}, ["a", "b"], []),
        ({"a": 9, "b": 8, "c": 2}, ["a"], ["c", "b"]),
        ({"a": 9, "b": 8, "c": 3, "d": 2}, ["a", "b"], ["d", "c"]),
        ({"a": 9, "b": 3}, [], ["b", "a"]),
        ({"a": 9, "b": 6, "c": 1, "d": 1}, ["a"], ["d", "c", "b"]),
        ({}, [], []),
    ],
)
def test_small_groups_are_shown_as_one_that_is_not_small(
    sizes: dict[str, int], alone: list[str], others: list[str]
) -> None:
    assert merged(sizes, SMALLEST) == (alone, others)
