"""Working days and office hours, against the notices of the State Council and a plain count."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import calendar
from app.core.calendar import END, Basis, Calendar, Hours
from app.core.clock import CHINA

HOURS = Hours.of([("09:00", "12:00"), ("14:00", "18:00")])
USUAL = Calendar(HOURS, {})
UNKNOWN = 2090
"""A year that no notice will have announced for long."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.mark.parametrize(
    ("start", "working", "end"),
    [
        ("2026-11-23T10:00", hours(1), "2026-11-23T11:00"),
        ("2026-11-23T10:00", hours(2), "2026-11-23T12:00"),
        ("2026-11-23T10:00", hours(2.5), "2026-11-23T14:30"),
        ("2026-11-23T12:30", hours(1), "2026-11-23T15:00"),
        ("2026-11-23T03:00", hours(7), "2026-11-23T18:00"),
        ("2026-11-23T18:00", hours(1), "2026-11-24T10:00"),
        ("2026-11-27T17:59", timedelta(minutes=2), "2026-11-30T09:01"),
        ("2026-11-28T10:00", hours(1), "2026-11-30T10:00"),
        ("2026-02-14T17:00", hours(2), "2026-02-24T10:00"),
        ("2026-02-27T17:00", hours(2), "2026-02-28T10:00"),
        ("2026-09-30T17:00", hours(1 + 7 + 7 + 7), "2026-10-10T18:00"),
        ("2025-12-31T17:00", hours(2), "2026-01-04T10:00"),
        ("2026-11-23T10:00", hours(0), "2026-11-23T10:00"),
    ],
    ids=str,
)
def test_working_time_ends_when_so_much_of_it_has_passed(
    start: str, working: timedelta, end: str
) -> None:
    assert USUAL.add(at(start), working) == at(end)
    assert USUAL.between(at(start), at(end)) == working


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-23T10:00", 1, "2026-11-24T18:00"),
        ("2026-11-23T23:59", 1, "2026-11-24T18:00"),
        ("2026-11-24T00:00", 1, "2026-11-25T18:00"),
        ("2026-11-23T10:00", 5, "2026-11-30T18:00"),
        ("2026-11-28T10:00", 1, "2026-11-30T18:00"),
        ("2026-02-13T10:00", 1, "2026-02-14T18:00"),
        ("2026-02-13T10:00", 2, "2026-02-24T18:00"),
        ("2026-02-18T10:00", 1, "2026-02-24T18:00"),
        ("2026-09-30T16:00", 3, "2026-10-10T18:00"),
        ("2025-12-31T16:00", 1, "2026-01-04T18:00"),
    ],
)
def test_a_limit_in_working_days_does_not_count_the_day_it_begins_on(
    start: str, days: int, end: str
) -> None:
    assert USUAL.end_of_day(at(start), days) == at(end)


def test_a_moment_is_the_same_in_every_zone() -> None:
    evening_in_china = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert USUAL.end_of_day(evening_in_china, 1) == at("2026-11-25T18:00")
    assert USUAL.add(evening_in_china, hours(1)).utcoffset() == timedelta()


def test_nothing_lies_between_a_moment_and_an_earlier_one() -> None:
    assert USUAL.between(at("2026-11-24T10:00"), at("2026-11-23T10:00")) == timedelta()


def test_a_community_works_on_other_days_than_the_state_says() -> None:
    calendar_of_ours = Calendar(HOURS, {date(2026, 11, 24): False, date(2026, 11, 28): True})
    assert calendar_of_ours.end_of_day(at("2026-11-23T10:00"), 1) == at("2026-11-25T18:00")
    assert calendar_of_ours.add(at("2026-11-27T17:00"), hours(2)) == at("2026-11-28T10:00")
    assert USUAL.end_of_day(at("2026-11-23T10:00"), 1) == at("2026-11-24T18:00")


def test_a_year_without_any_work_is_passed_over() -> None:
    rest = {date(2026, 1, 1) + timedelta(n): False for n in range(365)}
    assert Calendar(HOURS, rest).end_of_day(at("2025-12-31T10:00"), 1).year == 2027


def test_an_office_may_be_open_day_and_night() -> None:
    always = Calendar(Hours.of([("00:00", "24:00")]), {})
    assert always.add(at("2026-11-23T23:00"), hours(2)) == at("2026-11-24T01:00")
    assert always.end_of_day(at("2026-11-23T23:00"), 1) == at("2026-11-25T00:00")


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("09:00", "09:00")],
        [("12:00", "09:00")],
        [("14:00", "18:00"), ("09:00", "12:00")],
        [("09:00", "12:00"), ("11:59", "18:00")],
        [("9:00", "12:00")],
        [("09:00:00", "12:00")],
        [("09:00", "25:00")],
        [("09:00", "noon")],
    ],
    ids=str,
)
def test_hours_that_make_no_sense_are_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever its words
        Hours.of(pairs)


