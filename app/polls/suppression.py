"""Small counts left out of a table, with so many others that nobody can work them out.

Who reads a table knows its totals as well: those of columns are the result, those of rows say how
many of a group answered. So hiding small cells alone hides nothing.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import product
from typing import TypeAlias, TypeVar

Table: TypeAlias = Sequence[Sequence[int]]
K = TypeVar("K", bound=Hashable)
_Cell: TypeAlias = tuple[int, int]


def merged(
    sizes: Mapping[K, int], smallest: int, *, order: Callable[[K], str] = str
) -> tuple[list[K], list[K]]:
    """Groups that stand for themselves, largest first, and those to be shown as one.

    Whoever are shown as one are two groups at least, and together not fewer than the smallest.
    """
    alone = sorted(sizes, key=lambda group: (-sizes[group], order(group)))
    others: list[K] = []
    while alone and _is_next(sizes[alone[-1]], [sizes[each] for each in others], smallest):
        others.append(alone.pop())
    return alone, others


def _is_next(size: int, others: Sequence[int], smallest: int) -> bool:
    short = bool(others) and (len(others) == 1 or sum(others) < smallest)
    return size < smallest or short


def suppressed(table: Table, smallest: int) -> list[list[int | None]]:
    """The table with `None` for every count below the smallest, and for what would give it away.

    It has two rows or more, none with a total below the smallest. For every cell left out there is
    another table with the same totals and the same shown cells in which it is different, where
    that can be by as much as the smallest. What nobody at all chose is shown as 0.
    """
    chosen = [sum(column) for column in zip(*table, strict=True)]
    cells = list(product(range(len(table)), range(len(chosen))))
    hidden = {(i, j) for i, j in cells if table[i][j] < smallest and chosen[j]}
    for cell in sorted(hidden):
        hidden |= _block(table, cell, hidden, smallest)
    return [
        [None if (i, j) in hidden else count for j, count in enumerate(row)]
        for i, row in enumerate(table)
    ]


def _block(table: Table, cell: _Cell, hidden: set[_Cell], smallest: int) -> set[_Cell]:
    """Three cells that make a rectangle with this one, within which counts could be moved round.

    Those by which it could differ most, as far as that matters; of these the ones that cost least.
    """
    i, j = cell

    def worth(other: _Cell) -> tuple[int, int]:
        row, column = other
        up = min(table[i][column], table[row][j])
        down = min(table[i][j], table[row][column])
        lost = sum(table[a][b] for a, b in _corners(cell, other) if (a, b) not in hidden)
        return min(max(up, down), smallest), -lost

    rows = [each for each in range(len(table)) if each != i]
    columns = [each for each in range(len(table[0])) if each != j]
    return _corners(cell, max(product(rows, columns), key=worth))


def _corners(one: _Cell, other: _Cell) -> set[_Cell]:
    return {(one[0], other[1]), (other[0], one[1]), other}
