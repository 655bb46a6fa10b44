"""Working days of China and office hours: when time counts that is counted at work.

The working days are those of the State Council's yearly notice, as the package `chinesecalendar`
has them. For a year it does not know we go by the week and the statutory holidays of a fixed date,
and `known` says that this is so. A limit that would run past `END` ends there.
"""

from bisect import bisect_left, bisect_right
from calendar import isleap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache

import chinese_calendar

from app.core.clock import CHINA

END = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of all limits: no date that a program can hold lies much later."""
LOOKAHEAD = timedelta(days=60)
"""How far ahead limits usually reach: the longest of the rules we follow is 60 days."""

_NONE = timedelta()
_FRIDAY = 4
_FIXED = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}
"""Statutory holidays that need no announcement (全国年节及纪念日放假办法, as of 2025). Those of the
lunar calendar, 清明, and the days that are moved around them come with the yearly notice alone."""


class Basis(StrEnum):
    """Why a day is a working day or none."""

    SPECIAL = "special"
    """The community said so."""
    OFFICIAL = "official"
    """It is a holiday, or is worked to make up for one, by the year's notice."""
    STATUTORY = "statutory"
    """It is a holiday of a fixed date; the year's notice is not known."""
    WEEKDAY = "weekday"
    """It is an ordinary day of the week, or of the weekend."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day, whether it is worked, and why."""

    day: date
    working: bool
    basis: Basis
    name: str | None = None
    """The holiday it belongs to."""


@cache
def known(year: int) -> bool:
    """Whether the official calendar of this year is known."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def unknown_years(first: date, last: date) -> list[int]:
    """The years from the one day to the other whose official calendar is not known."""
    return [year for year in range(first.year, last.year + 1) if not known(year)]


def unknown_ahead(today: date) -> list[int]:
    """The years, of those that today's limits reach, whose official calendar is not known."""
    return unknown_years(today, today + LOOKAHEAD)


def ordinary(day: date) -> Day:
    """What a day is to everybody, whatever a community made of it."""
    if known(day.year):
        resting, holiday = chinese_calendar.get_holiday_detail(day)
        if holiday:
            name: str = chinese_calendar.Holiday(holiday).chinese
            return Day(day, not resting, Basis.OFFICIAL, name)
    elif name := _FIXED.get((day.month, day.day), ""):
        return Day(day, working=False, basis=Basis.STATUTORY, name=name)
    return Day(day, day.weekday() <= _FRIDAY, Basis.WEEKDAY)


def is_working(day: date, special: Mapping[date, bool]) -> bool:
    """Whether a day is worked, where some are worked otherwise than everybody does."""
    found = special.get(day)
    return ordinary(day).working if found is None else found


def _working_days(year: int) -> tuple[int, ...]:
    first = date(year, 1, 1)
    days = range(366 if isleap(year) else 365)
    return tuple(n for n in days if ordinary(first + timedelta(n)).working)


_announced = cache(_working_days)


@cache
def _by_rule(first_weekday: int, *, leap: bool) -> tuple[int, ...]:
    """The same for any unknown year of this shape: there are fourteen, however many years."""
    year = next(
        year
        for year in range(1600, 2000)
        if date(year, 1, 1).weekday() == first_weekday and isleap(year) == leap
    )
    return _working_days(year)


def _usual(year: int) -> tuple[int, ...]:
    """The working days of a year, as days after its first."""
    if known(year):
        return _announced(year)
    return _by_rule(date(year, 1, 1).weekday(), leap=isleap(year))


