"""Links: nobody else's to make, good for one purpose, and written in one way only."""

import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import pytest

from app.core.ids import new_id
from app.core.links import opened, sealed

_ALPHABET = string.ascii_letters + string.digits + "-_"


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_token_leads_back_to_its_ids(count: int) -> None:
    ids = tuple(new_id() for _ in range(count))
    assert opened("a", sealed("a", *ids), count=count) == ids


def test_a_token_is_good_for_its_purpose_alone() -> None:
    assert opened("b", sealed("a", UUID(int=1)), count=1) is None


def test_a_token_of_fewer_ids_is_none_of_more() -> None:
    assert opened("a", sealed("a", UUID(int=1)), count=2) is None
    assert opened("a", sealed("a", UUID(int=1), UUID(int=2)), count=1) is None


def test_no_bit_of_a_token_can_be_changed() -> None:
    data = urlsafe_b64decode(sealed("a", *(new_id() for _ in range(3))) + "==")
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        token = urlsafe_b64encode(changed).decode().rstrip("=")
        assert opened("a", token, count=3) is None


def test_no_token_can_be_written_in_two_ways() -> None:
    """The last character has bits to spare, and a decoder skips what it does not know."""
    token = sealed("a", *(new_id() for _ in range(3)))
    others = {token[:-1] + last for last in _ALPHABET} - {token}
    others |= {token + "=", token + "==", token[:40] + "!" + token[40:], token + "\n"}
    assert [each for each in others if opened("a", each, count=3)] == []


@pytest.mark.parametrize("token", ["", "a", "a" * 85, "a" * 86, "a" * 87, "票" * 86, "!" * 86])
def test_what_is_no_token_of_ours_opens_nothing(token: str) -> None:
    assert opened("a", token, count=3) is None
