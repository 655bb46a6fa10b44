"""Voting links: one person's in one poll, and nobody else's to make."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from app.core.ids import new_id
from app.core.settings import settings
from app.polls import signing
from app.polls.links import VotingLink, opened, token_of, voting_link


def test_a_link_leads_back_to_its_poll_and_person() -> None:
    link = VotingLink(new_id(), new_id(), new_id())
    address = voting_link(link.community_id, link.poll_id, link.person_id)
    base, _, token = address.rpartition("/v/")
    assert base == settings().base_url
    assert opened(token) == link


def test_no_bit_of_a_link_can_be_changed() -> None:
    data = urlsafe_b64decode(token_of(VotingLink(new_id(), new_id(), new_id())) + "==")
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert opened(urlsafe_b64encode(changed).decode().rstrip("=")) is None


@pytest.mark.parametrize("token", ["", "a", "a" * 85, "a" * 86, "a" * 87, "票" * 86, "!" * 86])
def test_what_is_no_link_of_ours_leads_nowhere(token: str) -> None:
    assert opened(token) is None


def test_a_link_of_another_house_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    token, key = token_of(VotingLink(new_id(), new_id(), new_id())), signing.public_key()
    monkeypatch.setenv("PALM_DATA_DIR", str(tmp_path_factory.mktemp("other")))
    settings.cache_clear()
    assert opened(token) is None
    assert signing.public_key() != key


def test_links_and_receipts_outlive_a_change_of_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (urlsafe_b64encode(bytes([each]) * 32).decode() for each in (1, 2))
    monkeypatch.setenv("PALM_SECRET_KEYS", f"1:{old}")
    settings.cache_clear()
    link = VotingLink(new_id(), new_id(), new_id())
    token, promise = token_of(link), signing.promise(link.poll_id, bytes(32))
    monkeypatch.setenv("PALM_SECRET_KEYS", f"1:{old},2:{new}")
    settings.cache_clear()
    assert opened(token) == link
    assert signing.promise(link.poll_id, bytes(32)) == promise
