"""Kinds of tampering with a bundle, and the finding that names each."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.polls import recount
from app.polls.models import Poll
from tests.polls.bundling import (
    Bundle,
    a_recorded_one,
    a_secret_one,
    altered,
    an_assembly,
    chained,
    found,
)
from tests.polls.closed import (
    a_closed_assembly,
    a_closed_poll,
    a_closed_secret_poll,
    bundle_of,
)

Alter = Callable[[Bundle], object]


def flip(bundle: Bundle) -> None:
    ballot = bundle["ballots"][0]
    ballot["choice"] = '{"q1":"C"}' if ballot["choice"] == '{"q1":"A"}' else '{"q1":"A"}'


def flip_and_correct_the_result(bundle: Bundle) -> None:
    flip(bundle)
    bundle["result"] = recount.recounted(bundle)


def drop(bundle: Bundle) -> None:
    bundle["ballots"].pop()


def drop_with_its_vote(bundle: Bundle) -> None:
    bundle["ballots"].pop()
    unmark_somebody(bundle)
    bundle["result"] = recount.recounted(bundle)


def stuff(bundle: Bundle) -> None:
    more = bundle["ballots"][0] | {"nonce": "f" * 32, "code": "C9999", "choice": '{"q1":"B"}'}
    bundle["ballots"].append(more)


def stuff_for_who_stayed_away(bundle: Bundle) -> None:
    away = next(each for each in bundle["roll"] if unchanged(each))
    away["voted"] = True
    more = bundle["ballots"][0] | {"nonce": "f" * 32, "code": away["code"]}
    bundle["ballots"].append(more)
    bundle["result"] = recount.recounted(bundle)


def duplicate(bundle: Bundle) -> None:
    bundle["ballots"].append(dict(bundle["ballots"][0]))


def alter_the_result(bundle: Bundle) -> None:
    bundle["result"]["questions"]["q1"]["counts"]["A"] += 1


def batches(bundle: Bundle) -> list[int]:
    """The numbers of the first two."""
    return sorted({each["batch"] for each in bundle["ballots"]})[:2]


def cut_a_batch(bundle: Bundle) -> None:
    cut, _ = batches(bundle)
    bundle["ballots"] = [each for each in bundle["ballots"] if each["batch"] != cut]
    bundle["links"] = [each for each in bundle["links"] if each["number"] != cut]


def swap_batches(bundle: Bundle) -> None:
    one, other = batches(bundle)
    for each in bundle["ballots"]:
        each["batch"] = {one: other, other: one}.get(each["batch"], each["batch"])


def swap_links(bundle: Bundle) -> None:
    links = bundle["links"]
    links[1], links[2] = links[2], links[1]


def count_somebody_twice(bundle: Bundle) -> None:
    bundle["roll"].append(dict(bundle["roll"][0]))


def count_somebody_twice_by_another_code(bundle: Bundle) -> None:
    standing = next(each for each in bundle["roll"] if "struck_by_link" not in each)
    bundle["roll"].append(standing | {"code": "C9999"})


def remove_from_the_roll(bundle: Bundle) -> None:
    bundle["roll"].remove(next(each for each in bundle["roll"] if unchanged(each)))
    bundle["result"] = recount.recounted(bundle)


def unchanged(entry: Bundle) -> bool:
    return "added_by_link" not in entry and not entry["voted"]


def change_an_area(bundle: Bundle) -> None:
    next(each for each in bundle["roll"] if each["voted"])["area"] += 5000


def edit_the_question(bundle: Bundle) -> None:
    bundle["definition"]["form"]["questions"][0]["text"] = "别的问题"


def edit_the_electorate(bundle: Bundle) -> None:
    bundle["definition"]["electorate"]["claimed"] = True


def unmark_somebody(bundle: Bundle) -> None:
    next(each for each in bundle["roll"] if each["voted"])["voted"] = False


def mark_somebody_else(bundle: Bundle) -> None:
    away = next(each for each in bundle["roll"] if unchanged(each))
    unmark_somebody(bundle)
    away["voted"] = True


def make_the_matter_an_ordinary_one(bundle: Bundle) -> None:
    bundle["definition"]["form"]["questions"][0]["matter"] = 5


def let_it_pass(bundle: Bundle) -> None:
    decision = bundle["result"]["questions"]["q1"]["decision"]
    decision["passed"] = not decision["passed"]


def close_it_later(bundle: Bundle) -> None:
    bundle["closed_at"] = f"2099{bundle['closed_at'][4:]}"


def sign_with_another_key(bundle: Bundle) -> None:
    bundle["public_key"] = "ab" * 32


def spoil_a_ballot(bundle: Bundle) -> None:
    bundle["ballots"][0]["choice"] = '{"q1":"Z"}'


def move_to_a_batch_that_is_not(bundle: Bundle) -> None:
    bundle["ballots"][0]["batch"] = 77


def claim_another_format(bundle: Bundle) -> None:
    bundle["format"] = "palm-poll-bundle/2"


def cut_the_close(bundle: Bundle) -> None:
    bundle["links"].pop()


SECRET: dict[Alter, str] = {
    flip: "batch",
    flip_and_correct_the_result: "batch",
    drop: "batch_size",
    drop_with_its_vote: "batch_size",
    stuff: "turnout",
    stuff_for_who_stayed_away: "batch_size",
    duplicate: "ballot_twice",
    alter_the_result: "result",
    cut_a_batch: "chain",
    swap_batches: "batch",
    swap_links: "chain",
    count_somebody_twice: "roll_twice",
    count_somebody_twice_by_another_code: "roll_twice",
    remove_from_the_roll: "roll_size",
    change_an_area: "roll",
    edit_the_question: "asked",
    edit_the_electorate: "asked",
    unmark_somebody: "turnout",
    mark_somebody_else: "close",
    close_it_later: "closed_at",
    sign_with_another_key: "asked",
    spoil_a_ballot: "choice",
    move_to_a_batch_that_is_not: "no_batch",
    cut_the_close: "ends",
    claim_another_format: "format",
}
RECORDED: dict[Alter, str] = {
    flip: "close",
    flip_and_correct_the_result: "close",
    drop: "ballot_missing",
    stuff: "ballot_extra",
    stuff_for_who_stayed_away: "close",
    duplicate: "ballot_twice",
    alter_the_result: "result",
    count_somebody_twice: "roll_twice",
    remove_from_the_roll: "roll_size",
    change_an_area: "roll",
    edit_the_question: "asked",
    unmark_somebody: "turnout",
    close_it_later: "closed_at",
    cut_the_close: "ends",
}
ASSEMBLY: dict[Alter, str] = {
    change_an_area: "result",
    make_the_matter_an_ordinary_one: "asked",
    let_it_pass: "result",
    remove_from_the_roll: "roll_size",
}


def named(alter: Any) -> str:
    return str(getattr(alter, "__name__", alter))


@pytest.mark.parametrize("made", [a_secret_one, a_recorded_one, an_assembly])
def test_nothing_is_found_where_nothing_was_altered(made: Callable[[], Bundle]) -> None:
    assert recount.check(made()) == []


@pytest.mark.parametrize(("alter", "name"), SECRET.items(), ids=named)
def test_tampering_with_a_secret_poll_is_found(alter: Alter, name: str) -> None:
    assert name in found(altered(a_secret_one(), alter))


@pytest.mark.parametrize(("alter", "name"), RECORDED.items(), ids=named)
def test_tampering_with_a_recorded_poll_is_found(alter: Alter, name: str) -> None:
    assert name in found(altered(a_recorded_one(), alter))


@pytest.mark.parametrize(("alter", "name"), ASSEMBLY.items(), ids=named)
def test_tampering_with_an_assembly_is_found(alter: Alter, name: str) -> None:
    assert name in found(altered(an_assembly(), alter))


@pytest.mark.parametrize(
    ("made", "kinds"),
    [(a_closed_secret_poll, SECRET), (a_closed_poll, RECORDED), (a_closed_assembly, ASSEMBLY)],
    ids=["secret", "recorded", "assembly"],
)
async def test_tampering_with_the_bundle_of_a_real_poll_is_found(
    session: AsyncSession,
    made: Callable[[AsyncSession], Awaitable[Poll]],
    kinds: dict[Alter, str],
) -> None:
    bundle = await bundle_of(session, await made(session))
    assert recount.check(bundle) == []

    missed = {
        alter.__name__: (name, seen)
        for alter, name in kinds.items()
        if name not in (seen := found(altered(bundle, alter)))
    }

    assert not missed


async def test_undoing_a_correction_of_the_roll_is_found(session: AsyncSession) -> None:
    bundle = await bundle_of(session, await a_closed_poll(session))

    def hide_the_strike(bundle: Bundle) -> None:
        for each in bundle["roll"]:
            each.pop("struck_by_link", None)

    def hide_the_correction(bundle: Bundle) -> None:
        hide_the_strike(bundle)
        bundle["roll"] = [each for each in bundle["roll"] if "added_by_link" not in each]

    assert {"roll_change", "roll_twice"} <= found(altered(bundle, hide_the_strike))
    assert "roll_change" in found(altered(bundle, hide_the_correction))


async def test_a_real_poll_rewritten_with_all_its_heads_is_found_by_a_head_that_was_published(
    session: AsyncSession,
) -> None:
    honest = await bundle_of(session, await a_closed_secret_poll(session))
    forged = chained(altered(honest, flip_and_correct_the_result))
    published = [link["head"] for link in honest["links"]]

    assert found(forged) == set()
    assert found(forged, heads=published) == {"head"}


def test_somebody_counted_twice_by_another_code_is_named_without_a_name() -> None:
    bundle = altered(a_secret_one(), count_somebody_twice_by_another_code)

    [twice] = [each for each in recount.check(bundle) if each.name == "roll_twice"]

    assert bundle["roll"][0]["key"] in twice.zh


def test_who_rewrites_everything_with_all_heads_is_found_by_an_old_head_alone() -> None:
    honest = a_secret_one()
    forged = chained(altered(honest, flip_and_correct_the_result))
    kept = honest["links"][1]["head"]

    assert found(forged) == set()
    assert found(forged, heads=[kept]) == {"head"}
    assert found(honest, heads=[kept]) == set()


def test_a_head_kept_before_the_forged_link_shows_nothing() -> None:
    honest = a_secret_one()
    forged = chained(altered(honest, flip_and_correct_the_result))

    assert found(forged, heads=[honest["links"][0]["head"]]) == set()


def test_the_receipt_of_a_dropped_ballot_is_missed() -> None:
    honest = a_secret_one()
    receipt = recount.receipt_of(recount._leaves(honest)[-1])
    forged = chained(altered(honest, drop_with_its_vote))

    assert found(honest, receipts=[receipt]) == set()
    assert found(forged) == set()
    assert found(forged, receipts=[receipt]) == {"receipt"}


def test_ballots_of_an_entry_that_was_struck_are_found() -> None:
    bundle = a_recorded_one()
    bundle["roll"][0]["struck_by_link"] = 1

    assert "struck" in found(chained(bundle))


def test_a_link_that_is_not_checked_cannot_bridge_a_rewritten_opening_and_an_old_head() -> None:
    honest = a_recorded_one()
    opening, close = honest["links"]
    bridge = recount.roll_head(bytes.fromhex(opening["head"]), 1, [], [])
    head = recount.close_head(
        bridge,
        2,
        honest["closed_at"],
        recount._took_part(honest),
        recount.recorded_digest((each["code"], each["choice"]) for each in honest["ballots"]),
        honest["result"],
    ).hex()
    between = close | {"number": 1, "kind": "roll", "head": bridge.hex(), "size": 0, "payload": {}}
    honest["links"] = [opening, between, close | {"number": 2, "head": head}]
    assert found(honest, heads=[head]) == set()

    forged = altered(honest, edit_the_question)
    forged["links"][0] = chained(forged)["links"][0]
    assert found(forged, heads=[head]) == {"roll_change"}
    forged["links"][1]["kind"] = "ballots"

    assert found(forged, heads=[head]) == {"kind"}
