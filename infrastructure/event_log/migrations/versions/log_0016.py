"""Witnesses: which checkpoints each of them confirmed, and what it signed."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0016"
down_revision = "0015"

# A witness that keeps checkpoints without signing them (a file, a mailbox) has no line.
TABLE = """
CREATE TABLE defter.log_cosignatures (
    tenant_id    uuid        NOT NULL,
    witness      text        NOT NULL COLLATE "C",
    size         bigint      NOT NULL CHECK (size > 0),
    line         text,
    confirmed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, witness, size)
);
"""

APPEND_ONLY = """
GRANT SELECT, INSERT ON defter.log_cosignatures TO defter_app;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON defter.log_cosignatures
    FOR EACH STATEMENT EXECUTE FUNCTION defter.refuse_change();
ALTER TABLE defter.log_cosignatures ENABLE ALWAYS TRIGGER append_only;
"""

ISOLATION = """
ALTER TABLE defter.log_cosignatures ENABLE ROW LEVEL SECURITY;
ALTER TABLE defter.log_cosignatures FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants ON defter.log_cosignatures TO defter_app
    USING (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]))
    WITH CHECK (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]));
"""


def upgrade() -> None:
    """Make room for what witnesses say."""
    op.execute(TABLE)
    teach_planner(op.get_bind(), "defter.log_cosignatures")
    op.execute(APPEND_ONLY)
    op.execute(ISOLATION)


def downgrade() -> None:
    """Refuse: what witnesses signed is not taken back."""
    raise NotImplementedError("cosignatures are not taken back")
