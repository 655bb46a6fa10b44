from time import perf_counter

import pytest

from app.groups.masking import masked

PHONE = "138****8000"


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "138.0013.8000",
        "1380013 8000",
        "1380-013-8000",
        "138 001 38000",
        "138\u200b0013\u200b8000",
        "１３８００１３８０００",
    ],
)
def test_a_mobile_number_is_masked_however_it_is_written(written: str) -> None:
    spelled = masked(f"我的电话{written}，谢谢")
    assert spelled.replace("１３８", "138").replace("８０００", "8000") == f"我的电话{PHONE}，谢谢"


@pytest.mark.parametrize("prefix", ["+86", "86", "0086", "+86 ", "＋86-", "86 - "])
def test_the_code_of_the_country_goes_with_the_number(prefix: str) -> None:
    assert masked(f"打{prefix}13800138000") == f"打{PHONE}"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("11010519491231002X", "110****002X"),
        ("11010519491231002x", "110****002x"),
        ("110105 1949 1231 0021", "110****0021"),
        ("500106850101123", "500****1123"),
        ("6222021234567890123", "622****0123"),
        ("6222 0212 3456 7890 123", "622****0123"),
        ("6222-0212-3456-7890", "622****7890"),
        ("1234567890" * 9, "123****7890"),
    ],
)
def test_numbers_of_identity_and_of_cards_are_masked(written: str, shown: str) -> None:
    assert masked(f"号码{written}。") == f"号码{shown}。"


def test_several_numbers_are_masked_each() -> None:
    assert masked("13800138000/13900139000 13700137000") == "138****8000/139****9000 137****7000"


@pytest.mark.parametrize(
    "text",
    [
        "3栋2单元502，周六9:30，限20人",
        "2026-11-23 10:30:00",
        "物业电话023-68888888",
        "单号20261123001",
        "快递柜取件码 12-3-4567",
        "1 3 8 0 0 1 3 8 0 0 0",
        "1. 张三 2. 李四 3. 王五",
        "138****8000",
    ],
)
def test_what_is_nobodys_number_stays(text: str) -> None:
    assert masked(text) == text


def test_masking_twice_is_masking_once() -> None:
    once = masked("13800138000 11010519491231002X")
    assert masked(once) == once


@pytest.mark.parametrize("piece", ["1", "138 ", "1-", "1234 ", "86", "+86 ", "123456 ", "1\u200b"])
def test_it_takes_no_longer_per_character_for_a_long_text(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        started = perf_counter()
        masked(text)
        return perf_counter() - started

    assert seconds(400_000) < max(0.5, 40 * seconds(40_000))
