from datetime import timedelta

import pytest

from app.places.models import Kind
from app.service_requests.likeness import ENOUGH, MUCH, WINDOW, nearness, score, words

AROUND = {
    "/": Kind.COMMUNITY,
    "/A1/": Kind.AREA,
    "/A1/G1/": Kind.GRID,
    "/A1/G1/3/": Kind.BUILDING,
    "/A1/G1/3/2/": Kind.UNIT,
    "/A1/G1/3/2/502/": Kind.HOME,
}
HOME = "/A1/G1/3/2/502/"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("楼道灯坏了", "三楼走廊灯不亮"),
        ("停水", "没水了"),
        ("夜里施工噪音太大", "半夜还在施工，很吵"),
        ("垃圾桶满了没人清", "垃圾没人清理，臭死了"),
        ("门口路灯不亮", "小区门口路灯坏了"),
        ("有人在楼道放电动车充电", "楼道里停了电瓶车充电"),
        ("我家没电了", "停电"),
        ("ＷＩＦＩ断了", "wifi 断了！"),
    ],
)
def test_what_people_say_in_other_words_is_much_alike(one: str, other: str) -> None:
    assert words(one, other) == words(other, one) >= MUCH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("楼道灯坏了", "电梯坏了"),
        ("门禁坏了", "单元门的玻璃碎了"),
        ("广场舞太吵", "遛狗不拴绳"),
        ("停水", "停电"),
        ("了", "的"),
        ("", "停电"),
    ],
)
def test_what_is_something_else_is_not(one: str, other: str) -> None:
    assert words(one, other) == words(other, one) < 0.2


def test_the_same_is_the_same_and_only_the_beginning_of_a_long_text_counts() -> None:
    assert words("灯", "灯！") == 1
    assert words("楼道灯坏了。", "楼道 灯坏了") == 1
    assert words("楼道灯坏了" + "很" * 4000, "楼道灯坏了") == 1


def test_nearer_counts_more() -> None:
    near = [
        nearness(HOME, AROUND, other)
        for other in (
            HOME,
            "/A1/G1/3/2/601/",
            "/A1/G1/3/1/101/",
            "/A1/G1/4/",
            "/A1/G2/9/",
            "/A2/G1/3/2/502/",
        )
    ]
    assert near == sorted(near, reverse=True)
    assert near[0] == 1
    assert len(set(near[:5])) == 5
    assert near[4:] == [0, 0]
    assert nearness("/A1/G1/3/", AROUND, "/A1/G1/3/") > nearness("/A1/G1/3/", AROUND, HOME)
    assert nearness("/A1/G1/3/", AROUND, "/A1/G1/33/") == nearness(HOME, AROUND, "/A1/G1/")


def test_near_is_enough_while_it_is_fresh_and_far_needs_the_same_words() -> None:
    now, long_ago = timedelta(), WINDOW
    building, grid = 0.6, 0.3
    assert score(building, 0, now) >= ENOUGH > score(building, 0, long_ago)
    assert score(grid, 0, now) < ENOUGH <= score(grid, MUCH, now)
    assert score(0, 1, long_ago) >= ENOUGH > score(0, 0, now)
    assert 0 <= score(0, 0, 10 * WINDOW) <= score(1, 1, now) <= 1
