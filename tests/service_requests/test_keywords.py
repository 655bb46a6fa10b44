from app.service_requests.keywords import suggest
from app.service_requests.models import Category


def a_category(code: str, *keywords: str) -> Category:
    return Category(code=code, keywords=list(keywords))


def codes(text: str, *categories: Category) -> list[str]:
    return [category.code for category in suggest(categories, text)]


LEAK = a_category("leak", "漏水", "水管 漏")
POWER = a_category("power", "停电", "电")
NOISE = a_category("noise", "噪音", "ktv")


def test_longer_and_more_matches_come_first() -> None:
    assert codes("停电又漏水，水管在漏", POWER, LEAK) == ["leak", "power"]
    assert codes("停电", LEAK, POWER) == ["power"]


def test_equal_matches_keep_the_order_of_the_catalogue() -> None:
    one, two = a_category("one", "灯"), a_category("two", "灯")
    assert codes("灯坏了", two, one) == ["two", "one"]


def test_the_parts_of_a_keyword_may_stand_anywhere() -> None:
    assert codes("漏了，水管", LEAK) == ["leak"]
    assert codes("水管好的", LEAK) == []


def test_width_case_and_what_is_between_do_not_count() -> None:
    assert codes("隔壁Ｋ T-V太吵", NOISE) == ["noise"]
    assert codes("停 。电", POWER) == ["power"]


def test_what_says_nothing_finds_nothing() -> None:
    assert codes("", LEAK) == []
    assert codes("你好", LEAK, POWER, NOISE) == []
    assert codes("你好", a_category("blank", "", " ")) == []


def test_of_a_very_long_text_the_beginning_is_read() -> None:
    long = "啊" * 1_000_000
    assert codes(f"水管漏水{long}", LEAK, POWER) == codes("水管漏水", LEAK, POWER)
    assert codes(f"{long}水管漏水", LEAK, POWER) == []
