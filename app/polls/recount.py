"""重新计票：核对一次投票的全部数据。 Recount a poll from its bundle, and check its whole chain.

`python3 recount.py BUNDLE.json [--head HEX]… [--receipt CODE]…`

It needs Python 3.8 or newer and nothing else, and looks nothing up. It is one file, long as that
is, so that anyone can save it, read all of it, and run it on a machine of their own. Read it from
the top: hashes (the service imports them from here, so that there is one definition of each),
counting (written apart from the service's own), what a valid ballot is, the checks, and the
printing of what they found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

FORMAT = "palm-poll-bundle/1"
MOST = 50
"""Findings that are printed."""
UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What happens where a bundle is not of the shape it should be."""

# 1. Hashes. 哈希值


def digest(label: str, *parts: bytes) -> bytes:
    """SHA-256 of the label and the parts, each after its length in 8 bytes, big-endian."""
    found = hashlib.sha256()
    for part in (label.encode(), *parts):
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.digest()


def canonical(value: Any) -> bytes:
    """The one way to write a value as JSON, in UTF-8."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def leaf_of(poll_id: str, nonce: str, choice: str) -> bytes:
    """The hash of one secret ballot; the nonce is chance that its voter's browser made."""
    return digest("palm/ballot/1", poll_id.encode(), nonce.encode(), choice.encode())


def receipt_of(leaf: bytes) -> str:
    """What the voter keeps: `XXXX-XXXX-XXXX-XXXX`, the first 80 bits of the leaf in base32."""
    number = int.from_bytes(leaf[:10], "big")
    signs = [_CROCKFORD[number >> shift & 31] for shift in range(75, -1, -5)]
    return "-".join("".join(signs[at : at + 4]) for at in range(0, 16, 4))


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def key_digest_of(poll_id: str, key: str) -> str:
    """Whom an entry of the roll stands for, as 64 digits that name nobody."""
    return digest("palm/roll/1", poll_id.encode(), key.encode()).hex()


def roll_line(code: str, key_digest: str, area: int, homes: int) -> bytes:
    """One vote of the roll: its code, whose it is, its area in 0.01 m² and its homes."""
    return canonical([code, key_digest, area, homes])


def roll_digest(lines: Iterable[bytes]) -> bytes:
    """The hash of a whole roll, in whatever order it comes."""
    return digest("palm/roll-lines/1", *sorted(lines))


def leaves_digest(leaves: Iterable[bytes]) -> bytes:
    """The hash of all secret ballots."""
    return digest("palm/leaves/1", *sorted(leaves))


def recorded_digest(ballots: Iterable[tuple[str, str]]) -> bytes:
    """The hash of all recorded ballots, each the code of its entry and the choice."""
    return digest("palm/recorded/1", *sorted(canonical([code, choice]) for code, choice in ballots))


def opening_head(definition: dict[str, Any], roll: bytes, public_key: bytes) -> bytes:
    """Link 0: what is asked, `roll_digest` of who has a vote, and the key that signs receipts."""
    return digest("palm/opening/1", canonical(definition), roll, public_key)


def ballots_head(previous: bytes, number: int, leaves: Iterable[bytes]) -> bytes:
    """A link with a batch of secret ballots."""
    return digest("palm/ballots/1", previous, _number(number), *sorted(leaves))


def roll_head(previous: bytes, number: int, added: Iterable[bytes], struck: Iterable[str]) -> bytes:
    """A link with what an objection changed: lines of the roll added, codes of entries struck."""
    return digest(
        "palm/roll-change/1",
        previous,
        _number(number),
        digest("palm/added/1", *sorted(added)),
        digest("palm/struck/1", *sorted(code.encode() for code in struck)),
    )


