"""Identifiers, and the moments they were made at."""

from datetime import UTC, datetime, timedelta

from app.core.ids import earliest, new_id


def test_an_id_lies_after_the_earliest_of_its_moment_and_before_that_of_a_later_one() -> None:
    now = datetime.now(UTC)

    assert earliest(now) <= new_id() < earliest(now + timedelta(minutes=1))
    assert earliest(datetime(1, 1, 1, tzinfo=UTC)) < earliest(now)