def test_days_say_why_they_are_worked() -> None:
    def told(day: str) -> tuple[bool, Basis, str | None]:
        found = calendar.ordinary(date.fromisoformat(day))
        return found.working, found.basis, found.name

    assert told("2026-02-17") == (False, Basis.OFFICIAL, "春节")
    assert told("2026-02-14") == (True, Basis.OFFICIAL, "春节")
    assert told("2026-11-23") == (True, Basis.WEEKDAY, None)
    assert told("2026-11-22") == (False, Basis.WEEKDAY, None)
    assert told(f"{UNKNOWN}-10-03") == (False, Basis.STATUTORY, "国庆节")
    assert calendar.is_working(date(2026, 2, 17), {date(2026, 2, 17): True})
    assert not calendar.is_working(date(2026, 2, 17), {})


def test_a_year_nobody_announced_goes_by_the_week_and_the_fixed_holidays() -> None:
    assert calendar.known(2026)
    assert not calendar.known(UNKNOWN)
    assert calendar.unknown_years(date(2026, 12, 1), date(2026, 12, 31)) == []
    assert calendar.unknown_years(date(UNKNOWN, 12, 1), date(UNKNOWN + 1, 1, 1)) == [
        UNKNOWN,
        UNKNOWN + 1,
    ]
    first = date(UNKNOWN, 1, 1)
    rests = {
        (day.month, day.day)
        for day in (first + timedelta(n) for n in range(365))
        if not calendar.is_working(day, {}) and day.weekday() < 5
    }
    fixed = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
    assert rests == {key for key in fixed if date(UNKNOWN, *key).weekday() < 5}


def test_every_unknown_year_of_a_shape_is_counted_as_that_year() -> None:
    for year in range(UNKNOWN, UNKNOWN + 28):
        days = [date(year, 1, 1) + timedelta(n) for n in calendar._usual(year)]
        assert days == [
            day
            for day in (date(year, 1, 1) + timedelta(n) for n in range(366))
            if day.year == year and calendar.is_working(day, {})
        ]


def test_the_longest_limits_end_and_those_beyond_all_dates_end_with_them() -> None:
    monday = at("2026-11-23T10:00")
    assert 2400 < USUAL.end_of_day(monday, 99_999).year < 2430
    assert 2080 < USUAL.add(monday, hours(99_999)).year < 2090
    short = Calendar(Hours.of([("09:00", "09:01")]), {})
    assert short.add(monday, hours(99_999)) == END
    assert USUAL.end_of_day(END, 1) == END


def slowly(start: datetime, working: timedelta) -> datetime:
    """The same as `add`, by looking at every day."""
    day = start.astimezone(CHINA).date()
    for _ in range(4000):
        for opens, closes in HOURS.spans:
            midnight = datetime(day.year, day.month, day.day, tzinfo=CHINA)
            begin, end = max(midnight + opens, start), midnight + closes
            if calendar.is_working(day, SPECIAL) and begin < end:
                if working <= end - begin:
                    return begin + working
                working -= end - begin
        day += timedelta(1)
    raise AssertionError


SPECIAL = {date(2026, 12, 31): False, date(2027, 1, 2): True, date(2025, 10, 1): True}
OURS = Calendar(HOURS, SPECIAL)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001 - it gets one
    lambda naive: naive.replace(tzinfo=UTC)
)
working = st.timedeltas(timedelta(microseconds=1), timedelta(hours=500))


@given(start=moments, time=working)
def test_adding_is_what_counting_day_by_day_finds(start: datetime, time: timedelta) -> None:
    assert OURS.add(start, time) == slowly(start, time)


@given(start=moments, time=working)
def test_what_was_added_lies_between(start: datetime, time: timedelta) -> None:
    assert OURS.between(start, OURS.add(start, time)) == time


@given(start=moments, one=working, other=working)
def test_adding_twice_is_adding_both(start: datetime, one: timedelta, other: timedelta) -> None:
    assert OURS.add(OURS.add(start, one), other) == OURS.add(start, one + other)


@given(start=moments, later=moments, time=working, days=st.integers(1, 40))
def test_what_begins_later_does_not_end_earlier(
    start: datetime, later: datetime, time: timedelta, days: int
) -> None:
    start, later = sorted((start, later))
    assert OURS.add(start, time) <= OURS.add(later, time)
    assert OURS.end_of_day(start, days) <= OURS.end_of_day(later, days)
    assert OURS.end_of_day(start, days) < OURS.end_of_day(start, days + 1)


@given(start=moments, middle=moments, end=moments)
def test_time_between_adds_up(start: datetime, middle: datetime, end: datetime) -> None:
    start, middle, end = sorted((start, middle, end))
    assert OURS.between(start, middle) + OURS.between(middle, end) == OURS.between(start, end)
