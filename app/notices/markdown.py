"""What a notice says, written in Markdown: as HTML that cannot do anything, and as plain text."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

_GOOD_LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
_LOWEST = 6


def _allowed(url: str) -> bool:
    """Whether a link may be followed; an address without a scheme leads nowhere in a feed."""
    return _GOOD_LINK.match(url) is not None


def _parser() -> MarkdownIt:
    """CommonMark and tables, without HTML; pictures stand beside a notice, not in its words."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    parser.enable(["table", "strikethrough"]).disable(["image", "html_inline", "html_block"])
    parser.validateLink = _allowed  # type: ignore[method-assign]
    return parser


_markdown = _parser()


def _beneath_the_title(tokens: Sequence[Token]) -> None:
    """The title is the page's one heading of the first rank; links tell nobody where they were."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, _LOWEST)}"
        if token.type == "link_open":
            token.attrSet("rel", "noopener noreferrer nofollow")
        _beneath_the_title(token.children or ())


def rendered(body: str) -> str:
    """The text as HTML: its markup alone, no tags of the writer's, links to the web and to mail."""
    tokens = _markdown.parse(body)
    _beneath_the_title(tokens)
    return str(_markdown.renderer.render(tokens, _markdown.options, {}))


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    """The text within one block, with the address of a link behind its words."""
    links: list[str] = []
    said: list[str] = []
    for token in tokens:
        match token.type:
            case "softbreak" | "hardbreak":
                yield "\n"
            case "link_open":
                links.append(str(token.attrGet("href") or ""))
                said.append("")
            case "link_close":
                address, words = links.pop(), said.pop()
                yield "" if words == address else f"（{address}）"
            case "text" | "code_inline":
                said[-1:] = [said[-1] + token.content] if said else []
                yield token.content


class _Lists:
    """How deep in lists we are, and what stands before the next item."""

    def __init__(self) -> None:
        self._numbers: list[int | None] = []

    def follow(self, token: Token) -> str | None:
        """What an item begins with, when this token opens one."""
        match token.type:
            case "bullet_list_open":
                self._numbers.append(None)
            case "ordered_list_open":
                self._numbers.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "list_item_open":
                return self._mark()
        return None

    def _mark(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return "· "
        self._numbers[-1] = number + 1
        return f"{number}. "


def plain(body: str) -> str:
    """The text without its markup, a line for each block; for chats, mail and the board."""
    lists, mark, lines = _Lists(), "", list[str]()
    row: list[str] | None = None
    for token in _markdown.parse(body):
        mark = lists.follow(token) or mark
        match token.type:
            case "tr_open":
                row = []
            case "tr_close":
                lines.append(" | ".join(row or ()))
                row = None
            case "inline":
                text = "".join(_words(token.children or ()))
                if row is None:
                    lines.append(mark + text)
                    mark = ""
                else:
                    row.append(text)
            case "fence" | "code_block":
                lines.append(token.content.rstrip("\n"))
    return "\n".join(lines)
