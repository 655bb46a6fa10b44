from datetime import UTC, datetime

from app.chat.asking import Option
from app.chat.conversations import chosen
from app.chat.phrases import AT_MOST, day, listed, shown, size, tap
from tests.chat.builders import taps


def test_a_link_says_what_it_should_when_it_is_tapped() -> None:
    assert taps(tap("登记", '绑定 3栋&2<单元>"502" 100%')) == {"登记": '绑定 3栋&2<单元>"502" 100%'}


def test_words_of_others_are_one_line_and_no_link() -> None:
    assert shown('a\n<a href="weixin://x">点\t我</a>') == 'a ＜a href="weixin://x"＞点 我＜/a＞'
    assert shown("水" * 50) == "水" * 39 + "…"


def test_a_list_is_cut_where_it_must_be_and_says_so() -> None:
    text = listed("头", [f"· {n} {'水' * 30}" for n in range(100)], "尾")

    assert size(text) <= AT_MOST
    assert text.startswith("头\n· 0")
    assert text.endswith("件）\n尾")
    assert "（还有" in text
    assert listed("头", ["一", "二"], "尾") == "头\n一\n二\n尾"


def test_times_are_those_of_china() -> None:
    assert day(datetime(2026, 11, 23, 18, 5, tzinfo=UTC)) == "11月24日 02:05"


def test_an_option_is_chosen_by_number_or_by_any_of_its_words() -> None:
    options = [Option("a", "业主"), Option("b", "租户", ("租客",))]

    for text, value in [("1", "a"), ("2.", "b"), ("(二)", "b"), ("租客", "b"), ("业主的", "a")]:
        assert [each.value for each in chosen(options, text)] == [value], text
    assert chosen(options, "3") == []
    assert chosen(options, "1", numbered=False) == []
