"""The job engine's tables, and the function that makes a table append-only."""

from alembic import op
from procrastinate import App, PsycopgConnector

revision: str = "0001"
down_revision: str | None = None

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of %% are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$
"""


def upgrade() -> None:
    """Apply the schema that the pinned release of procrastinate ships."""
    schema = App(connector=PsycopgConnector()).schema_manager.get_schema()
    connection = op.get_bind()
    connection.exec_driver_sql(schema.replace("%", "%%"))
    connection.exec_driver_sql(REFUSE_CHANGE)


def downgrade() -> None:
    """Drop everything the engine made: its tables, types and functions share a prefix."""
    connection = op.get_bind()
    connection.exec_driver_sql("DROP FUNCTION refuse_change()")
    connection.exec_driver_sql(DROP_ENGINE)


DROP_ENGINE = """
DO $$
DECLARE thing record;
BEGIN
    FOR thing IN SELECT oid::regclass AS name FROM pg_class
        WHERE relkind = 'r' AND relname LIKE 'procrastinate\\_%%' LOOP
        EXECUTE format('DROP TABLE IF EXISTS %%s CASCADE', thing.name);
    END LOOP;
    FOR thing IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE proname LIKE 'procrastinate\\_%%' LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %%s CASCADE', thing.name);
    END LOOP;
    FOR thing IN SELECT oid::regtype AS name FROM pg_type
        WHERE typname LIKE 'procrastinate\\_%%' AND typtype IN ('e', 'c') LOOP
        EXECUTE format('DROP TYPE IF EXISTS %%s CASCADE', thing.name);
    END LOOP;
END $$
"""
