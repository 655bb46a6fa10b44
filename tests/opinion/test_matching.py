"""What is heard, and what is not."""

import time

import pytest

from app.opinion.matching import folded, hits, parts
from app.opinion.models import WatchKind


def hears(written: str, said: str, kind: WatchKind = WatchKind.WORD) -> bool:
    wanted = parts(kind, written)
    return bool(wanted) and hits(wanted, folded(said))


@pytest.mark.parametrize(
    ("written", "said", "heard"),
    [
        ("物业费", "物业费又涨了", True),
        ("物业费", "物 业 費", True),
        ("物业费", "物业的费用", False),
        ("WIFI", "楼道ｗｉｆｉ断了", True),
    ],
)
def test_a_word_is_heard_in_any_spelling(written: str, said: str, heard: bool) -> None:
    assert hears(written, said) is heard


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("物业说下个月要涨价", True),
        ("涨价的是菜场，不是物业", False),
        ("物业" + "很" * 19 + "涨价", True),
        ("物业" + "很" * 21 + "涨价", False),
        ("物业" + "很" * 30 + "，物业又涨价", True),
    ],
)
def test_the_parts_of_a_pattern_stand_in_their_order_and_near(said: str, heard: bool) -> None:
    assert hears("物业…涨价", said, WatchKind.PATTERN) is heard


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (WatchKind.WORD, "的"),
        (WatchKind.WORD, " \u200b "),
        (WatchKind.PATTERN, "物业"),
        (WatchKind.PATTERN, "物业…价"),
    ],
)
def test_too_little_is_not_listened_for(kind: WatchKind, written: str) -> None:
    assert parts(kind, written) == ()


def test_no_text_takes_long() -> None:
    began = time.perf_counter()
    hears("aa…aa…aa…ab", "a" * 20_000, WatchKind.PATTERN)
    spent = time.perf_counter() - began
    began = time.perf_counter()
    hears("aa…aa…aa…ab", "a" * 40_000, WatchKind.PATTERN)
    assert time.perf_counter() - began < 4 * spent + 0.5, "linear, not quadratic"
