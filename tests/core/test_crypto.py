"""Secrets: locked columns, blind indexes, tokens and passwords."""

import base64
import time
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, bindparam, column, select, text
from sqlalchemy import Table as SqlTable
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import crypto
from app.core.crypto import Encrypted, KeyringInvalid, Tampered, UnknownKey
from app.core.settings import settings

PHONE = "13812345678"
PHONES = Encrypted("people.phone")


def ring(*numbers: int) -> str:
    return ",".join(f"{n}:{base64.b64encode(bytes([n]) * 32).decode()}" for n in numbers)


def use_keys(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("PALM_SECRET_KEYS", keys)
    settings.cache_clear()


async def test_a_locked_column_is_read_back_and_the_database_cannot_read_it(
    session: AsyncSession,
) -> None:
    people = SqlTable("people_locked", MetaData(), Column("n", Integer), Column("phone", PHONES))
    await (await session.connection()).run_sync(people.create)

    await session.execute(people.insert(), [{"n": 1, "phone": PHONE}, {"n": 2, "phone": None}])

    read = (await session.scalars(select(people.c.phone).order_by(people.c.n))).all()
    stored = await session.scalar(text("SELECT phone FROM people_locked WHERE n = 1"))
    assert read == [PHONE, None]
    assert isinstance(stored, bytes)
    assert PHONE.encode() not in stored
    present = select(people.c.n).where(people.c.phone.is_not(None))
    assert (await session.scalars(present)).all() == [1]


@given(st.text(st.characters(codec=None)))
def test_every_text_comes_back(words: str) -> None:
    assert crypto.decrypt(crypto.encrypt(words, "people.name"), "people.name") == words


def test_the_same_text_is_locked_differently_each_time() -> None:
    assert crypto.encrypt(PHONE, "a.b") != crypto.encrypt(PHONE, "a.b")


def test_a_value_moved_to_another_column_does_not_open() -> None:
    stored = crypto.encrypt(PHONE, "people.phone")

    with pytest.raises(Tampered):
        crypto.decrypt(stored, "people.id_number")


def test_one_changed_bit_anywhere_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys(monkeypatch, ring(2, 3))
    stored = crypto.encrypt(PHONE, "people.phone")
    assert len(stored) == 1 + 1 + 12 + len(PHONE) + 16

    for bit in range(len(stored) * 8):
        changed = bytearray(stored)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((Tampered, UnknownKey)):
            crypto.decrypt(bytes(changed), "people.phone")


@pytest.mark.parametrize("stored", [b"", b"\x01", b"\x01\x01" + bytes(11), PHONE.encode()])
def test_what_was_never_locked_does_not_open(stored: bytes) -> None:
    with pytest.raises(Tampered):
        crypto.decrypt(stored, "people.phone")


def test_a_new_key_locks_and_the_old_one_still_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys(monkeypatch, ring(1))
    old, index = crypto.encrypt(PHONE, "a.b"), crypto.blind_index(PHONE, "phone")

    use_keys(monkeypatch, ring(2, 1))
    new = crypto.encrypt(PHONE, "a.b")

    assert (old[1], new[1]) == (1, 2)
    assert crypto.decrypt(old, "a.b") == crypto.decrypt(new, "a.b") == PHONE
    assert crypto.blind_index(PHONE, "phone") == index


def test_what_a_key_taken_away_locked_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys(monkeypatch, ring(1))
    old = crypto.encrypt(PHONE, "a.b")
    use_keys(monkeypatch, ring(2))

    with pytest.raises(UnknownKey, match="key 1"):
        crypto.decrypt(old, "a.b")


def test_a_locked_column_may_be_asked_for_nothing_but_its_presence() -> None:
    phone = column("phone", PHONES)

    with pytest.raises(TypeError, match="blind index"):
        _ = phone == PHONE
    with pytest.raises(TypeError, match="blind index"):
        phone.like("138%")
    assert str(phone.is_(None)) == "phone IS NULL"
    assert str(phone.is_not(None)) == "phone IS NOT NULL"


async def test_a_statement_written_out_holds_what_is_locked(session: AsyncSession) -> None:
    statement = select(bindparam("p", PHONE, PHONES))

    written = str(statement.compile(compile_kwargs={"literal_binds": True}))

    assert PHONE not in written
    stored = await session.scalar(text(written.replace("AS", "::bytea AS").replace(":", "\\:")))
    assert crypto.decrypt(stored, "people.phone") == PHONE


def test_no_repr_shows_a_key() -> None:
    secret = base64.b64encode(bytes([1]) * 32).decode()

    assert repr(crypto.load_keyring(Path(), f"1:{secret}")) == "Keyring()"


def test_an_index_is_equal_for_equal_values_within_a_purpose_and_a_ring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_keys(monkeypatch, ring(1))
    index = crypto.blind_index(PHONE, "phone")

    assert index == crypto.blind_index(PHONE, "phone")
    assert len(index) == 32
    assert index != crypto.blind_index("13812345679", "phone")
    assert index != crypto.blind_index(PHONE, "rate")
    use_keys(monkeypatch, ring(3))
    assert index != crypto.blind_index(PHONE, "phone")


def test_an_index_is_as_it_always_was(monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys(monkeypatch, ring(1))

    known = "76109628e51c79e93c401bc5e7a727da72d990b2cbb25a45ab1f8ea8940d2d96"
    assert crypto.blind_index(PHONE, "phone").hex() == known


def test_keys_are_made_at_first_use_for_the_owner_alone(data_dir: Path) -> None:
    stored = crypto.encrypt(PHONE, "a.b")

    file = data_dir / "secret.keys"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(data_dir.iterdir()) == [file]
    crypto.load_keyring.cache_clear()
    assert crypto.decrypt(stored, "a.b") == PHONE


def test_of_two_processes_that_start_at_once_one_makes_the_ring(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs: list[bytes] = []

    def while_the_other_is_first(size: int) -> bytes:
        monkeypatch.undo()
        theirs.append(crypto.load_keyring(data_dir, None).oldest)
        crypto.load_keyring.cache_clear()
        return bytes(size)

    monkeypatch.setattr("app.core.crypto.keys.secrets.token_bytes", while_the_other_is_first)

    assert [crypto.load_keyring(data_dir, None).oldest] == theirs
    assert [path.name for path in data_dir.iterdir()] == ["secret.keys"]


@pytest.mark.parametrize(
    "keys",
    [
        "",
        "1",
        "1:short",
        "0:" + "A" * 43 + "=",
        "256:" + "A" * 43 + "=",
        "x:" + "A" * 43 + "=",
        "²:" + "A" * 43 + "=",
        "1:" + "*" * 44,
        ring(1, 1),
        ring(1) + ",2:",
    ],
)
def test_keys_that_are_not_keys_are_refused(keys: str) -> None:
    with pytest.raises(KeyringInvalid) as refused:
        crypto.load_keyring(Path(), keys)

    assert "A" * 43 not in repr(refused.value)


def test_tokens_differ_and_are_known_by_their_look() -> None:
    token = crypto.new_token("palm_st")

    assert token != crypto.new_token("palm_st")
    assert token.startswith("palm_st_")
    assert len(token) == len("palm_st_") + 49
    assert token.replace("_", "").isalnum()
    assert crypto.looks_like_token(token, "palm_st")
    assert not crypto.looks_like_token(token, "palm_ak")


def test_a_typing_error_in_a_token_is_noticed() -> None:
    token = crypto.new_token("palm_st")

    for at in range(len("palm_st_"), len(token)):
        wrong = "x" if token[at] != "x" else "y"
        assert not crypto.looks_like_token(token[:at] + wrong + token[at + 1 :], "palm_st")


@pytest.mark.parametrize("token", ["", "palm_st_", "palm_st_é", "\ud800", "palm_st_" + "0" * 49])
def test_what_is_no_token_is_none(token: str) -> None:
    assert not crypto.looks_like_token(token, "palm_st")


def test_the_fingerprint_of_a_token_is_its_sha256() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert crypto.sha256_token("").hex() == empty
    assert len(crypto.sha256_token("\udcff")) == 32


async def test_a_password_is_known_again_and_no_other() -> None:
    stored = await crypto.hash_password("四点半课堂 horse")

    assert stored.startswith("$argon2id$")
    assert await crypto.verify_password("四点半课堂 horse", stored)
    assert not await crypto.verify_password("四点半课堂 horsf", stored)
    assert stored != await crypto.hash_password("四点半课堂 horse")


async def test_a_password_is_the_same_in_full_width() -> None:
    stored = await crypto.hash_password("abc123456")

    assert await crypto.verify_password("ａｂｃ１２３４５６", stored)


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$broken"])
async def test_a_hash_that_is_none_lets_nobody_in(stored: str) -> None:
    assert not await crypto.verify_password("plain", stored)


async def test_nobody_has_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    guessed = await crypto.hash_password("guessed")
    monkeypatch.setattr("app.core.crypto.passwords._nobodys", lambda: guessed)

    assert not await crypto.verify_password("guessed", None)


async def test_an_unknown_login_takes_as_long_as_a_wrong_password() -> None:
    stored = await crypto.hash_password("right")
    await crypto.verify_password("warm", None)

    began = time.process_time()
    assert not await crypto.verify_password("wrong", None)
    unknown = time.process_time() - began
    assert not await crypto.verify_password("wrong", stored)
    wrong = time.process_time() - began - unknown

    assert unknown > wrong / 3


def test_a_cheaper_hash_asks_to_be_made_again() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")

    assert crypto.needs_rehash(cheap)
    assert not crypto.needs_rehash(PasswordHasher().hash("x"))
