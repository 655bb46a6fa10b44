"""The migrations lead to exactly the tables that the code declares, and back."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine

from app.core import migrations
from app.core.database import Table
from tests.conftest import administer, named

CATALOGUE = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text !~ '^procrastinate_'
UNION ALL
SELECT tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename !~ '^procrastinate_'
UNION ALL
SELECT table_name, column_name,
    concat_ws(' ', data_type, is_nullable, column_default, collation_name)
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name !~ '^procrastinate_'
"""


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    name = f"palm_empty_{uuid4().hex}"
    administer(server, f"CREATE DATABASE {name}")
    yield named(server, name)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def catalogue(url: str) -> set[tuple[str, ...]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute(CATALOGUE.encode()).fetchall()
    return {row for row in rows if row[0] != "alembic_version"}


def test_the_migrated_tables_are_those_of_the_code(database: str, empty: str) -> None:
    engine = create_engine(empty)
    Table.metadata.create_all(engine)
    engine.dispose()

    assert catalogue(database) == catalogue(empty)


def test_nothing_is_left_to_migrate(database: str) -> None:
    command.check(migrations.config(database))


def test_every_step_can_be_taken_back_and_taken_again(empty: str) -> None:
    migrations.upgrade(empty)
    before = catalogue(empty)
    command.downgrade(migrations.config(empty), "base")
    assert not catalogue(empty)
    migrations.upgrade(empty)
    assert catalogue(empty) == before
