"""Persons are found by words that are kept as keyed hashes alone."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0010"
down_revision = "0009"

TABLE = """
CREATE TABLE defter.person_tokens (
    tenant_id uuid   NOT NULL,
    token     bigint NOT NULL,
    person_id text   NOT NULL COLLATE "C",
    PRIMARY KEY (tenant_id, token, person_id)
);
CREATE INDEX person_tokens_person ON defter.person_tokens (tenant_id, person_id);
"""

RIGHTS = """
GRANT SELECT, INSERT, DELETE ON defter.person_tokens TO defter_app;
ALTER TABLE defter.person_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE defter.person_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants ON defter.person_tokens TO defter_app
    USING (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]))
    WITH CHECK (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]));
"""


def upgrade() -> None:
    """Make room for the index; `defter customers reindex` fills it for who is known already."""
    op.execute(TABLE)
    teach_planner(op.get_bind(), "defter.person_tokens")
    op.execute(RIGHTS)


def downgrade() -> None:
    """Drop the index, which can be made again."""
    op.execute("DROP TABLE defter.person_tokens")
