"""Files of products that staff give, and what became of each of their rows."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0019"
down_revision = "0018"

IMPORTS = """
CREATE TABLE defter.imports (
    tenant_id      uuid        NOT NULL,
    import_id      text        NOT NULL COLLATE "C",
    content        bytea       NOT NULL,
    sha256         text        NOT NULL,
    mode           text        NOT NULL,
    dry_run        boolean     NOT NULL,
    create_missing boolean     NOT NULL,
    may            text[]      NOT NULL,
    actor          text        NOT NULL,
    key_id         text,
    state          text        NOT NULL DEFAULT 'waiting',
    code           text,
    detail         text,
    rows           integer,
    done           integer     NOT NULL DEFAULT 0,
    created        integer     NOT NULL DEFAULT 0,
    updated        integer     NOT NULL DEFAULT 0,
    unchanged      integer     NOT NULL DEFAULT 0,
    refused        integer     NOT NULL DEFAULT 0,
    given_at       timestamptz NOT NULL DEFAULT now(),
    ended_at       timestamptz,
    PRIMARY KEY (tenant_id, import_id)
);
CREATE INDEX imports_given ON defter.imports (tenant_id, given_at);
GRANT SELECT, INSERT ON defter.imports TO defter_app;
GRANT UPDATE (state, code, detail, rows, done, created, updated, unchanged, refused, ended_at)
    ON defter.imports TO defter_app;
"""

ROWS = """
CREATE TABLE defter.import_rows (
    tenant_id  uuid    NOT NULL,
    import_id  text    NOT NULL COLLATE "C",
    row        integer NOT NULL,
    sku        text    NOT NULL,
    outcome    text    NOT NULL,
    product_id text,
    code       text,
    field      text,
    detail     text,
    PRIMARY KEY (tenant_id, import_id, row)
);
CREATE INDEX import_rows_refused ON defter.import_rows (tenant_id, import_id, row)
    WHERE outcome = 'refused';
GRANT SELECT, INSERT ON defter.import_rows TO defter_app;
"""

CHECKS = """
ALTER TABLE defter.imports
    ADD CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled'));
ALTER TABLE defter.import_rows
    ADD CHECK (outcome IN ('created', 'updated', 'unchanged', 'refused'));
"""

ISOLATION = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants ON {table} TO defter_app
    USING (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]))
    WITH CHECK (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]));
"""

# Rows go first, in steps; a file goes when none of its rows is left.
PRUNING = """
GRANT SELECT (tenant_id, import_id, given_at), DELETE ON defter.imports TO defter_directory;
GRANT SELECT (tenant_id, import_id, row), DELETE ON defter.import_rows TO defter_directory;
CREATE POLICY directory ON defter.imports TO defter_directory USING (true);
CREATE POLICY directory ON defter.import_rows TO defter_directory USING (true);
CREATE FUNCTION defter.prune_imports(most bigint) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH old AS (
        SELECT import.tenant_id, import.import_id
        FROM defter.log_head head CROSS JOIN LATERAL (
            SELECT given.tenant_id, given.import_id FROM defter.imports given
            WHERE given.tenant_id = head.tenant_id AND given.given_at < now() - interval '30 days'
        ) import
    ), rows_gone AS (
        DELETE FROM defter.import_rows result USING (
            SELECT one.tenant_id, one.import_id, one.row FROM old
            JOIN defter.import_rows one USING (tenant_id, import_id) LIMIT most
        ) gone
        WHERE result.tenant_id = gone.tenant_id AND result.import_id = gone.import_id
          AND result.row = gone.row
        RETURNING 1
    ), files_gone AS (
        DELETE FROM defter.imports import USING old
        WHERE import.tenant_id = old.tenant_id AND import.import_id = old.import_id
          AND NOT EXISTS (
            SELECT FROM defter.import_rows left_over
            WHERE left_over.tenant_id = old.tenant_id AND left_over.import_id = old.import_id)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM rows_gone) + (SELECT count(*) FROM files_gone)
$$;
GRANT CREATE ON SCHEMA defter TO defter_directory;
ALTER FUNCTION defter.prune_imports(bigint) OWNER TO defter_directory;
REVOKE CREATE ON SCHEMA defter FROM defter_directory;
REVOKE ALL ON FUNCTION defter.prune_imports(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.prune_imports(bigint) TO defter_app;
"""


def upgrade() -> None:
    """Make room for files and their results."""
    for table, create in (("defter.imports", IMPORTS), ("defter.import_rows", ROWS)):
        op.execute(create)
        teach_planner(op.get_bind(), table)
        op.execute(ISOLATION.format(table=table))
    op.execute(CHECKS)
    op.execute(PRUNING)


def downgrade() -> None:
    """Refuse: what became of rows would not be known any more."""
    raise NotImplementedError("imports are not taken back")