def close_head(  # noqa: PLR0917 - in the order in which they are hashed
    previous: bytes,
    number: int,
    closed_at: str,
    took_part: Iterable[str],
    ballots: bytes,
    result: dict[str, Any],
) -> bytes:
    """The last link: when it closed, the codes of who took part, all ballots, and the result."""
    return digest(
        "palm/close/1",
        previous,
        _number(number),
        closed_at.encode(),
        digest("palm/took-part/1", *sorted(code.encode() for code in took_part)),
        ballots,
        canonical(result),
    )


def _number(number: int) -> bytes:
    return number.to_bytes(8, "big")


# 2. Counting. 计票


def tally(
    definition: dict[str, Any],
    votes: Iterable[tuple[str, int, int]],
    electorate: dict[str, Any],
) -> dict[str, Any]:
    """The whole result of these votes: each a choice, how many cast it, and their area together.

    `electorate` is `{"entries", "area", "attended"}`; areas are in 0.01 m².
    """
    cast = [(json.loads(choice), heads, area) for choice, heads, area in votes]
    questions = {}
    for question in definition["form"]["questions"]:
        key, method = question["key"], question["method"]
        answers = [(choice[key], heads, area) for choice, heads, area in cast if key in choice]
        found = _COUNTING[method](question, [(answer, heads) for answer, heads, _ in answers])
        questions[key] = {"answered": sum(heads for _, heads, _ in answers), **found}
        if definition["kind"] == "assembly":
            taking_part = _weight(cast)
            questions[key]["decision"] = _decided(question, answers, taking_part, electorate)
        if definition["kind"] == "meeting":
            questions[key]["decision"] = _carried(found.get("counts", {}), electorate)
    ballots = sum(heads for _, heads, _ in cast)
    return {"ballots": ballots, "electorate": dict(electorate), "questions": questions}


def _keys(question: dict[str, Any]) -> list[str]:
    if question["method"] == "yes_no":
        return ["yes", "no", "abstain"]
    return [option["key"] for option in question["options"]]


def _most(score: dict[str, Any], answers: list[Any]) -> list[str]:
    """The options that nobody outdoes, however many they are."""
    return [key for key in score if score[key] == max(score.values())] if answers else []


def _count_chosen(question: dict[str, Any], answers: list[Any]) -> dict[str, Any]:
    counts = dict.fromkeys(_keys(question), 0)
    for answer, heads in answers:
        for key in [answer] if isinstance(answer, str) else answer:
            counts[key] += heads
    return {"counts": counts, "leading": _most(counts, answers)}


def _count_scores(question: dict[str, Any], answers: list[Any]) -> dict[str, Any]:
    counts = {key: [0] * (question.get("top", 5) + 1) for key in _keys(question)}
    for answer, heads in answers:
        for key, score in answer.items():
            counts[key][score] += heads
    sums = {key: sum(score * n for score, n in enumerate(each)) for key, each in counts.items()}
    return {"counts": counts, "sums": sums, "leading": _most(sums, answers)}


def _count_dots(question: dict[str, Any], answers: list[Any]) -> dict[str, Any]:
    sums = dict.fromkeys(_keys(question), 0)
    for answer, heads in answers:
        for key, dots in answer.items():
            sums[key] += dots * heads
    return {"sums": sums, "leading": _most(sums, answers)}


def _count_dates(question: dict[str, Any], answers: list[Any]) -> dict[str, Any]:
    counts = {key: {"yes": 0, "maybe": 0, "no": 0} for key in _keys(question)}
    for answer, heads in answers:
        for key, fits in answer.items():
            counts[key][fits] += heads
    suits = {key: (each["yes"], each["yes"] + each["maybe"]) for key, each in counts.items()}
    return {"counts": counts, "leading": _most(suits, answers)}


def _count_numbers(_question: dict[str, Any], answers: list[Any]) -> dict[str, Any]:
    if not answers:
        return {"sum": None, "least": None, "greatest": None}
    given = [answer for answer, _ in answers]
    total = sum(answer * heads for answer, heads in answers)
    return {"sum": total, "least": min(given), "greatest": max(given)}


def _count_nothing(_question: dict[str, Any], _answers: list[Any]) -> dict[str, Any]:
    return {}


