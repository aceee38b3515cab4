"""The read models' tables, made by the owner of the database when it is migrated."""

from collections.abc import Iterable

from sqlalchemy import Connection, inspect, text
from sqlalchemy.schema import CreateIndex, CreateTable

from infrastructure.postgres.statistics import teach_planner
from projections.read_model import SCHEMA, ReadModel, ReadTable
from projections.read_models import READ_MODELS

_ISOLATION = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants ON {table} TO defter_app
    USING (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]))
    WITH CHECK (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]));
GRANT {rights} ON {table} TO defter_app;
CREATE POLICY auditors ON {table} FOR SELECT TO defter_auditor
    USING (tenant_id = (SELECT defter.audited_tenant()));
GRANT SELECT ON {table} TO defter_auditor;
"""

_STANDING = """
GRANT SELECT ON defter.checkpoints TO defter_directory;
DO $$ BEGIN
    CREATE POLICY directory ON defter.checkpoints FOR SELECT TO defter_directory USING (true);
EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT SELECT (recorded_at) ON defter.events TO defter_directory;
CREATE OR REPLACE FUNCTION read_models.behind(projections text[])
RETURNS TABLE (tenant_id uuid, projection text, "position" bigint, log_end bigint,
    parked_at timestamptz, parked_position bigint, error text, waiting_since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT log.tenant_id, v.projection, coalesce(c.position, 0), log.position,
        c.parked_at, c.parked_position, c.error, waiting.recorded_at
    FROM defter.log_ends() log
    CROSS JOIN unnest(projections) AS v(projection)
    LEFT JOIN defter.checkpoints c
      ON c.tenant_id = log.tenant_id AND c.projection = v.projection
    LEFT JOIN LATERAL (
        SELECT event.recorded_at FROM defter.events event
        WHERE event.tenant_id = log.tenant_id AND event.position = coalesce(c.position, 0) + 1
    ) waiting ON true
    WHERE coalesce(c.position, 0) < log.position OR c.error IS NOT NULL
$$;
"""
"""How far behind each projection of each tenant is, which is seen across tenants."""


def create_read_models(
    connection: Connection, read_models: Iterable[ReadModel] = READ_MODELS
) -> None:
    """Create the read models that are missing; those that are there are never touched."""
    _execute(connection, _STANDING)
    give_to_directory(connection, "read_models.behind(text[])")
    there = set(inspect(connection).get_table_names(SCHEMA))
    for read_model in read_models:
        if there.issuperset(table.name for table in read_model.tables):
            continue
        for table in read_model.tables:
            connection.execute(CreateTable(table.table))
            for index in sorted(table.table.indexes, key=lambda index: str(index.name)):
                connection.execute(CreateIndex(index))
            isolate(connection, table)
        for statement in read_model.ddl:
            _execute(connection, statement)
        for function in read_model.lookups:
            give_to_directory(connection, function)


def isolate(connection: Connection, table: ReadTable, *, schema: str = SCHEMA) -> None:
    """Keep tenants apart in a new table, and let the runtime role write it."""
    rights = "SELECT, INSERT" if table.append_only else "SELECT, INSERT, UPDATE, DELETE"
    name = f"{schema}.{table.name}"
    teach_planner(connection, name)
    _execute(connection, _ISOLATION.format(table=name, rights=rights))


def give_to_directory(connection: Connection, function: str) -> None:
    """Let a function see all tenants, and the runtime role call it."""
    _execute(
        connection,
        f"GRANT CREATE ON SCHEMA {SCHEMA} TO defter_directory;"
        f"ALTER FUNCTION {function} OWNER TO defter_directory;"
        f"REVOKE CREATE ON SCHEMA {SCHEMA} FROM defter_directory;"
        f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC;"
        f"GRANT EXECUTE ON FUNCTION {function} TO defter_app;",
    )


def _execute(connection: Connection, statements: str) -> None:
    connection.execute(text(statements.replace(":", "\\:")))
