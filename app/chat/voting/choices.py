"""What somebody chooses, typed: `A`, `a、c`, `选Ｂ`, `2号`, `同意`, an option's text."""

import re
from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import TypeAlias

from app.chat.asking import Unclear
from app.chat.phrases import shown
from app.chat.words import bluntly, folded, numeral
from app.core.i18n import N_, _
from app.polls.forms import ABSTAIN, NO, OTHER, YES, Form, Method, Option, Question
from app.polls.models import Poll, Secrecy

Answer: TypeAlias = str | list[str]
"""Of one question: an option, or several in the order of the form."""

IN_CHAT = frozenset({Method.SINGLE, Method.MULTIPLE, Method.APPROVAL, Method.YES_NO})
"""What can be answered in one short message."""
_SEVERAL = frozenset({Method.MULTIPLE, Method.APPROVAL})
STANCES = {YES: N_("同意"), NO: N_("反对"), ABSTAIN: N_("弃权")}
SPOKEN = {
    YES: ("同意", "赞成", "赞同", "支持", "是", "yes", "agree"),
    NO: ("反对", "不同意", "不赞成", "不支持", "否", "no", "against", "disagree"),
    ABSTAIN: ("弃权", "abstain"),
}
_BETWEEN = re.compile(r"[\s,、;/+&和跟及]+")
_LEAD = re.compile(r"^(?:我|就|还是|要|投给|投|选择|选项|选|第)+")
_TAIL = re.compile(r"(?:号|项|个|吧|方案)+$")
_LETTERS = re.compile(r"[a-z]+")
_BRIEF = re.compile(
    r"(?:我|要|投|选择|选|第|号|项|、|,|;|/|\s|[a-z](?![a-z]{3})|\d{1,2}|[一二三四五六七八九十])+"
)
_LONGEST = 24
"""Characters of a choice that counts where nobody called the bot."""


def one_question(form: Form, poll: Poll) -> Question | None:
    """The question that this poll asks, if it can be answered in the chat; None for its page."""
    fits = len(form.questions) == 1 and form.questions[0].method in IN_CHAT
    return form.questions[0] if fits and poll.secrecy is Secrecy.RECORDED else None


def marked(question: Question) -> list[tuple[str, str, str]]:
    """What may be answered: its letter (or number, of very many), its key and its words.

    An option whose key is a letter is called by that letter, as it is on the page.
    """
    if question.method is Method.YES_NO:
        stances = STANCES.items()
        return [(letter, *each) for letter, each in zip(ascii_uppercase, stances, strict=False)]
    own = [_letter(each) for each in question.options]
    if len(own) > len(ascii_uppercase):
        return [(str(n), each.key, each.text) for n, each in enumerate(question.options, start=1)]
    free = (letter for letter in ascii_uppercase if letter not in own)
    return [
        (letter or next(free), each.key, each.text)
        for letter, each in zip(own, question.options, strict=True)
    ]


def _letter(option: Option) -> str:
    key = option.key.upper()
    return key if len(key) == 1 and key in ascii_uppercase else ""


def named(question: Question, answer: Answer) -> str:
    """An answer in words: `A 装在东侧`, `同意`."""
    keys = [answer] if isinstance(answer, str) else answer
    found = [(mark, words) for mark, key, words in marked(question) if key in keys]
    if question.method is Method.YES_NO:
        return "、".join(_(words) for _mark, words in found)
    return "、".join(f"{mark} {words}" for mark, words in found)


def answer_in(question: Question, said: str) -> Answer:
    """What is chosen in these words; raises `Unclear`, whose sentence says what would be clear."""
    keys = _keys(question, said)
    if OTHER in keys:
        raise Unclear(_("选“其他”要写明是什么，请点链接在网页上填写。"))
    if question.method not in _SEVERAL:
        if len(keys) > 1:
            raise Unclear(_("这一题只能选一个。"))
        return keys[0]
    if len(keys) < question.least and question.method is Method.MULTIPLE:
        raise Unclear(_("至少要选 {n} 个。").format(n=question.least))
    if question.method is Method.MULTIPLE and question.most and len(keys) > question.most:
        raise Unclear(_("最多选 {n} 个。").format(n=question.most))
    return keys


def _keys(question: Question, said: str) -> list[str]:
    """The options that are named, in the order of the form."""
    words = bluntly(folded(said).strip(" .。!,，、"))
    known = marked(question)
    whole = [key for _mark, key, text in known if words and words == folded(text)]
    if question.method is Method.YES_NO and not whole:
        whole = [key for key, spoken in SPOKEN.items() if _bare(words) in spoken]
    found = whole or [key for part in _parts(words) for key in _of(known, part)]
    return [key for _mark, key, _text in known if key in found] or _refuse(question)


def _parts(words: str) -> Iterator[str]:
    for part in _BETWEEN.split(words):
        if bare := _bare(part):
            yield bare


def _bare(part: str) -> str:
    return _TAIL.sub("", _LEAD.sub("", part)) or part


def _of(known: Sequence[tuple[str, str, str]], part: str) -> list[str]:
    """The options that one word names: a number, a letter, several letters in a row, its words."""
    number = numeral(part)
    if number is not None:
        return [known[number - 1][1]] if 1 <= number <= len(known) else _unknown(part)
    letters = {mark.lower(): key for mark, key, _text in known}
    if _LETTERS.fullmatch(part) and all(letter in letters for letter in part):
        return [letters[letter] for letter in part]
    return [key for _mark, key, text in known if part == folded(text)] or _unknown(part)


def _unknown(part: str) -> list[str]:
    raise Unclear(_("没有“{part}”这个选项。").format(part=shown(part, 20)))


def _refuse(question: Question) -> list[str]:
    if question.method is Method.YES_NO:
        raise Unclear(_("请回复“同意”“反对”或“弃权”。"))
    raise Unclear(_("请回复选项前的字母，比如“A”。"))


def is_brief(said: str) -> bool:
    """Whether words after a poll's number are nothing but a choice, and not just talk."""
    words = folded(said).strip(" .。!")
    if len(words) > _LONGEST:
        return False
    spoken = any(_bare(words) in each for each in SPOKEN.values())
    return spoken or _BRIEF.fullmatch(words) is not None
