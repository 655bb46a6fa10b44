"""Setting a house up by hand, as an operator does."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from app.cli.root import cli
from app.core import calendar, clock, migrations, postgres
from app.core import database as db
from app.core.settings import settings
from app.people.access import permissions

Palm = Callable[..., Result]
COMMUNITY = ("--name", "伊伊小区", "--town", "ZJ镇", "--admin", "李敏", "--password", "long enough")
SECRET = "app-secret-of-nobody"


@pytest.fixture
def palm(database: str, monkeypatch: pytest.MonkeyPatch) -> Palm:
    """The command line, on a database of the test's own, whose server is hasty on purpose."""
    monkeypatch.setenv("PALM_DATABASE_URL", database)
    monkeypatch.setattr(db, "durable", answering)
    settings.cache_clear()

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, words, catch_exceptions=False)

    return run


@pytest.fixture
def founded(palm: Palm) -> Palm:
    """A command line in a house with one community."""
    assert palm("community", "add", "yiyi", *COMMUNITY).exit_code == 0
    return palm


async def answering(engine: AsyncEngine) -> None:
    """Ask no more of a server than that it answers."""
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


def rows(database: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        return connection.execute(query.encode()).fetchall()


def test_a_community_is_founded_with_its_administrator_and_categories(
    founded: Palm, database: str
) -> None:
    assert rows(database, "SELECT slug, name FROM communities") == [("yiyi", "伊伊小区")]
    assert rows(database, "SELECT login FROM credentials") == [("admin",)]
    assert rows(database, "SELECT count(*) > 20 FROM service_categories") == [(True,)]


def test_a_slug_that_is_taken_is_said_in_a_line(founded: Palm, database: str) -> None:
    again = founded("community", "add", "yiyi", *COMMUNITY)

    assert again.exit_code == 1
    assert again.output.startswith("error: ")
    assert "Traceback" not in again.output
    assert rows(database, "SELECT count(*) FROM communities") == [(1,)]


def test_an_unknown_community_is_said_in_a_line(palm: Palm) -> None:
    answer = palm("key", "add", "hub", "--community", "nowhere")

    assert (answer.exit_code, answer.output[:7]) == (1, "error: ")


def test_an_account_is_connected_and_what_wechat_needs_is_printed(
    founded: Palm, database: str
) -> None:
    words = ("--community", "yiyi", "--name", "掌上伊伊", "--app-id", "wx1")
    made = founded("account", "add", "main", *words, "--app-secret", SECRET, "--json")

    told = json.loads(made.output)
    assert told["URL"].endswith("/wechat/main")
    assert len(told["EncodingAESKey"]) == 43
    (stored,) = rows(database, "SELECT app_secret, token, mode FROM wechat_accounts")
    assert SECRET.encode() not in stored[0]
    assert told["Token"].encode() not in stored[1]
    assert stored[2] == "safe"


def test_staff_hold_their_role_where_they_were_given_it(founded: Palm, database: str) -> None:
    words = ("--community", "yiyi", "--name", "王强", "--role", "staff", "--speciality", "law")
    made = founded("staff", "add", "wang", *words, "--password", "long enough")
    unplaced = founded("staff", "add", "li", *words, "--password", "long enough", "--at", "/X/")

    assert (made.exit_code, unplaced.exit_code) == (0, 1)
    held = "SELECT role, speciality FROM posts WHERE role <> 'admin'"
    assert rows(database, held) == [("staff", "law")]


def test_a_key_is_shown_once_and_only_its_digest_kept(founded: Palm, database: str) -> None:
    key = json.loads(founded("key", "add", "hub", "--community", "yiyi", "--json").output)["key"]

    (stored,) = rows(database, "SELECT digest FROM tokens")
    assert key.startswith("palm_ak_")
    assert key.encode() not in stored[0]


def test_a_list_of_residents_is_read_whole_or_not_at_all(
    founded: Palm, database: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("楼栋,单元,房号,姓名,电话,关系\n99,1,101,张三,13800138000,业主\n")
    answer = founded("import", "residents", str(wrong), "--community", "yiyi")

    assert answer.exit_code == 1
    assert rows(database, "SELECT count(*) FROM residences") == [(0,)]


def test_a_list_of_owners_is_read_whole_or_not_at_all(
    founded: Palm, database: str, tmp_path: Path
) -> None:
    listed = tmp_path / "owners.csv"
    listed.write_text("楼栋,房号,业主,面积\n99,101,张三,89.50\n")
    wrong = founded("import", "owners", str(listed), "--community", "yiyi")
    listed.write_text("楼栋,房号,业主,面积\n")
    nothing = founded("import", "owners", str(listed), "--community", "yiyi", "--json")

    assert wrong.exit_code == 1
    assert rows(database, "SELECT count(*) FROM owners") == [(0,)]
    counts = json.loads(nothing.output)
    assert counts == {"rows": 0, "owners": 0, "people": 0, "deeds": 0, "changed": 0}


def test_the_table_of_permissions_is_complete(palm: Palm) -> None:
    table = json.loads(palm("permissions", "--json").output)

    assert [row["permission"] for row in table] == [each.name for each in permissions()]
    assert all(row["allows"] and row["roles"] for row in table)
    assert "service_requests.assign" in palm("permissions").output.replace("\n", "")


def test_what_a_program_reads_is_nothing_but_json() -> None:
    command = [sys.executable, "-m", "app.cli", "permissions", "--json"]
    printed = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - ours

    assert json.loads(printed)


def test_migrating_says_where_the_database_is(palm: Palm) -> None:
    assert palm("migrate").output.strip() == f"at revision {migrations.newest()}"


def test_the_doctor_warns_of_an_account_that_is_not_in_safe_mode(
    founded: Palm, database: str
) -> None:
    words = ("--community", "yiyi", "--name", "掌上伊伊", "--app-id", "wx1", "--mode", "plain")
    founded("account", "add", "main", *words, "--app-secret", SECRET)
    found = {row["what"]: row for row in json.loads(founded("doctor", "--json").output)}

    assert found["database"]["state"] == "ok"
    assert found["account main"]["state"] == "warning"
    assert found["worker"]["state"] == "warning"


def test_the_doctor_says_of_which_year_the_holidays_are_not_known(
    founded: Palm, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(newest: int) -> str:
        monkeypatch.setattr(calendar, "known", lambda year: year <= newest)
        rows = {row["what"]: row for row in json.loads(founded("doctor", "--json").output)}
        return f"{rows['working days']['state']}: {rows['working days']['advice']}"

    clock.shift(datetime(2026, 11, 30, tzinfo=UTC) - datetime.now(UTC))
    assert found(2027) == "ok: "
    assert found(2026).startswith("warning: the official calendar of 2027 is not known yet")
    clock.shift(datetime(2026, 6, 1, tzinfo=UTC) - datetime.now(UTC))
    assert found(2026) == "ok: "


def test_the_doctor_finds_a_database_that_was_not_migrated(founded: Palm, database: str) -> None:
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    answer = founded("doctor", "--json")

    assert answer.exit_code == 1
    found = {row["what"]: row["state"] for row in json.loads(answer.output)}
    assert found["migrations"] == "wrong"


def test_a_server_that_may_lose_something_is_refused(
    palm: Palm, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def losing(_engine: AsyncEngine) -> None:
        message = "fsync is off"
        raise postgres.NotDurable(message)

    monkeypatch.setattr(db, "durable", losing)

    assert palm("migrate").exit_code == 1
    assert palm("migrate").output.strip() == "error: fsync is off"
    assert palm("doctor").exit_code == 1


def test_a_database_that_is_away_is_said_in_a_line(
    palm: Palm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALM_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    settings.cache_clear()
    answer = palm("migrate")

    assert (answer.exit_code, answer.output[:7]) == (1, "error: ")