def _count_ranked(question: dict[str, Any], answers: list[Any]) -> dict[str, Any]:
    """Instant run-off: who has fewest goes out, until one has more than half of what is left."""
    remaining, rounds = _keys(question), []  # type: list[str], list[dict[str, Any]]
    rankings = {}  # type: dict[tuple[str, ...], int]
    for answer, heads in answers:
        rankings[tuple(answer)] = rankings.get(tuple(answer), 0) + heads
    while True:
        counts = dict.fromkeys(remaining, 0)
        exhausted = 0
        for ranking, heads in rankings.items():
            first = next((key for key in ranking if key in counts), None)
            if first is None:
                exhausted += heads
            else:
                counts[first] += heads
        rounds.append({"counts": counts, "exhausted": exhausted, "out": []})
        winner = next((key for key in counts if 2 * counts[key] > sum(counts.values())), None)
        if winner is not None:
            return {"rounds": rounds, "winner": winner, "tied": []}
        out = _fewest(rounds)
        if len(out) == len(remaining):
            return {"rounds": rounds, "winner": None, "tied": sorted(remaining)}
        rounds[-1]["out"] = sorted(out)
        remaining = [key for key in remaining if key not in out]


def _fewest(rounds: list[dict[str, Any]]) -> list[str]:
    """Who has fewest in the last round; of several, who had fewest in the round before, and so on.

    They that never differed go out together.
    """
    least = list(rounds[-1]["counts"])
    for each in reversed(rounds):
        fewest = min(each["counts"][key] for key in least)
        least = [key for key in least if each["counts"][key] == fewest]
    return least


def _weight(votes: list[Any]) -> dict[str, int]:
    return {"heads": sum(vote[1] for vote in votes), "area": sum(vote[2] for vote in votes)}


def _decided(
    question: dict[str, Any],
    answers: list[Any],
    taking_part: dict[str, int],
    electorate: dict[str, Any],
) -> dict[str, Any]:
    """民法典 §278: of heads and of area two thirds take part, and half or three quarters agree."""
    special = question["matter"] in {6, 7, 8}
    total = {"heads": electorate["entries"], "area": electorate["area"]}
    agree, against, abstain = (
        _weight([vote for vote in answers if vote[0] == said]) for said in ("yes", "no", "abstain")
    )
    both = ("heads", "area")
    quorum = all(3 * taking_part[each] >= 2 * total[each] for each in both)
    if special:
        agreed = all(4 * agree[each] >= 3 * taking_part[each] for each in both)
    else:
        agreed = all(2 * agree[each] > taking_part[each] for each in both)
    return {
        "matter": question["matter"],
        "special": special,
        "total": total,
        "participating": taking_part,
        "agree": agree,
        "against": against,
        "abstain": abstain,
        "quorum": quorum,
        "passed": quorum and agreed,
    }


def _carried(counts: dict[str, int], electorate: dict[str, Any]) -> dict[str, Any]:
    """城市居民委员会组织法 §9: more than half come, and more than half of those are for it."""
    attended = electorate["attended"]
    quorum = 2 * attended > electorate["entries"]
    said = {key: votes for key, votes in counts.items() if key != "abstain"}
    carried = [key for key, votes in said.items() if quorum and 2 * votes > attended]
    return {
        "electorate": electorate["entries"],
        "attended": attended,
        "quorum": quorum,
        "carried": carried[0] if carried else None,
    }


_COUNTING = {
    "single": _count_chosen,
    "multiple": _count_chosen,
    "approval": _count_chosen,
    "yes_no": _count_chosen,
    "ranked": _count_ranked,
    "score": _count_scores,
    "dots": _count_dots,
    "dates": _count_dates,
    "number": _count_numbers,
    "text": _count_nothing,
    "date": _count_nothing,
}

# 3. Whether a ballot answers what was asked. 选票是否有效