@dataclass(frozen=True, slots=True)
class Hours:
    """The office hours of a working day, China time: spans in order, counted from midnight."""

    spans: tuple[tuple[timedelta, timedelta], ...]

    @classmethod
    def of(cls, pairs: Iterable[Sequence[str]]) -> "Hours":
        """The hours that pairs such as `["09:00", "12:00"]` state; a day may end at `24:00`.

        `ValueError` when there are none, when they are not in order, and when they overlap.
        """
        spans = tuple((_since_midnight(opens), _since_midnight(closes)) for opens, closes in pairs)
        times = [at for span in spans for at in span]
        if not spans or times != sorted(times) or any(opens == closes for opens, closes in spans):
            message = "office hours are pairs of times in order, which do not overlap"
            raise ValueError(message)
        return cls(spans)

    @property
    def total(self) -> timedelta:
        """The length of a working day."""
        return sum((closes - opens for opens, closes in self.spans), _NONE)

    @property
    def close(self) -> timedelta:
        """When a working day ends."""
        return self.spans[-1][1]

    def before(self, at: timedelta) -> timedelta:
        """How much of a working day has been worked at this time of it."""
        worked = (min(at, closes) - opens for opens, closes in self.spans if at > opens)
        return sum(worked, _NONE)

    def reach(self, worked: timedelta) -> timedelta:
        """The first time of day at which so much, and at most all, of it has been worked."""
        for opens, closes in self.spans:
            if worked <= closes - opens:
                return opens + worked
            worked -= closes - opens
        return self.close


def _since_midnight(text: str) -> timedelta:
    if text == "24:00":
        return timedelta(days=1)
    at = time.fromisoformat(text)
    if text != at.strftime("%H:%M"):
        message = "a time of day is written HH:MM"
        raise ValueError(message)
    return timedelta(hours=at.hour, minutes=at.minute)


def _local(moment: datetime) -> tuple[date, timedelta]:
    """The day in China, and the time since its midnight."""
    local = moment.astimezone(CHINA)
    midnight = datetime.combine(local.date(), time.min, CHINA)
    return local.date(), local - midnight


def _nth(day: date) -> int:
    """How many days of its year lie before this one."""
    return day.timetuple().tm_yday - 1


class Calendar:
    """Office hours on working days. What it answers is in UTC, and what it is asked in any zone."""

    def __init__(self, hours: Hours, special: Mapping[date, bool]) -> None:
        self.hours = hours
        self.special = dict(special)
        self._own: dict[int, tuple[int, ...]] = {}
        for year in {day.year for day in special}:
            named = {_nth(day): works for day, works in special.items() if day.year == year}
            days = {*_usual(year), *named}
            self._own[year] = tuple(sorted(n for n in days if named.get(n, True)))

    def add(self, start: datetime, working: timedelta) -> datetime:
        """The first moment at which so much working time has passed since `start`."""
        if working <= _NONE:
            return start
        year = _local(start)[0].year
        days, rest = divmod(self._worked(start, since=year) + working, self.hours.total)
        if not rest:
            days, rest = days - 1, self.hours.total
        return self._moment(year, days, self.hours.reach(rest))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from one moment to a later one; none when it is not later."""
        if end <= start:
            return _NONE
        year = _local(start)[0].year
        return self._worked(end, since=year) - self._worked(start, since=year)

    def end_of_day(self, start: datetime, nth: int) -> datetime:
        """The end of the office hours of the nth working day, from 1, after the day of `start`."""
        day, _ = _local(start)
        return self._moment(
            day.year, bisect_right(self._days(day.year), _nth(day)) + nth - 1, self.hours.close
        )

    def _days(self, year: int) -> tuple[int, ...]:
        return self._own[year] if year in self._own else _usual(year)

    def _worked(self, moment: datetime, *, since: int) -> timedelta:
        """The working time from the beginning of a year to this moment."""
        day, at = _local(moment)
        days = self._days(day.year)
        n = bisect_left(days, _nth(day))
        passed = sum(len(self._days(year)) for year in range(since, day.year)) + n
        today = self.hours.before(at) if n < len(days) and days[n] == _nth(day) else _NONE
        return passed * self.hours.total + today

    def _moment(self, year: int, nth: int, at: timedelta) -> datetime:
        """This time of the nth working day, from 0, counted from the beginning of a year."""
        while year < END.year:
            days = self._days(year)
            if nth < len(days):
                midnight = datetime.combine(date(year, 1, 1), time.min, CHINA)
                return (midnight + timedelta(days[nth]) + at).astimezone(UTC)
            nth, year = nth - len(days), year + 1
        return END
