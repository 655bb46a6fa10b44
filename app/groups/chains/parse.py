"""What somebody sent, taken apart: the title of a sign-up, and who is on it."""

import re
from dataclasses import dataclass, replace
from hashlib import sha256

from app.groups.chains.entries import Entry, compared, read
from app.groups.chains.native import words_of

LONGEST = 50_000
"""Characters of a list that are read."""
MOST_ENTRIES = 500
MOST_TITLE_LINES = 30
LONGEST_TITLE_LINE = 200

FOOTER = "——"
"""What a line begins with that is ours to say and no part of the list."""
CUT = f"{FOOTER} …"
"""What the line begins with that says that the list goes on."""

_MARK = re.compile(r"[#＃] ?(?:接龙|接龍|group ?note(?![a-z])) ?[:：]?", re.IGNORECASE)
_QUOTED = "- - - - -"
_NUMBERED = re.compile(r"\d{1,3} ?(?:[．、)）]|[.:：](?!\d))(?P<rest>.*)")
"""A time, `9:30`, or a title like `1.6` is none."""
_EXAMPLE = re.compile(r"(?:例如|示例|例)(?=[ :：.．、\d])")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f\xad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]"
    "|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
)
"""Zero-width and control characters, and what joins the parts of an emoji anywhere else."""
_LIMIT = re.compile(
    r"(?P<lead>[^\n]{0,4})(?:名额|限额|限报|限|上限|最多)[^\d\n]{0,3}(?P<n>\d{1,4})"
    r"(?!\d| ?[月日号点时分元岁天周楼栋幢:：./-])(?: ?个?(?:人|名额|位|名))?"
)
_HEADS = re.compile(
    r"(?P<lead>[^\n]{0,4}?)(?<![\d./第-])(?P<n>\d{1,4}) ?(?:人|个?名额|位|名)(?![民士次均一组间房])"
)
_NO_LIMIT = re.compile("每|满|至少|以上|不少于")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A list as somebody sent it."""

    title: tuple[str, ...] = ()
    """Its lines before the entries, without the example."""
    example: str | None = None
    """The line that shows how to sign up (`例 3栋1单元502 张三 1人`)."""
    entries: tuple[Entry, ...] = ()
    is_quote: bool = False
    """Whether it quotes somebody else's list, and says nothing itself."""
    partial: bool = False
    """Whether it is a list that was cut, so that nothing follows from what is missing."""

    @property
    def headline(self) -> str:
        """Its first line."""
        return self.title[0] if self.title else ""

    @property
    def capacity(self) -> int | None:
        """How many people may come, as the title says."""
        return capacity_in("\n".join(self.title))


def capacity_in(title: str) -> int | None:
    """The limit a title names: `限20人`, `名额20`, `20人`; None where it names none."""
    for pattern in (_LIMIT, _HEADS):
        for found in pattern.finditer(title):
            if not _NO_LIMIT.search(found["lead"]) and int(found["n"]) > 0:
                return int(found["n"])
    return None


def fingerprint(headline: str) -> bytes:
    """What a sign-up is known by in its group: its first line as compared, without the limit."""
    without = _HEADS.sub(_lead, _LIMIT.sub(_lead, headline))
    return sha256(compared(without).encode()).digest()


def _lead(found: re.Match[str]) -> str:
    return found["lead"]


def parse(message: str, *, cut: bool = False) -> Parsed | None:
    """The list that a message is, plain or as WeChat's XML; None of any other message.

    Takes linear time. A number at the beginning of a line makes an entry, and the lines that
    follow without one belong to it. With `cut` its end may be missing, and the last entry with it.
    """
    text = words_of(message)
    whole, cut = text[:LONGEST], cut or len(text) > LONGEST
    if _QUOTED in whole:
        return Parsed(is_quote=True)
    lines = [" ".join(line.split()) for line in _UNSEEN.sub("", whole).splitlines()]
    lines = [line for line in lines if line]
    mark = _MARK.match(lines[0]) if lines else None
    if mark is None:
        return None
    body = [lines[0][mark.end() :].strip(), *lines[1:]]
    parsed = _taken_apart([line for line in body if line and not line.startswith(FOOTER)])
    if cut:
        return replace(parsed, partial=True, entries=parsed.entries[:-1])
    return replace(parsed, partial=True) if _goes_on(body) else parsed


def _goes_on(lines: list[str]) -> bool:
    return any(line.startswith(CUT) for line in lines)


def _taken_apart(lines: list[str]) -> Parsed:
    numbered = [(at, found) for at, line in enumerate(lines) if (found := _NUMBERED.match(line))]
    before = lines[: numbered[0][0]] if numbered else lines
    example = next((line for line in before if _EXAMPLE.match(line)), None)
    title = [line for line in before if line is not example]
    ends = [at for at, _ in numbered[1:]] + [len(lines)]
    texts = [
        " ".join([found["rest"], *lines[at + 1 : end]])
        for (at, found), end in zip(numbered[:MOST_ENTRIES], ends, strict=False)
    ]
    return Parsed(
        title=tuple(line[:LONGEST_TITLE_LINE].strip() for line in title[:MOST_TITLE_LINES]),
        example=example and example[:LONGEST_TITLE_LINE].strip(),
        entries=tuple(entry for text in texts if (entry := read(text))),
        partial=len(numbered) > MOST_ENTRIES,
    )
