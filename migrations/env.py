"""How Alembic reaches the database and knows its tables."""

import re
from collections.abc import Iterable
from typing import Literal

from alembic import context
from alembic.operations.ops import ExecuteSQLOp, MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import TypeDecorator, create_engine, text

from app.core import database
from app.core.database import Table
from app.core.plugins import load_all, load_each

load_all("app.core")
load_each("app", "models")

MADE = re.compile(r"CREATE FUNCTION (\w+\(\))")
"""The function that a guard brings; it goes when the tables have gone."""
ONE_AT_A_TIME = 0x70616C6D
"""An advisory lock, so that several processes may migrate at start-up."""


def url() -> str:
    """The database in question: named by the caller, or the one of the settings."""
    given = context.config.get_main_option("sqlalchemy.url")
    return given or database.url()


def ours(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
    """Leave the job engine's tables to itself."""
    return not (kind == "table" and str(name).startswith("procrastinate_"))


def rendered(kind: str, object_: object, _context: object) -> str | Literal[False]:
    """Write our own types down as what they are in the database."""
    if kind != "type" or not isinstance(object_, TypeDecorator):
        return False
    own = type(object_).__module__.startswith("app.")
    return f"sa.{type(object_.impl).__name__}()" if own else False


def protect(
    _context: MigrationContext, _revision: object, directives: Iterable[MigrationScript]
) -> None:
    """Give every new table its triggers: append-only ones theirs, others what they ask for."""
    guards = {
        mapper.class_.__tablename__: mapper.class_.__guards__
        for mapper in Table.registry.mappers
        if hasattr(mapper.class_, "__guards__")
    }
    for script in directives:
        for operations in script.upgrade_ops_list:
            created = {getattr(op, "table_name", "") for op in operations.ops}
            for table in Table.metadata.sorted_tables:
                if table.name not in created:
                    continue
                if table.info.get("append_only"):
                    operations.ops.append(
                        ExecuteSQLOp(
                            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
                            f" ON {table.name} EXECUTE FUNCTION refuse_change()"
                        )
                    )
                for statement in guards.get(table.name, ()):
                    operations.ops.append(ExecuteSQLOp(statement))
                    if function := MADE.search(statement):
                        for taken_back in script.downgrade_ops_list:
                            taken_back.ops.append(ExecuteSQLOp(f"DROP FUNCTION {function[1]}"))


def run() -> None:
    """Run the migrations in one transaction."""
    engine = create_engine(url())
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Table.metadata,
            include_object=ours,
            compare_server_default=True,
            process_revision_directives=protect,
            render_item=rendered,
        )
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
            context.run_migrations()
    engine.dispose()


run()
