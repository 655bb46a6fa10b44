from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.homes import building_in, code_in, name_in, parse_home, phone_in
from app.chat.words import (
    LONGEST,
    Takes,
    bluntly,
    folded,
    number_in,
    numeral,
    plain,
    score_in,
    split_command,
)

WORDS = {
    "报修": Takes.TEXT,
    "我的诉求": Takes.NUMBER,
    "我的": Takes.NOTHING,
    "进度": Takes.NUMBER,
    "帮助": Takes.NOTHING,
    "help": Takes.NOTHING,
    "add": Takes.TEXT,
    "5": Takes.NOTHING,
    "取消": Takes.NOTHING,
}


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("报修", "报修", ""),
        ("报修水管漏水", "报修", "水管漏水"),
        ("报修 水管漏水", "报修", "水管漏水"),
        ("报修：水管漏水", "报修", "水管漏水"),
        ("報修：水管漏水，請快", "报修", "水管漏水，請快"),
        ("【报修】水管漏水", "报修", "水管漏水"),
        ("  报修 —— 水管漏水\n很急", "报修", "水管漏水\n很急"),
        ("报 修 水管", "报修", "水管"),
        ("我的诉求", "我的诉求", ""),
        ("我的 诉求", "我的诉求", ""),
        ("我的訴求。", "我的诉求", ""),
        ("进度1024", "进度", "1024"),
        ("進度１０２４", "进度", "１０２４"),
        ("进度 #1024", "进度", "#1024"),
        ("进度：一零二四", "进度", "一零二四"),
        ("进度吧", "进度", "吧"),
        ("帮助", "帮助", ""),
        ("帮助！", "帮助", ""),
        ("帮助一下", "帮助", "一下"),
        ("HELP", "help", ""),
        ("Ｈｅｌｐ", "help", ""),
        ("/help", "help", ""),
        ("add 1024 kitchen", "add", "1024 kitchen"),
        ("５", "5", ""),
        ("\u200b报\u200d修\ufeff水管", "报修", "水管"),
    ],
)
def test_a_command_is_found_however_it_is_written(text: str, word: str, rest: str) -> None:
    split = split_command(text, WORDS)

    assert split is not None
    assert (split.word, split.rest) == (word, rest)


@pytest.mark.parametrize(
    "text",
    [
        "帮助老人搬东西",
        "帮助 老人搬东西",
        "helpless",
        "address",
        "进度太慢",
        "5楼漏水",
        "55",
        "取消报名",
        "取消 明天的活动",
        "我的妈呀",
        "请报修",
        "",
        "  ",
        "。。。",
    ],
)
def test_a_sentence_that_only_begins_like_a_command_is_none(text: str) -> None:
    assert split_command(text, WORDS) is None


@pytest.mark.parametrize(
    ("text", "apart"), [("报修", True), ("报修 水", True), ("报修：水", True), ("报修水", False)]
)
def test_it_is_known_whether_the_word_stands_apart(text: str, apart: bool) -> None:
    split = split_command(text, WORDS)

    assert split is not None
    assert split.apart is apart


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("502", 502),
        ("五零二", 502),
        ("五〇二", 502),
        ("五百零二", 502),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("二十一", 21),
        ("两", 2),
        ("一百", 100),
        ("", None),
        ("五楼", None),
        ("²", None),
    ],
)
def test_numerals_are_read(text: str, number: int | None) -> None:
    assert numeral(text) == number


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("1024", 1024, ""),
        (" １０２４ 很好", 1024, "很好"),
        ("第1024号，厨房漏水。", 1024, "厨房漏水。"),
        ("#1024", 1024, ""),
        ("No.1024", 1024, ""),
        ("编号：1024 還在漏", 1024, "還在漏"),
        ("一零二四", 1024, ""),
        ("厨房", None, "厨房"),
        ("", None, ""),
        ("9" * 18, 999999999999999999, ""),
    ],
)
def test_a_number_at_the_beginning_is_read(text: str, number: int | None, rest: str) -> None:
    assert number_in(text) == (number, rest)


def test_a_number_no_request_can_have_is_still_a_number_of_64_bits() -> None:
    number, _ = number_in("9" * 40)

    assert number is None or number < 2**63


@pytest.mark.parametrize(
    ("text", "score", "rest"),
    [
        ("5", 5, ""),
        ("５分", 5, ""),
        ("五星", 5, ""),
        ("4分，师傅很客气！", 4, "师傅很客气！"),
        ("3 一般", 3, "一般"),
        ("⭐⭐⭐", 3, ""),
        ("5 stars", 5, ""),
        ("6", None, "6"),
        ("0", None, "0"),
        ("10分", None, "10分"),
        ("一百分", None, "一百分"),
        ("很好", None, "很好"),
    ],
)
def test_a_score_is_read(text: str, score: int | None, rest: str) -> None:
    assert score_in(text) == (score, rest)


@pytest.mark.parametrize(
    ("said", "blunt"),
    [("好的,谢谢", "好"), ("对的", "对"), ("没有了。", "没有"), ("好", "好"), ("取消", "取消")],
)
def test_courtesies_do_not_hide_an_answer(said: str, blunt: str) -> None:
    assert bluntly(folded(said)) == blunt


def test_folding_makes_one_spelling_of_many() -> None:
    assert folded(" Ａｂ　Ｃ\t進度：１２３\u200b ") == "ab c 进度:123"