def misfit(form: dict[str, Any], choice: str) -> str | None:
    """The key of what is wrong in a choice, `""` for all of it, or nothing."""
    try:
        answers = json.loads(choice)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answers, dict) or canonical(answers) != choice.encode():
        return ""
    allowed = set()
    for question in form["questions"]:
        key = question["key"]
        asked = _asked(question, answers)
        if key not in answers:
            if asked and question.get("required", True):
                return str(key)
            continue
        if not asked or not _FITTING[question["method"]](question, answers[key]):
            return str(key)
        allowed.add(key)
        if answers[key] == "other" or (isinstance(answers[key], list) and "other" in answers[key]):
            allowed.add(f"{key}.other")
        if question.get("reason", False):
            allowed.add(f"{key}.reason")
    return next((key for key in answers if key not in allowed or _untold(key, answers)), None)


def _untold(key: str, answers: dict[str, Any]) -> bool:
    return "." in key and not isinstance(answers[key], str)


def _asked(question: dict[str, Any], answers: dict[str, Any]) -> bool:
    condition = question.get("only_if")
    if not condition:
        return True
    said = answers.get(condition["question"], [])
    return any(key in condition["any_of"] for key in ([said] if isinstance(said, str) else said))


def _is_count(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _fits_one(question: dict[str, Any], answer: Any) -> bool:
    return isinstance(answer, str) and answer in _keys(question)


def _fits_several(question: dict[str, Any], answer: Any) -> bool:
    return _fits_ranked(question, answer) and answer == [
        key for key in _keys(question) if key in answer
    ]


def _fits_ranked(question: dict[str, Any], answer: Any) -> bool:
    keys = _keys(question)
    if not isinstance(answer, list) or not all(_fits_one(question, key) for key in answer):
        return False
    if question["method"] == "approval":
        return len(set(answer)) == len(answer)
    most = question.get("most") or len(keys)
    return len(set(answer)) == len(answer) and question.get("least", 1) <= len(answer) <= most


def _fits_scores(question: dict[str, Any], answer: Any) -> bool:
    top = question.get("top", 5)
    return _fits_all(question, answer) and all(_is_count(each, top) for each in answer.values())


def _fits_dots(question: dict[str, Any], answer: Any) -> bool:
    dots = question.get("dots", 10)
    return (
        isinstance(answer, dict)
        and set(answer) <= set(_keys(question))
        and all(_is_count(each, dots) and each for each in answer.values())
        and sum(answer.values()) <= dots
    )


def _fits_dates(question: dict[str, Any], answer: Any) -> bool:
    said = ("yes", "maybe", "no")
    return _fits_all(question, answer) and all(each in said for each in answer.values())


def _fits_all(question: dict[str, Any], answer: Any) -> bool:
    return isinstance(answer, dict) and set(answer) == set(_keys(question))


def _fits_text(_question: dict[str, Any], answer: Any) -> bool:
    return isinstance(answer, str)


def _fits_day(_question: dict[str, Any], answer: Any) -> bool:
    return isinstance(answer, str) and len(answer.split("-")) == len(("year", "month", "day"))


def _fits_number(_question: dict[str, Any], answer: Any) -> bool:
    return isinstance(answer, int) and not isinstance(answer, bool)


_FITTING = {
    "single": _fits_one,
    "yes_no": _fits_one,
    "multiple": _fits_several,
    "approval": _fits_several,
    "ranked": _fits_ranked,
    "score": _fits_scores,
    "dots": _fits_dots,
    "dates": _fits_dates,
    "number": _fits_number,
    "text": _fits_text,
    "date": _fits_day,
}

# 4. The checks. 逐项核对

WORDS = {
    "format": ("数据格式不对，无法核对：{0}", "cannot be read: {0}"),
    "chain": ("记录在第 {0} 批处断开：此处是第 {1} 批", "link {1} stands where link {0} should"),
    "ends": ("记录的开头或结尾不对", "the chain does not run from one opening to one close"),
    "kind": ("记录里有不该有的一批：{0}", "a link of a kind that should not be there: {0}"),
    "opening": (
        "开头的校验码对不上：题目、规则、名册或公钥不是开始投票时的样子",
        "link 0 does not match: question, rules, roll or key are not what they were at the opening",
    ),
    "asked": ("开始投票后改动了：{0}", "altered after the opening: {0}"),
    "roll": ("开始投票时的名册被改动", "the roll as it was at the opening was altered"),
    "roll_size": ("名册原有 {0} 票，现有 {1} 票", "the roll had {0} votes and here are {1}"),
    "roll_twice": ("名册中出现两次：{0}", "twice on the roll: {0}"),
    "roll_change": ("第 {0} 批没有记载名册的这项更正", "a change of the roll unlike link {0}"),
    "batch": (
        "第 {0} 批对不上：选票与当时的不同",
        "the ballots of link {0} are not what they were",
    ),
    "batch_size": (
        "第 {0} 批应有 {1} 票，现有 {2} 票",
        "link {0} had {1} ballots and here are {2}",
    ),
    "no_batch": ("有选票属于不存在的第 {0} 批", "ballots of a link that is not there: {0}"),
    "ballot_twice": ("同一张选票出现两次：{0}", "a ballot twice: {0}"),
    "ballot_missing": ("已投的票缺少选票：{0}", "a vote was cast and its ballot is missing: {0}"),
    "ballot_extra": ("没有投过的票却有选票：{0}", "a ballot of a vote that was not cast: {0}"),
    "choice": ("第 {0} 张选票不符合题目：{1}", "ballot {0} does not answer what is asked: {1}"),
    "turnout": (
        "名册上 {0} 票已投，选票却有 {1} 张",
        "{0} votes were cast, and here are {1} ballots",
    ),
    "struck": ("已从名册删除的票被计入：{0}", "counted though struck from the roll: {0}"),
    "result": ("{0} 公布为 {1}，重新计票为 {2}", "{0} is stated as {1} and counted as {2}"),
    "closed_at": ("截止时间被改动", "the time of the close was altered"),
    "close": (
        "第 {0} 批对不上：截止时间、已投名单、选票或结果与截止时的不同",
        "link {0} does not match: time, turnout, ballots or result are not those of the close",
    ),
    "head": (
        "记录里没有您保存的校验码，记录被重写过：{0}",
        "not of this chain, which was rewritten: {0}",
    ),
    "receipt": ("没有这个回执的选票：{0}", "no ballot has this receipt: {0}"),
}


class Finding(NamedTuple):
    """Something that is not as it should be."""

    name: str
    """One of `WORDS`."""
    zh: str
    en: str


def _found(name: str, *about: Any) -> Finding:
    zh, en = WORDS[name]
    return Finding(name, zh.format(*about), en.format(*about))


def check(
    bundle: dict[str, Any], heads: Iterable[str] = (), receipts: Iterable[str] = ()
) -> list[Finding]:
    """Everything that is wrong with a bundle; nothing when it agrees with itself and with these.

    `heads` are heads of the chain kept outside (64 hexadecimal digits), `receipts` are voters'.
    """
    findings = []  # type: list[Finding]
    checks = [(each, ()) for each in _CHECKS]  # type: list[tuple[Any, tuple[Any, ...]]]
    for one, more in [*checks, (_check_heads, (heads,)), (_check_receipts, (receipts,))]:
        try:
            findings.extend(one(bundle, *more))
        except UNREADABLE as error:
            findings.append(_found("format", f"{one.__name__[1:]}: {error!r}"))
    return findings


def _check_format(bundle: dict[str, Any]) -> Iterator[Finding]:
    if bundle["format"] != FORMAT:
        yield _found("format", bundle["format"])


def _check_links(bundle: dict[str, Any]) -> Iterator[Finding]:
    """Links are numbered without a gap, and every one of them is of a kind that is checked here."""
    kinds = [link["kind"] for link in bundle["links"]]
    for place, link in enumerate(bundle["links"]):
        if link["number"] != place:
            yield _found("chain", place, link["number"])
    if kinds[:1] != ["opening"] or kinds[1:][-1:] != ["close"]:
        yield _found("ends")
    for kind in sorted(
        set(kinds[1:-1]) - ({"ballots", "roll"} if _is_secret(bundle) else {"roll"})
    ):
        yield _found("kind", kind)


def _linked(bundle: dict[str, Any], kind: str) -> list[tuple[bytes, dict[str, Any]]]:
    """Every link of a kind, each after the head of the link before it."""
    links = bundle["links"]
    befores = [bytes.fromhex(link["head"]) for link in links]
    return [each for each in zip(befores, links[1:]) if each[1]["kind"] == kind]  # noqa: B905 - one less


def _lines(entries: Iterable[dict[str, Any]]) -> list[bytes]:
    return [roll_line(each["code"], each["key"], each["area"], each["homes"]) for each in entries]


def _at_opening(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in bundle["roll"] if each.get("added_by_link") is None]


def _at_close(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in bundle["roll"] if each.get("struck_by_link") is None]


def _twice(values: Iterable[Any]) -> list[Any]:
    return [value for value, times in Counter(values).items() if times > 1]


def _check_opening(bundle: dict[str, Any]) -> Iterator[Finding]:
    """What is asked, the roll and our key are as they were when the poll opened."""
    link, definition = bundle["links"][0], bundle["definition"]
    roll = roll_digest(_lines(_at_opening(bundle)))
    if opening_head(definition, roll, bytes.fromhex(bundle["public_key"])).hex() == link["head"]:
        return
    yield _found("opening")
    kept = link["payload"]
    asked = kept.get("definition", definition)
    for name in sorted({*asked, *definition}):
        if canonical(asked.get(name)) != canonical(definition.get(name)):
            yield _found("asked", name)
    if kept.get("public_key", bundle["public_key"]) != bundle["public_key"]:
        yield _found("asked", "public_key")
    if kept.get("roll", roll.hex()) != roll.hex():
        yield _found("roll")


def _check_roll(bundle: dict[str, Any]) -> Iterator[Finding]:
    """Everybody is on the roll once, and it was as long at the opening as was said then."""
    codes = [each["code"] for each in bundle["roll"]]
    for twice in _twice(codes) + _twice(each["key"] for each in _at_close(bundle)):
        yield _found("roll_twice", twice)
    size, lines = bundle["links"][0]["size"], len(_at_opening(bundle))
    if size != lines:
        yield _found("roll_size", size, lines)


def _check_roll_changes(bundle: dict[str, Any]) -> Iterator[Finding]:
    """What was changed in the roll after the opening was put into the chain each time."""
    roll, changes = bundle["roll"], _linked(bundle, "roll")
    named = {each.get(at) for each in roll for at in ("added_by_link", "struck_by_link")}
    for number in named - {link["number"] for _, link in changes} - {None}:
        yield _found("roll_change", number)
    for before, link in changes:
        number = link["number"]
        added = _lines(each for each in roll if each.get("added_by_link") == number)
        struck = [each["code"] for each in roll if each.get("struck_by_link") == number]
        head = roll_head(before, number, added, struck).hex()
        if head != link["head"] or link["size"] != len(added) + len(struck):
            yield _found("roll_change", number)


def _is_secret(bundle: dict[str, Any]) -> bool:
    return bool(bundle["definition"]["secrecy"] == "secret")


def _leaves(bundle: dict[str, Any]) -> list[bytes]:
    poll = bundle["definition"]["poll"]
    return [leaf_of(poll, each["nonce"], each["choice"]) for each in bundle["ballots"]]


def _check_batches(bundle: dict[str, Any]) -> Iterator[Finding]:
    """Each secret ballot is there once, in the batch whose head was said."""
    if not _is_secret(bundle):
        return
    leaves = _leaves(bundle)
    for leaf in _twice(leaves):
        yield _found("ballot_twice", receipt_of(leaf))
    batches = {}  # type: dict[int, list[bytes]]
    for ballot, leaf in zip(bundle["ballots"], leaves):  # noqa: B905 - strict is of Python 3.10
        batches.setdefault(ballot["batch"], []).append(leaf)
    for before, link in _linked(bundle, "ballots"):
        number, size = link["number"], link["size"]
        batch = batches.pop(number, [])
        if size != len(batch):
            yield _found("batch_size", number, size, len(batch))
        if ballots_head(before, number, batch).hex() != link["head"]:
            yield _found("batch", number)
    for number in batches:
        yield _found("no_batch", number)


def _check_choices(bundle: dict[str, Any]) -> Iterator[Finding]:
    for place, each in enumerate(bundle["ballots"], start=1):
        wrong = misfit(bundle["definition"]["form"], each["choice"])
        if wrong is not None:
            yield _found("choice", place, wrong or each["choice"][:40])


def _took_part(bundle: dict[str, Any]) -> list[str]:
    return [each["code"] for each in bundle["roll"] if each["voted"] is True]


def _check_turnout(bundle: dict[str, Any]) -> Iterator[Finding]:
    """There are as many ballots as votes of the roll were cast; recorded ones are theirs."""
    voted = _took_part(bundle)
    if len(voted) != len(bundle["ballots"]):
        yield _found("turnout", len(voted), len(bundle["ballots"]))
    for code in set(voted) - {each["code"] for each in _at_close(bundle)}:
        yield _found("struck", code)
    if _is_secret(bundle):
        return
    codes = [each["code"] for each in bundle["ballots"]]
    for code in _twice(codes):
        yield _found("ballot_twice", code)
    for code in sorted(set(codes) - set(voted)):
        yield _found("ballot_extra", code)
    for code in sorted(set(voted) - set(codes)):
        yield _found("ballot_missing", code)


def recounted(bundle: dict[str, Any]) -> dict[str, Any]:
    """The result of the ballots in a bundle that are valid."""
    definition, roll = bundle["definition"], _at_close(bundle)
    valid = [
        each for each in bundle["ballots"] if misfit(definition["form"], each["choice"]) is None
    ]
    areas = {each["code"]: each["area"] for each in roll}
    attended = None
    if definition["kind"] == "meeting":
        attended = sum(True in (each["voted"], each.get("attended")) for each in roll)
    return tally(
        definition,
        [(each["choice"], 1, areas.get(each.get("code"), 0)) for each in valid],
        {"entries": len(roll), "area": sum(areas.values()), "attended": attended},
    )


def _check_result(bundle: dict[str, Any]) -> Iterator[Finding]:
    """The result is what these ballots add up to."""
    for difference in _differences("", bundle["result"], recounted(bundle)):
        yield _found("result", *difference)


def _differences(where: str, stated: Any, counted: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(stated, dict) and isinstance(counted, dict):
        for key in sorted({*stated, *counted}):
            path = f"{where}.{key}" if where else key
            yield from _differences(path, stated.get(key, "—"), counted.get(key, "—"))
    elif canonical(stated) != canonical(counted):
        yield where, canonical(stated).decode(), canonical(counted).decode()


def _check_close(bundle: dict[str, Any]) -> Iterator[Finding]:
    """When it closed, who took part, all ballots and the result are as they were said then."""
    if _is_secret(bundle):
        ballots = leaves_digest(_leaves(bundle))
    else:
        ballots = recorded_digest((each["code"], each["choice"]) for each in bundle["ballots"])
    closed_at, took_part, result = bundle["closed_at"], _took_part(bundle), bundle["result"]
    for before, link in _linked(bundle, "close"):
        head = close_head(before, link["number"], closed_at, took_part, ballots, result)
        if head.hex() != link["head"] or link["size"] != len(took_part):
            yield _found("close", link["number"])
            if link["payload"].get("closed_at", closed_at) != closed_at:
                yield _found("closed_at")


def _check_heads(bundle: dict[str, Any], heads: Iterable[str]) -> Iterator[Finding]:
    known = {link["head"] for link in bundle["links"]}
    for head in heads:
        if head.strip().lower() not in known:
            yield _found("head", head)


def _plain(receipt: str) -> str:
    """A receipt however it was written down: 0 and O are the same, and 1 and I and L."""
    text = "".join(sign for sign in receipt.upper() if sign.isalnum())
    return text.replace("O", "0").replace("I", "1").replace("L", "1")


def _check_receipts(bundle: dict[str, Any], receipts: Iterable[str]) -> Iterator[Finding]:
    leaves = _leaves(bundle) if receipts and _is_secret(bundle) else []
    known = {_plain(receipt_of(leaf)) for leaf in leaves}
    for receipt in receipts:
        if _plain(receipt) not in known:
            yield _found("receipt", receipt)


_CHECKS = (
    _check_format,
    _check_links,
    _check_opening,
    _check_roll,
    _check_roll_changes,
    _check_batches,
    _check_choices,
    _check_turnout,
    _check_result,
    _check_close,
)

# 5. The program. 程序


def read(text: str) -> dict[str, Any]:
    """A bundle from its JSON text; `ValueError` for what is none, or says one thing twice."""
    bundle = json.loads(text, object_pairs_hook=_once)
    if not isinstance(bundle, dict):
        message = "not a bundle"
        raise ValueError(message)  # noqa: TRY004 - what is read is a value, however it is typed
    return bundle


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = f"said twice: {_twice(key for key, _ in pairs)}"
        raise ValueError(message)
    return found


def report(bundle: dict[str, Any], findings: list[Finding], heads: Iterable[str]) -> list[str]:
    """What is to be printed about a bundle and what was found in it."""
    if findings:
        shown = [line for each in findings[:MOST] for line in (f"✗ {each.zh}", f"  {each.en}")]
        return [*shown, f"核对不通过：{len(findings)} 项不符。 Not as it should be."]
    definition, links = bundle["definition"], bundle["links"]
    kept = {head.strip().lower() for head in heads}
    chain = [
        f"  {link['number']} {link['head']}" + (" ✓" if link["head"] in kept else "")
        for link in links
    ]
    said = "只证明数据前后一致；请把校验码与当时公布、由他人保存的比对（--head）。"
    said_en = "It agrees with itself; compare the heads with copies that others kept (--head)."
    if kept:
        last = max(link["number"] for link in links if link["head"] in kept)
        said = f"第 {last} 批的校验码与您保存的一致，到那里为止没有被改写。"
        said_en = f"Link {last} is as you kept it: nothing was rewritten up to there."
    return [
        f"投票 {definition['number']}：{definition['title']}",
        f"选票 {len(bundle['ballots'])} 张，名册 {len(_at_close(bundle))} 票",
        *chain,
        f"核对通过：名册、选票、结果与校验码一致。{said}",
        f"As it should be. {said_en}",
    ]


def _say(line: str) -> None:
    """One line, without what a forged bundle could paint a verdict with or a console not show."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in line)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(plain.encode(encoding, "replace").decode(encoding) + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Check the bundle that the command line names: 0 when all is well, 1 when it is not."""
    parser = argparse.ArgumentParser(description="重新计票 Recount a poll from its bundle.")
    parser.add_argument("bundle", help="数据文件 the JSON file of the poll")
    parser.add_argument("--head", action="append", default=[], help="保存的校验码 a head you kept")
    parser.add_argument("--receipt", action="append", default=[], help="回执 a voter's receipt")
    asked = parser.parse_args(arguments)
    try:
        with open(asked.bundle, encoding="utf-8") as file:  # noqa: PTH123 - nothing to import
            bundle = read(file.read())
    except (OSError, ValueError, RecursionError) as error:
        _say(f"✗ 读不了这个文件 cannot read the file: {error}")
        return 1
    findings = check(bundle, asked.head, asked.receipt)
    for line in report(bundle, findings, asked.head):
        _say(line)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
