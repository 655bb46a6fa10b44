"""Lists that people send, taken apart."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.groups.chains.entries import Entry, compared, home_key, line, read
from app.groups.chains.parse import (
    LONGEST,
    MOST_ENTRIES,
    Parsed,
    capacity_in,
    fingerprint,
    parse,
)
from tests.groups.chains.samples import CLASS, ENTRIES, GONE, LIMITS, NATIVE, NO_ENTRIES


def parsed(message: str) -> Parsed:
    found = parse(message)
    assert found is not None
    return found


def test_a_list_is_its_title_its_example_and_its_entries() -> None:
    found = parsed(CLASS)

    assert found.title == ("周六上午9点 社区学堂书法课 限20人",)
    assert found.example == "例 3栋1单元502 张三 1人"
    assert found.capacity == 20
    assert [entry.name for entry in found.entries] == ["张三", "李四", "王五"]
    assert not found.is_quote
    assert not found.partial


@pytest.mark.parametrize(("written", "meant"), ENTRIES)
def test_an_entry_is_read_however_it_is_written(written: str, meant: Entry) -> None:
    assert parsed(f"#接龙\n书法课\n\n{written}").entries == (meant,)


@pytest.mark.parametrize("written", NO_ENTRIES)
def test_a_number_that_is_none_of_an_entry_stays_in_the_title(written: str) -> None:
    found = parsed(f"#接龙\n{written}\n1. 张三")

    assert found.title == (written,)
    assert [entry.name for entry in found.entries] == ["张三"]


@pytest.mark.parametrize("written", GONE)
def test_an_empty_line_and_one_that_says_no_sign_nobody_up(written: str) -> None:
    assert parsed(f"#接龙\n书法课\n{written}").entries == ()


@pytest.mark.parametrize(("title", "limit"), LIMITS)
def test_the_title_names_the_limit(title: str, limit: int | None) -> None:
    assert capacity_in(title) == limit


@pytest.mark.parametrize(
    "mark",
    ["#接龙", "＃接龙", "# 接龙", "#接龍", "#Group Note", "#group note", "\ufeff#接\u200b龙"],
)
def test_a_list_begins_with_its_mark(mark: str) -> None:
    assert parsed(f"{mark}\n书法课\n1. 张三").title == ("书法课",)


@pytest.mark.parametrize(
    "text", ["", "接龙", "大家接龙啊", "报名 #接龙", "#Group Notebook", "1. 张三"]
)
def test_anything_else_is_no_list(text: str) -> None:
    assert parse(text) is None


def test_a_title_may_stand_behind_the_mark_and_on_several_lines() -> None:
    found = parsed("#接龙：周六书法课\n地点：社区学堂\n\n1. 张三")

    assert found.title == ("周六书法课", "地点：社区学堂")


def test_a_list_without_a_title_is_one() -> None:
    assert parsed("#接龙\n1. 张三") == Parsed(entries=(Entry("张三"),))


def test_a_title_that_begins_like_an_example_is_none() -> None:
    found = parsed("#接龙\n例会时间\n1. 张三")

    assert found.title == ("例会时间",)
    assert found.example is None


def test_what_cannot_be_seen_changes_nothing() -> None:
    unseen = "#接龙\u2005\n\u200b书法课\u00a0\n\n\u200b1\u200d.\u2005张\u200b三\u00a03-1-502\x00\n"

    assert parsed(unseen) == parsed("#接龙\n书法课\n\n1. 张三 3-1-502")


def test_an_emoji_stays_whole() -> None:
    assert parsed("#接龙\n1. 👨\u200d👩\u200d👧一家").entries[0].name == "👨\u200d👩\u200d👧一家"


@pytest.mark.parametrize(
    "quoted",
    [
        "「张三：#接龙\n书法课\n\n1. 张三」\n- - - - - - - - - - - - - - -\n收到",
        "#接龙\n书法课\n1. 张三\n- - - - - - -\n好的",
    ],
)
def test_a_quoted_copy_says_nothing(quoted: str) -> None:
    assert parse(quoted) == Parsed(is_quote=True)


def test_the_list_as_wechat_itself_sends_it_is_read() -> None:
    found = parsed(NATIVE)

    assert found.title == ("周末摘草莓",)
    assert found.entries == (Entry("清川", None, 2), Entry("小满"))


@pytest.mark.parametrize(
    "document",
    [
        NATIVE.replace("<type>53", "<type>57"),
        NATIVE.replace("</msg>", ""),
        "<msg><appmsg><type>53</type></appmsg></msg>",
        "<html>#接龙</html>",
        "<" * 1000,
    ],
)
def test_another_document_is_no_list(document: str) -> None:
    assert parse(document) is None


def test_a_document_that_brings_its_own_entities_is_not_even_parsed() -> None:
    plain = "<msg><appmsg><title>&a;</title><type>53</type></appmsg></msg>"
    bomb = f'<!DOCTYPE msg [<!ENTITY a "#接龙">]>{plain}'

    assert parse(bomb) is None
    assert parse(bomb.replace("<!DOCTYPE", '<?xml version="1.0"?><!DOCTYPE')) is None


def test_a_message_that_lost_its_end_says_nothing_of_its_last_line() -> None:
    found = parse("#接龙\n书法课\n1. 张三\n2. 李", cut=True)

    assert found
    assert found.partial
    assert [entry.name for entry in found.entries] == ["张三"]


def test_a_list_is_read_as_far_as_it_may_be_long() -> None:
    many = parsed("#接龙\n" + "\n".join(f"{n % 999 + 1}. 张{n}" for n in range(MOST_ENTRIES + 5)))
    long = parsed("#接龙\n1. 张三\n2. 李四" + "好" * LONGEST)

    assert (many.partial, len(many.entries)) == (True, MOST_ENTRIES)
    assert (long.partial, [entry.name for entry in long.entries]) == (True, ["张三"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("书法课 限20人", "书法课 限30人"),
        ("书法课 20人", "书法课"),
        ("書法課", "书法课"),
        (" 书法课！", "书法课"),
        ("Yoga", "yoga"),
    ],
)
def test_a_title_is_known_however_it_is_spelled_and_whatever_its_limit(
    one: str, other: str
) -> None:
    assert fingerprint(one) == fingerprint(other)


def test_two_titles_are_two() -> None:
    assert fingerprint("周六书法课") != fingerprint("周日书法课")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3栋1单元502", "3-1-502"),
        ("3号楼1单元502室", "3－1－502"),
        ("三栋一单元502", "3-1-502"),
        ("十二栋301", "12-301"),
        ("A座1203", "a-1203"),
        ("502室", "502"),
        ("03-1-0502", "3-1-502"),
    ],
)
def test_a_home_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert home_key(one) == home_key(other)


def test_names_are_compared_without_their_signs_unless_they_are_nothing_else() -> None:
    assert compared("~張 三~") == "张三"
    assert compared("。。。") != compared("🌸")


BUILDERS: list[Callable[[int], str]] = [
    lambda n: "#接龙\n" + "1" * n,
    lambda n: "#接龙\n1. " + " " * n,
    lambda n: "#接龙\n1. " + "3栋 " * (n // 3),
    lambda n: "#接龙\n1. " + "3-" * (n // 2),
    lambda n: "#接龙\n" + "限" * n,
    lambda n: "#接龙\n" + "12 " * (n // 3),
    lambda n: "#接龙\n" + "1.\n" * (n // 3),
    lambda n: "#接龙\n" + "\u200d" * n,
    lambda n: "#接龙\n1. " + "一" * n,
    lambda n: "#接龙\n" + "\n".join(f"{k % 99 + 1}. 3栋1单元502 张三 2人" for k in range(n // 20)),
    lambda n: "<msg>" + "<a>" * (n // 3),
]


@pytest.mark.parametrize("build", BUILDERS)
def test_a_long_message_takes_no_longer_than_its_length(build: Callable[[int], str]) -> None:
    parse(build(100))
    began = time.process_time()

    found = parse(build(50_000))
    if found:
        fingerprint(found.headline)
        _ = found.capacity

    assert time.process_time() - began < 2


@given(st.text(max_size=400))
def test_anything_can_be_sent(text: str) -> None:
    parse(f"#接龙\n{text}")
    parse(text)


@given(st.text(alphabet="张三一二 3-1502栋单元人位座A（）候补,，.、备注😀", max_size=40))
def test_what_is_read_of_a_line_reads_the_same_when_it_goes_round(text: str) -> None:
    if entry := read(text):
        again = read(line(entry))

        assert again is not None
        assert again.key == entry.key
        assert again.places == entry.places
