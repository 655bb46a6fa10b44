from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Role
from app.wechat.models import Account
from tests.people.builders import Caller, a_worker, facts
from tests.people.conftest import As, Town

SECRET, TOKEN, AES = "s3cr3t-of-the-app", "t0ken0fTheAccount", "k" * 43
FORM = {"template_id": "tpl_1", "fields": ["thing1", "time2"]}
NEW = {
    "slug": "yiyi",
    "name": "掌上伊伊",
    "app_id": "wx0123456789abcdef",
    "app_secret": SECRET,
    "token": TOKEN,
    "aes_key": AES,
    "templates": {"request.progress": FORM},
}


@pytest.fixture
async def admin(session: AsyncSession, town: Town, acting: As) -> Caller:
    return await acting(await a_worker(session, town.root, Role.ADMIN))


async def stored(session: AsyncSession) -> Account:
    session.expire_all()
    return (await session.scalars(select(Account))).one()


async def test_an_account_is_set_up_in_safe_mode(session: AsyncSession, admin: Caller) -> None:
    answer = await admin.post("/accounts", json=NEW)

    assert answer.status_code == 201, answer.text
    assert answer.json()["mode"] == "safe"
    assert answer.json()["templates"] == {"request.progress": FORM | {"kind": "template"}}
    account = await stored(session)
    assert (account.app_secret, account.token, account.aes_key) == (SECRET, TOKEN, AES)
    assert len(await facts(session, "account.added")) == 1


async def test_its_secrets_are_never_told(session: AsyncSession, admin: Caller) -> None:
    made = await admin.post("/accounts", json=NEW)
    path = f"/accounts/{made.json()['id']}"
    changed = await admin.patch(path, json={"app_secret": SECRET, "aes_key": "n" * 43})
    refused = await admin.patch(path, json={"token": f"{TOKEN}!"})

    answers = [made, changed, refused, await admin.get(path), await admin.get("/accounts")]

    for answer in answers:
        assert not {SECRET, TOKEN, AES, "n" * 43} & set(answer.text.split('"'))
        assert TOKEN not in answer.text
    assert refused.status_code == 422
    record = f"{await facts(session, 'account.added')} {await facts(session, 'account.changed')}"
    assert not any(secret in record for secret in (SECRET, TOKEN, AES))


async def test_its_secrets_are_locked_in_the_database(session: AsyncSession, admin: Caller) -> None:
    await admin.post("/accounts", json=NEW)

    raw = await session.connection()
    row = (await raw.exec_driver_sql("SELECT wechat_accounts::text FROM wechat_accounts")).scalar()

    assert not any(secret.encode().hex() in str(row) for secret in (SECRET, TOKEN, AES))
    assert not any(secret in str(row) for secret in (SECRET, TOKEN, AES))


async def test_a_new_aes_key_keeps_the_one_before(session: AsyncSession, admin: Caller) -> None:
    path = f"/accounts/{(await admin.post('/accounts', json=NEW)).json()['id']}"

    await admin.patch(path, json={"aes_key": "n" * 43})
    await admin.patch(path, json={"aes_key": "n" * 43, "name": "新名"})

    account = await stored(session)
    assert (account.aes_key, account.previous_aes_key) == ("n" * 43, AES)
    assert account.name == "新名"
    changes = [fact["fields"] for fact in await facts(session, "account.changed")]
    assert changes == [["aes_key"], ["aes_key", "name"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"aes_key": "short"},
        {"token": "no good"},
        {"mode": "secret"},
        {"slug": "Not A Slug"},
        {"templates": {"p" * 65: FORM}},
        {"templates": {f"p{n}": FORM for n in range(51)}},
        {"templates": {"notice": {"template_id": "tpl_1"}}},
        {"templates": {"notice": {"kind": "loud"}}},
        {"templates": {"notice": "tpl_1"}},
        {"previous_aes_key": "a" * 43},
        {"app_secret": ""},
    ],
)
async def test_what_the_platform_would_not_give_out_is_said_so(
    admin: Caller, wrong: dict[str, Any]
) -> None:
    answer = await admin.post("/accounts", json=NEW | wrong)

    assert answer.status_code == 422


async def test_without_an_aes_key_there_is_only_plain_mode(admin: Caller) -> None:
    bare = {key: value for key, value in NEW.items() if key != "aes_key"}

    refused = await admin.post("/accounts", json=bare)
    plain = await admin.post("/accounts", json=bare | {"mode": "plain"})

    assert refused.json()["type"] == "/problems/aes-key-needed"
    assert plain.status_code == 201
    safe = await admin.patch(f"/accounts/{plain.json()['id']}", json={"mode": "safe"})
    assert safe.status_code == 409


@pytest.mark.parametrize("other", [{"slug": "other"}, {"app_id": "wxother"}])
async def test_a_slug_and_an_app_id_are_taken_once(
    session: AsyncSession, elsewhere: Town, acting: As, admin: Caller, other: dict[str, str]
) -> None:
    stranger = await acting(await a_worker(session, elsewhere.root, Role.ADMIN))
    await admin.post("/accounts", json=NEW)

    answer = await stranger.post("/accounts", json=NEW | other)

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/account-taken")


async def test_an_administrator_of_a_part_sets_up_no_account(
    session: AsyncSession, town: Town, acting: As, admin: Caller
) -> None:
    made = (await admin.post("/accounts", json=NEW)).json()
    local = await acting(await a_worker(session, town.area, Role.ADMIN))

    assert (await local.get("/accounts")).status_code == 403
    assert (await local.get(f"/accounts/{made['id']}")).status_code == 404
    assert (await local.post("/accounts", json=NEW)).status_code == 403
