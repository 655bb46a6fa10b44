"""Who has a place on a sign-up, and who waits."""

from collections.abc import Sequence


def waiting(places: Sequence[int], capacity: int | None) -> list[bool]:
    """Whether each line waits, of lines in the order they came and how many people each is.

    Nobody overtakes: once a line does not fit, those after it wait too, and so a cancellation only
    ever moves people up. A line that could never fit holds nobody up.
    """
    waits: list[bool] = []
    taken = 0
    full = False
    for people in places:
        if capacity is None:
            waits.append(False)
            continue
        possible = people <= capacity
        full = full or (possible and taken + people > capacity)
        waits.append(full or not possible)
        taken += 0 if waits[-1] else people
    return waits


def displaces(places: Sequence[int], at: int, more: int, capacity: int | None) -> bool:
    """Whether a line that becomes so many people would cost another line its place."""
    then = [more if number == at else people for number, people in enumerate(places)]
    before, after = waiting(places, capacity), waiting(then, capacity)
    return any(
        now and not was
        for number, (was, now) in enumerate(zip(before, after, strict=True))
        if number != at
    )
