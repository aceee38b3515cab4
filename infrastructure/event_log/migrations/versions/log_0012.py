"""Sealing: roots over the log, the checkpoints that were signed, and the keys that sign them."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0012"
down_revision = "0011"

TABLES = """
CREATE TABLE defter.log_roots (
    tenant_id uuid     NOT NULL,
    level     smallint NOT NULL CHECK (level > 0),
    number    bigint   NOT NULL CHECK (number >= 0),
    root      bytea    NOT NULL,
    PRIMARY KEY (tenant_id, level, number)
);
CREATE TABLE defter.log_checkpoints (
    tenant_id uuid        NOT NULL,
    size      bigint      NOT NULL CHECK (size > 0),
    root      bytea       NOT NULL,
    note      text        NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, size)
);
"""

TENANT_TABLES = ("log_roots", "log_checkpoints")

APPEND_ONLY = """
ALTER TABLE defter.{table} ADD CHECK (octet_length(root) = 32);
GRANT SELECT, INSERT ON defter.{table} TO defter_app;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON defter.{table}
    FOR EACH STATEMENT EXECUTE FUNCTION defter.refuse_change();
ALTER TABLE defter.{table} ENABLE ALWAYS TRIGGER append_only;
"""

ISOLATION = """
ALTER TABLE defter.{table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE defter.{table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants ON defter.{table} TO defter_app
    USING (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]))
    WITH CHECK (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]));
"""

# A key signs for one use: a token can never be taken for a checkpoint, nor the other way round.
KEYS = """
ALTER TABLE defter.signing_keys ADD COLUMN use text NOT NULL DEFAULT 'token'
    CHECK (use IN ('token', 'checkpoint'));
"""


def upgrade() -> None:
    """Make room for what is sealed."""
    op.execute(TABLES)
    for table in TENANT_TABLES:
        teach_planner(op.get_bind(), f"defter.{table}")
        op.execute(APPEND_ONLY.format(table=table))
        op.execute(ISOLATION.format(table=table))
    op.execute(KEYS)


def downgrade() -> None:
    """Refuse: what was signed is not taken back."""
    raise NotImplementedError("checkpoints are not taken back")
