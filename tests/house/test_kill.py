"""Killing any one process in the middle of the story loses nothing acknowledged, and tells
nobody twice."""

import random
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.house.demo import Demo, until

pytestmark = pytest.mark.xdist_group("house")

PEOPLE = 8
SECONDS = 24


def _report(demo: Demo, openid: str, until_: float) -> list[str]:
    """Report one thing after another; the numbers that were acknowledged."""
    numbers = []
    while time.monotonic() < until_:
        demo.say(openid, "取消")
        if "1" in demo.say(openid, "报修 厨房水管漏水"):
            found = re.search(r"\d{4,}", demo.say(openid, "1"))
            numbers += [found.group()] if found else []
    return numbers


def _kill_now_and_then(demo: Demo, until_: float) -> list[str]:
    chance = random.Random(7)  # noqa: S311 - not a secret
    killed: list[str] = []
    names = ["api", "worker", "postgres"]
    while time.monotonic() < until_ - 4:
        time.sleep(chance.uniform(1.0, 2.5))
        killed.append(names[len(killed) % len(names)])
        demo.kill(killed[-1])
    return killed


def test_nothing_acknowledged_is_lost_and_nobody_is_told_twice(demo: Demo) -> None:
    phones = [one["openid"] for one in demo.described["residents"][4 : 4 + PEOPLE]]
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(PEOPLE + 1) as pool:
        killing = pool.submit(_kill_now_and_then, demo, end)
        reporting = [pool.submit(_report, demo, openid, end) for openid in phones]
        acknowledged = {openid: one.result() for openid, one in zip(phones, reporting, strict=True)}
    numbers = [number for each in acknowledged.values() for number in each]

    assert set(killing.result()) == {"api", "worker", "postgres"}
    assert len(numbers) >= PEOPLE
    assert len(set(numbers)) == len(numbers)

    for openid, theirs in acknowledged.items():
        for number in theirs:
            assert number in demo.say(openid, f"进度 {number}")
            until(lambda: _told(demo, openid, number), 120)  # noqa: B023 - used at once

    staff = [one["openid"] for one in demo.described["staff"]]
    told = {
        openid: Counter(one["text"] for one in demo.shown(openid, "template"))
        for openid in [*phones, *staff]
    }
    twice = [text for each in told.values() for text, times in each.items() if times > 1]
    assert twice == []
    for number in numbers:
        given = [text for one in staff for text in told[one] if f"：{number}\n" in text]
        assert len([text for text in given if text.startswith("新工单提醒")]) == 1


def _told(demo: Demo, openid: str, number: str) -> bool:
    texts = [one["text"] for one in demo.shown(openid, "template")]
    return any(number in text and "已派单" in text for text in texts)
