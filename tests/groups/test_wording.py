import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.groups.wording import composed, cut, quoted, utf8

sizes = st.sampled_from([utf8, quoted])


@given(text=st.text(max_size=300), at_most=st.integers(10, 200), size=sizes, at_lines=st.booleans())
def test_a_cut_text_fits_and_is_a_beginning_of_the_text(
    text: str, at_most: int, size: type[int], at_lines: bool
) -> None:
    got = cut(text, at_most, size, at_lines=at_lines)

    assert size(got) <= at_most
    clean = cut(text, 10**6)
    assert got == clean or clean.startswith(got.removesuffix("…").rstrip())


@given(
    text=st.text(max_size=300),
    head=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=10),
    size=sizes,
)
def test_a_composed_text_fits_and_keeps_its_link(text: str, head: str, size: type[int]) -> None:
    got = composed(text, 120, head=head, tail="https://p.cn/1", size=size)

    assert size(got) <= 120
    assert got.endswith("https://p.cn/1") or "https://p.cn/1" in text


@pytest.mark.parametrize(
    ("text", "at_most", "expected"),
    [
        ("停水通知", 12, "停水通知"),
        ("停水通知", 11, "停水…"),
        ("ab 停水", 6, "ab…"),
        ("a👨‍👩‍👧b" * 3, 16, "a…"),
        ("a👍🏽b", 9, "a…"),
        ("e\u0301e\u0301e\u0301", 7, "e\u0301…"),
        ("停\x00\ud800水", 6, "停水"),
    ],
)
def test_a_text_is_cut_between_what_is_drawn_as_one(text: str, at_most: int, expected: str) -> None:
    assert cut(text, at_most) == expected


def test_what_the_text_says_already_is_not_said_again() -> None:
    assert composed("通知：停水 https://p.cn/1", 99, head="通知", tail="https://p.cn/1") == (
        "通知：停水 https://p.cn/1"
    )
    assert composed("", 99, head="通知", tail="https://p.cn/1") == "通知\nhttps://p.cn/1"
    assert composed("停水", 99) == "停水"


def test_a_link_in_a_text_that_is_cut_stands_whole_at_its_end() -> None:
    got = composed(f"{'停水' * 50} https://p.cn/1", 60, tail="https://p.cn/1")

    assert got.endswith("…\nhttps://p.cn/1")
    assert utf8(got) <= 60


def test_a_quoted_size_is_what_json_takes() -> None:
    text = '"停"\\\n\t'

    assert quoted(text) == len(json.dumps(text, ensure_ascii=False).encode()) - 2 == 13
