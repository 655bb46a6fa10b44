"""Quiet hours, on the clock in China."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import CHINA
from app.notices.models import NoticePolicy
from app.notices.quiet import opens_at


def policy(begins: str, ends: str) -> NoticePolicy:
    return NoticePolicy(quiet_from=time.fromisoformat(begins), quiet_to=time.fromisoformat(ends))


@pytest.mark.parametrize(
    ("begins", "ends", "at", "opens"),
    [
        ("21:30", "07:30", "2026-11-23T12:00", "2026-11-23T12:00"),
        ("21:30", "07:30", "2026-11-23T21:29", "2026-11-23T21:29"),
        ("21:30", "07:30", "2026-11-23T21:30", "2026-11-24T07:30"),
        ("21:30", "07:30", "2026-11-23T23:59", "2026-11-24T07:30"),
        ("21:30", "07:30", "2026-11-24T00:00", "2026-11-24T07:30"),
        ("21:30", "07:30", "2026-11-24T07:29", "2026-11-24T07:30"),
        ("21:30", "07:30", "2026-11-24T07:30", "2026-11-24T07:30"),
        ("21:30", "07:30", "2026-12-31T22:00", "2027-01-01T07:30"),
        ("12:00", "14:00", "2026-11-23T13:00", "2026-11-23T14:00"),
        ("12:00", "14:00", "2026-11-23T14:00", "2026-11-23T14:00"),
        ("12:00", "14:00", "2026-11-23T03:00", "2026-11-23T03:00"),
        ("00:00", "00:00", "2026-11-23T03:00", "2026-11-23T03:00"),
        ("22:00", "00:00", "2026-11-23T23:00", "2026-11-24T00:00"),
    ],
)
def test_people_are_told_when_the_quiet_hours_end(
    begins: str, ends: str, at: str, opens: str
) -> None:
    here = datetime.fromisoformat(at).replace(tzinfo=CHINA)

    found = opens_at(policy(begins, ends), here.astimezone(UTC))

    assert found == datetime.fromisoformat(opens).replace(tzinfo=CHINA)
    assert found.tzinfo is UTC


@given(st.times(), st.times(), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001 - given a zone below
def test_what_opens_is_never_quiet_nor_a_day_away(begins: time, ends: time, at: datetime) -> None:
    rule, moment = NoticePolicy(quiet_from=begins, quiet_to=ends), at.replace(tzinfo=UTC)

    found = opens_at(rule, moment)

    assert moment <= found <= moment + timedelta(days=1)
    assert opens_at(rule, found) == found
