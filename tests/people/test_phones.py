import time

import pytest

from app.people.phones import index, masked, normalized


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "+8613800138000",
        "+86 138 0013 8000",
        "86-138-0013-8000",
        "0086 13800138000",
        "１３８００１３８０００",
        "（138）0013 8000",
        "\u00a0138 0013 8000\n",
    ],
)
def test_a_number_is_known_however_it_is_written(written: str) -> None:
    assert normalized(written) == "13800138000"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1380013800",
        "138001380000",
        "12800138000",
        "8613800138",
        "+1 13800138000",
        "023-48800110",
        "一三八",
        "\ud800",
        "١٣٨٠٠١٣٨٠٠٠",
    ],
)
def test_what_is_no_mobile_number_is_none(written: str) -> None:
    assert normalized(written) is None


def test_a_flood_of_figures_costs_nothing() -> None:
    begun = time.process_time()

    assert normalized("86" * 25_000 + "!") is None

    assert time.process_time() - begun < 0.05


def test_a_number_is_shown_without_its_middle() -> None:
    assert masked("13800138000") == "138****8000"


def test_the_index_tells_nothing_and_finds_the_same() -> None:
    assert index("13800138000") == index("13800138000")
    assert index("13800138000") != index("13800138001")
    assert b"138" not in index("13800138000")
