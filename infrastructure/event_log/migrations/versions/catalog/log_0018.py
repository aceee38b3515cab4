"""What searching needs: close words, indexes of a tenant's words, terms that were asked."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0018"
down_revision = "0017"

# Both are trusted extensions: whoever may create schemas in a database may create them. Functions
# that see all tenants look for them in this schema, where nobody else can put anything.
EXTENSION = """
CREATE EXTENSION IF NOT EXISTS {name} SCHEMA defter;
DO $$ BEGIN
    IF (SELECT extnamespace <> 'defter'::regnamespace FROM pg_extension WHERE extname = '{name}')
    THEN ALTER EXTENSION {name} SET SCHEMA defter; END IF;
END $$;
"""

TERMS = """
CREATE TABLE defter.search_terms (
    tenant_id  uuid   NOT NULL,
    day        date   NOT NULL,
    term       text   NOT NULL COLLATE "C",
    asked      bigint NOT NULL,
    found_none bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, term)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON defter.search_terms TO defter_app;
"""

# `term_hash` tells whether somebody asked the same again; the term is sealed with their key.
RECENT = """
CREATE TABLE defter.search_recent (
    tenant_id uuid        NOT NULL,
    person_id text        NOT NULL COLLATE "C",
    term_hash text        NOT NULL COLLATE "C",
    sealed    text        NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id, term_hash)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON defter.search_recent TO defter_app;
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


def upgrade() -> None:
    """Make room for what is asked."""
    for name in ("pg_trgm", "btree_gin"):
        op.execute(EXTENSION.format(name=name))
    for table, create in (("defter.search_terms", TERMS), ("defter.search_recent", RECENT)):
        op.execute(create)
        teach_planner(op.get_bind(), table)
        op.execute(ISOLATION.format(table=table))


def downgrade() -> None:
    """Refuse: what customers keep is not thrown away."""
    raise NotImplementedError("what was asked is not taken back")
