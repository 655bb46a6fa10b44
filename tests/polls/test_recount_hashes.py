import hashlib

import pytest

from app.polls import recount

POLL = "0190a6e2-0000-7000-8000-000000000001"
NONCE = "00112233445566778899aabbccddeeff"
DEFINITION = {
    "poll": POLL,
    "number": 3,
    "kind": "poll",
    "title": "楼道照明",
    "form": {"questions": []},
    "electorate": {"unit": "person"},
    "rules": {},
    "secrecy": "secret",
    "opened_at": "2026-11-23T08:00:00.000000+00:00",
}
LEAF = recount.leaf_of(POLL, NONCE, '{"q1":"A"}')
OTHER_LEAF = recount.leaf_of(POLL, NONCE[::-1], '{"q1":"B"}')
KEY = recount.key_digest_of(POLL, "person:0190a6e2-0000-7000-8000-0000000000aa")
LINE = recount.roll_line("K7QX-2M4B", KEY, 8950, 1)
OTHER_LINE = recount.roll_line("A1B2-C3D4", "00" * 32, 0, 2)
ROLL = recount.roll_digest([LINE, OTHER_LINE])
OPENING = recount.opening_head(DEFINITION, ROLL, bytes(range(32)))
BATCH = recount.ballots_head(OPENING, 1, [LEAF, OTHER_LEAF])
CHANGE = recount.roll_head(BATCH, 2, [OTHER_LINE], ["K7QX-2M4B"])
CLOSED_AT = "2026-11-24T08:00:00.000000+00:00"
CLOSE = recount.close_head(
    CHANGE, 3, CLOSED_AT, ["A1B2-C3D4"], recount.leaves_digest([LEAF]), {"ballots": 1}
)


def test_a_digest_is_sha_256_of_length_prefixed_parts() -> None:
    written = b"\0" * 7 + b"\1" + b"a" + b"\0" * 7 + b"\2" + b"bc" + b"\0" * 8

    assert recount.digest("a", b"bc", b"") == hashlib.sha256(written).digest()


def test_where_one_part_ends_and_the_next_begins_makes_another_digest() -> None:
    assert recount.digest("a", b"bc", b"d") != recount.digest("a", b"b", b"cd")
    assert recount.digest("a", b"b") != recount.digest("ab", b"")


def test_canonical_text_is_sorted_tight_and_unescaped() -> None:
    assert (
        recount.canonical({"b": "楼", "a": [1, None, True]})
        == '{"a":[1,null,true],"b":"楼"}'.encode()
    )


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (LEAF, "97f8c74a1d744be1aed737ff699fadd50148ea05922edea7d3bdfc21ebce6f8d"),
        (bytes.fromhex(KEY), "ea0d4f742bbcb99c4bdd02f51fe6036b4f44cd99a0f730e02ca48357c68a0372"),
        (ROLL, "ac84b06953f4b1efc1d4df10e58f4289fe6b95360ea4196a8b393e9f2f7b64ed"),
        (OPENING, "bfb5f2397c7f8d38305613d79a76312b0ce586b2d4b8eca4c9b97a40394a7783"),
        (BATCH, "e642ae82ab8369c41624e5820174d87c876b0bb835e3354bd691454d7abb6d65"),
        (CHANGE, "4899020481ef30ebfbc48bab136f84aad7b73a5110ed83bb8450c57c5923a012"),
        (CLOSE, "ae2c97255830224b6503780d4435af778c004afe0510b729a80365341966ab6d"),
        (
            recount.recorded_digest([("A1B2-C3D4", '{"q1":"A"}')]),
            "83335d29624a985930785b2ec3ce352a5a0ded5b24471f705371ad631c0cc6de",
        ),
        (
            recount.leaves_digest([LEAF]),
            "cb915c90541b3048e39b2266d0bf5ad3ff580ec64869cd4fc09326f4499c6342",
        ),
    ],
    ids=["leaf", "key", "roll", "opening", "batch", "change", "close", "recorded", "leaves"],
)
def test_what_was_hashed_once_is_hashed_so_for_ever(found: bytes, known: str) -> None:
    assert found.hex() == known


def test_a_receipt_is_eighty_bits_of_the_leaf_in_crockfords_base32() -> None:
    assert recount.receipt_of(LEAF) == "JZWC-EJGX-EH5Y-3BPQ"
    assert recount.receipt_of(bytes(32)) == "0000-0000-0000-0000"
    assert recount.receipt_of(b"\xff" * 32) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"


def test_a_leaf_is_the_digest_of_poll_nonce_and_choice() -> None:
    choice = '{"q1":"A"}'
    parts = (POLL.encode(), NONCE.encode(), choice.encode())

    assert recount.digest("palm/ballot/1", *parts) == LEAF


def test_the_order_in_which_ballots_and_lines_come_does_not_matter() -> None:
    assert recount.ballots_head(OPENING, 1, [OTHER_LEAF, LEAF]) == BATCH
    assert recount.roll_digest([OTHER_LINE, LINE]) == ROLL
    assert recount.ballots_head(OPENING, 2, [LEAF, OTHER_LEAF]) != BATCH