def test_what_is_kept_keeps_its_spelling_and_loses_what_cannot_be_seen() -> None:
    assert plain("水管\x00漏水\u202e，請快\ud800\n👨\u200d👩 ") == "水管漏水，請快\n👨\u200d👩"


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("3栋2单元502", ("3", "2", "502")),
        ("3-2-502", ("3", "2", "502")),
        ("3－2－502", ("3", "2", "502")),
        ("3——2——502", ("3", "2", "502")),
        ("3/2/502", ("3", "2", "502")),
        ("3.2.502", ("3", "2", "502")),
        ("3 2 502", ("3", "2", "502")),
        ("3、2、502", ("3", "2", "502")),
        ("3号楼2单元502室", ("3", "2", "502")),
        ("3号楼2门502", ("3", "2", "502")),
        ("３棟２單元５０２", ("3", "2", "502")),
        ("三栋二单元五零二", ("3", "2", "502")),
        ("三栋二单元五百零二", ("3", "2", "502")),
        ("3幢502", ("3", None, "502")),
        ("3#502", ("3", None, "502")),
        ("3#2-502", ("3", "2", "502")),
        ("3座502户", ("3", None, "502")),
        ("3-502", ("3", None, "502")),
        ("3栋2单元5楼502", ("3", "2", "502")),
        ("3楼2单元502", ("3", "2", "502")),
        ("十二栋一单元一〇二", ("12", "1", "102")),
        ("二十一号楼三单元1203", ("21", "3", "1203")),
        ("a座1201室", ("A", None, "1201")),
        ("02栋01单元0502", ("2", "1", "502")),
        ("3 栋 2 单元 502", ("3", "2", "502")),
        ("我家住在 3栋2单元502，水管漏了", ("3", "2", "502")),
    ],
)
def test_a_home_is_read_however_it_is_written(text: str, home: tuple[str, str | None, str]) -> None:
    words = parse_home(text)

    assert words is not None
    assert (words.building, words.unit, words.home) == home


@pytest.mark.parametrize(
    "text",
    ["", "水管漏水", "3栋", "18栋2单元", "5楼太吵", "2026-11-23", "1024", "13800138000", "3栋门口"],
)
def test_what_is_no_home_is_none(text: str) -> None:
    assert parse_home(text) is None


@pytest.mark.parametrize(
    ("text", "name", "phone", "relation"),
    [
        ("绑定 3栋2单元502 张三 13800138000", "张三", "13800138000", None),
        ("绑定3栋2单元502张三13800138000", "张三", "13800138000", None),
        ("3栋50213800138000", None, "13800138000", None),
        ("3栋2单元502 租客 李四", "李四", None, "tenant"),
        ("3栋2单元502 業主 張三", "张三", None, "owner"),
        ("3栋2单元502，家属", None, None, "family"),
        ("我是王小明，住在3栋2单元502，电话138 0013 8000", "王小明", "13800138000", None),
        ("3-2-502 阿卜杜拉·买买提 +86 138-0013-8000", "阿卜杜拉·买买提", "13800138000", None),
        ("3栋2单元502 Zhang San", "Zhang San", None, None),
        ("3栋2单元502 谢谢", None, None, None),
        ("三栋二单元五零二张三", "张三", None, None),
        ("3栋2单元502 12345678901", None, None, None),
    ],
)
def test_what_stands_beside_a_home_is_read(
    text: str, name: str | None, phone: str | None, relation: str | None
) -> None:
    words = parse_home(text)

    assert words is not None
    assert (words.name, words.phone, words.relation) == (name, phone, relation)


@pytest.mark.parametrize(
    ("text", "code"),
    [("3", "3"), ("三栋", "3"), ("2单元", "2"), ("502室", "502"), ("A座", "A"), ("哪一栋", None)],
)
def test_a_part_of_a_home_is_read_alone(text: str, code: str | None) -> None:
    assert code_in(text) == code


def test_a_building_is_found_in_a_sentence() -> None:
    assert building_in("三号楼门口的路灯坏了") == "3"
    assert building_in("5楼上面太吵") is None


PILES = {
    "letters": "a" * 50_000 + "!",
    "commands": "报修" * 8_000,
    "dashes": "1-" * 25_000,
    "numerals": "零" * 17_000,
    "buildings": "3栋" * 12_500,
    "lettered buildings": "a栋" * 12_500,
    "accents": "\u0301\u0316" * 12_500,
    "blanks": " " * 50_000,
    "digits": "1" * 50_000,
    "commas": "，" * 17_000,
    "ligatures": "ﷺ" * 16_000,
    "introductions": "我是" * 8_000,
    "phones": "+86 138-" * 6_000,
}


@pytest.mark.parametrize("pile", PILES)
def test_50_kilobytes_are_read_in_50_milliseconds(pile: str) -> None:
    text = PILES[pile]
    readers = [plain, parse_home, building_in, code_in, phone_in, name_in, number_in, score_in]
    folded(text)  # what is read for the first time is looked up once

    for read in [folded, *readers, lambda text: split_command(text, WORDS)]:
        fastest = min(_seconds(read, text) for _ in range(3))
        assert fastest < 0.05, read


def _seconds(read: object, text: str) -> float:
    start = perf_counter()
    read(text)  # type: ignore[operator]
    return perf_counter() - start


def test_no_more_is_kept_than_anybody_can_send() -> None:
    assert len(plain("水" * 50_000)) == LONGEST


@given(st.text())
def test_nothing_anybody_writes_is_too_odd_to_read(text: str) -> None:
    for read in (plain, folded, parse_home, building_in, code_in, phone_in, name_in, number_in):
        read(text)
    plain(text).encode()
    assert "\x00" not in plain(text)
    split = split_command(text, WORDS)
    assert split is None or split.word in WORDS
