"""Markdown: what it becomes, and what it can never become."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notices.markdown import plain, rendered

TAGS = {
    *("p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "a", "strong", "em", "s", "br", "hr"),
    *("blockquote", "pre", "code", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"href", "rel", "title", "start", "class", "style"}


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags_of(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html)
    return parser.found


def test_what_is_written_is_shown_beneath_the_title() -> None:
    html = rendered("# 安排\n\n**明天**见[公告](https://a.cn/x?a=1&b=2)\n\n- 一\n- 二")

    assert "<h2>安排</h2>" in html
    assert "<strong>明天</strong>" in html
    assert (
        '<a href="https://a.cn/x?a=1&amp;b=2" rel="noopener noreferrer nofollow">公告</a>' in html
    )
    assert html.count("<li>") == 2


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "x <svg onload=alert(1)> y",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "[x](vbscript:x)",
        "[x](/relative)",
        "[x](//evil.example)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "![x](https://tracker.example/1.png)",
        '[x](https://a.cn "onmouseover=alert(1)")',
        '[x](https://a.cn/"onmouseover="alert(1))',
        '```"><script>\nalert(1)\n```',
    ],
)
def test_nothing_that_is_written_can_run_or_fetch(body: str) -> None:
    check(rendered(body))


@given(st.text(alphabet=st.sampled_from("<>[]()!\"'`*_~|-#&;:/\\ \n\tajs=1x"), max_size=200))
def test_no_text_at_all_can(body: str) -> None:
    check(rendered(body))


def check(html: str) -> None:
    for tag, attributes in tags_of(html):
        assert tag in TAGS, html
        assert attributes.keys() <= ATTRIBUTES, html
        href = attributes.get("href")
        assert href is None or href.lower().startswith(("http://", "https://", "mailto:")), html


def test_the_plain_text_has_all_the_words_and_no_marks() -> None:
    text = plain(
        "# 停水\n\n**明天** [看](https://a.cn) <https://b.cn>\n第二行\n\n- 一\n- 二\n\n"
        "3. 三\n4. 四\n\n|楼|时间|\n|-|-|\n|3栋|9点|\n\n```\n代码\n```\n> 引用"
    )

    assert text.split("\n") == [
        "停水",
        "明天 看（https://a.cn） https://b.cn",
        "第二行",
        "· 一",
        "· 二",
        "3. 三",
        "4. 四",
        "楼 | 时间",
        "3栋 | 9点",
        "代码",
        "引用",
    ]


@pytest.mark.parametrize(
    "piece", ["[", "*a ", "`", ">", "- ", "![[", "~~a", "[a](b", "|", "_a*", "<"]
)
def test_twenty_thousand_characters_take_no_time(piece: str) -> None:
    body = (piece * 20_000)[:20_000]
    started = time.process_time()

    rendered(body)
    plain(body)

    assert time.process_time() - started < 3
