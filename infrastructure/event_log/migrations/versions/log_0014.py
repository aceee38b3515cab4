"""Snapshots that stay, so that how a long stream once stood is told without folding all of it."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0014"
down_revision = "0013"

TABLE = """
CREATE TABLE defter.milestones (
    tenant_id    uuid   NOT NULL,
    stream       text   NOT NULL COLLATE "C",
    version      bigint NOT NULL,
    fold_version int    NOT NULL,
    state        bytea  NOT NULL,
    PRIMARY KEY (tenant_id, stream, fold_version, version)
);
GRANT SELECT, INSERT ON defter.milestones TO defter_app;
"""

ISOLATION = """
ALTER TABLE defter.milestones ENABLE ROW LEVEL SECURITY;
ALTER TABLE defter.milestones FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants ON defter.milestones TO defter_app
    USING (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]))
    WITH CHECK (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]));
"""


def upgrade() -> None:
    """Make room; streams of before fill it from their next thousand events on."""
    op.execute(TABLE)
    teach_planner(op.get_bind(), "defter.milestones")
    op.execute(ISOLATION)


def downgrade() -> None:
    """Drop them: they are a cache."""
    op.execute("DROP TABLE defter.milestones")
