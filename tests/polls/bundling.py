"""Bundles for tests, made of nothing but the hashes: as an honest operator would, or a forger."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any
from uuid import UUID

from app.polls import recount
from app.polls.forms import Form, Matter, Method, Question
from tests.polls.builders import a_form, a_question

Bundle = dict[str, Any]
POLL = "0190a6e2-0000-7000-8000-000000000001"
CLOSED_AT = "2026-11-24T08:00:00.000000+00:00"
BATCH = 10


def an_entry(number: int, *, area: int = 0, voted: bool = False) -> dict[str, Any]:
    key = recount.key_digest_of(POLL, f"person:{UUID(int=number)}")
    return {"code": f"C{number:04}", "key": key, "area": area, "homes": 1, "voted": voted}


def chained(bundle: Bundle) -> Bundle:
    """The same with links, result and heads that fit it: what a forger of everything would do."""
    bundle = deepcopy(bundle)
    roll, secret = bundle["roll"], bundle["definition"]["secrecy"] == "secret"
    bundle["result"] = recount.recounted(bundle)
    at_opening = [each for each in roll if each.get("added_by_link") is None]
    lines = recount.roll_digest(_lines(at_opening))
    key = bytes.fromhex(bundle["public_key"])
    head = recount.opening_head(bundle["definition"], lines, key)
    payload = {
        "definition": deepcopy(bundle["definition"]),
        "public_key": key.hex(),
        "roll": lines.hex(),
    }
    links = [_link(0, "opening", head, len(at_opening), payload)]
    number = 0
    leaves = recount._leaves(bundle) if secret else []
    batches = {each["batch"] for each in bundle["ballots"]} if secret else set()
    changes = {
        each[at] for each in roll for at in ("added_by_link", "struck_by_link") if at in each
    }
    for number in sorted({*batches, *changes}):
        if number in changes:
            added = _lines(each for each in roll if each.get("added_by_link") == number)
            struck = [each["code"] for each in roll if each.get("struck_by_link") == number]
            head = recount.roll_head(head, number, added, struck)
            links.append(_link(number, "roll", head, len(added) + len(struck), {}))
        else:
            held = [
                leaf
                for each, leaf in zip(bundle["ballots"], leaves, strict=True)
                if each["batch"] == number
            ]
            head = recount.ballots_head(head, number, held)
            links.append(_link(number, "ballots", head, len(held), {}))
    ballots = (
        recount.leaves_digest(leaves)
        if secret
        else recount.recorded_digest((each["code"], each["choice"]) for each in bundle["ballots"])
    )
    took_part = [each["code"] for each in roll if each["voted"]]
    closed_at = bundle["closed_at"]
    close = recount.close_head(head, number + 1, closed_at, took_part, ballots, bundle["result"])
    links.append(_link(number + 1, "close", close, len(took_part), {"closed_at": closed_at}))
    return bundle | {"links": links}


def _lines(entries: Any) -> list[bytes]:
    return [
        recount.roll_line(each["code"], each["key"], each["area"], each["homes"])
        for each in entries
    ]


def _link(number: int, kind: str, head: bytes, size: int, payload: Bundle) -> Bundle:
    at = f"2026-11-23T08:{number:02}:00.000000+00:00"
    return {
        "number": number,
        "kind": kind,
        "head": head.hex(),
        "size": size,
        "payload": payload,
        "at": at,
    }


def a_definition(form: Form, *, kind: str = "poll", secrecy: str = "recorded") -> Bundle:
    return {
        "poll": POLL,
        "number": 3,
        "kind": kind,
        "title": "门口装不装充电桩",
        "form": form.model_dump(mode="json"),
        "electorate": {"unit": "person"},
        "rules": {},
        "secrecy": secrecy,
        "opened_at": "2026-11-23T08:00:00.000000+00:00",
    }


def a_bundle(
    answers: Sequence[Any],
    *questions: Question,
    kind: str = "poll",
    secrecy: str = "recorded",
    areas: Sequence[int] = (),
    stayed_away: int = 2,
) -> Bundle:
    """A closed poll of one question, or more; each answer is one vote of the roll."""
    form = a_form(*questions)
    choices = [each if isinstance(each, dict) else {"q1": each} for each in answers]
    texts = [recount.canonical(choice).decode() for choice in choices]
    sizes = [*areas, *[0] * (len(texts) + stayed_away - len(areas))]
    roll = [
        an_entry(number, area=area, voted=number < len(texts)) for number, area in enumerate(sizes)
    ]
    if secrecy == "secret":
        ballots = [
            {"batch": 1 + at // BATCH, "nonce": f"{at:032x}", "choice": text}
            for at, text in enumerate(texts)
        ]
    else:
        ballots = [
            {"code": entry["code"], "choice": text}
            for entry, text in zip(roll, texts, strict=False)
        ]
    bare = {
        "format": recount.FORMAT,
        "definition": a_definition(form, kind=kind, secrecy=secrecy),
        "public_key": bytes(range(32)).hex(),
        "roll": roll,
        "ballots": ballots,
        "closed_at": CLOSED_AT,
    }
    return chained(bare)


def a_secret_one() -> Bundle:
    return a_bundle([*"ABCAABBACAABCAABBACABAB"], secrecy="secret")


def a_recorded_one() -> Bundle:
    return a_bundle([*"ABCAABBAC"])


def an_assembly() -> Bundle:
    matter = a_question(method=Method.YES_NO, matter=Matter.FUND_RAISING)
    areas = [8950, 12000, 8950, 7010, 8950, 8950]
    answers = ["yes", "yes", "yes", "yes", "no"]
    return a_bundle(answers, matter, kind="assembly", areas=areas, stayed_away=1)


def found(bundle: Bundle, **outside: Any) -> set[str]:
    """The names of what the recount finds."""
    return {each.name for each in recount.check(bundle, **outside)}


def altered(bundle: Bundle, alter: Callable[[Bundle], object]) -> Bundle:
    other = deepcopy(bundle)
    alter(other)
    return other
