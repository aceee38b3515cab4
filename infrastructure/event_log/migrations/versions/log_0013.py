"""Auditors who look into the database itself: a role each that sees one tenant, changes nothing."""

from alembic import op

revision = "0013"
down_revision = "0012"

# Who is bound to which tenant. A role is found by its name alone, and is one of one tenant: the
# server has no two roles of one name.
TABLE = """
CREATE TABLE defter.auditors (
    tenant_id  uuid        NOT NULL,
    auditor    text        NOT NULL COLLATE "C",
    role       text        NOT NULL COLLATE "C",
    granted_at timestamptz NOT NULL DEFAULT now(),
    until      timestamptz,
    PRIMARY KEY (tenant_id, auditor),
    UNIQUE (tenant_id, role)
);
ALTER TABLE defter.auditors ENABLE ROW LEVEL SECURITY;
ALTER TABLE defter.auditors FORCE ROW LEVEL SECURITY;
CREATE POLICY directory ON defter.auditors TO defter_directory USING (true);
GRANT SELECT ON defter.auditors TO defter_directory;
"""

# Whoever logged in, whatever role or setting they took since: neither `session_user` nor this
# table is theirs to change. The clock, not the transaction's: a transaction left open ends too.
BINDING = """
DO $$ BEGIN
    CREATE ROLE defter_auditor NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
CREATE FUNCTION defter.audited_tenant() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT auditor.tenant_id FROM defter.auditors auditor
    WHERE auditor.role = session_user
      AND (auditor.until IS NULL OR auditor.until > clock_timestamp())
$$;
GRANT CREATE ON SCHEMA defter TO defter_directory;
ALTER FUNCTION defter.audited_tenant() OWNER TO defter_directory;
REVOKE CREATE ON SCHEMA defter FROM defter_directory;
REVOKE ALL ON FUNCTION defter.audited_tenant() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.audited_tenant() TO defter_auditor;
GRANT USAGE ON SCHEMA defter, read_models TO defter_auditor;
"""

SHOWN = ("events", "checkpoints", "refusals", "log_roots", "log_checkpoints")
"""All that is kept beside the read models and is shown; what is not named here is not."""

SHOWING = """
GRANT SELECT ON defter.{table} TO defter_auditor;
CREATE POLICY auditors ON defter.{table} FOR SELECT TO defter_auditor
    USING (tenant_id = (SELECT defter.audited_tenant()));
"""

# Those that are made from now on are shown where they are made.
READ_MODELS = """
DO $$ DECLARE model text; BEGIN
    FOR model IN SELECT tablename FROM pg_policies
        WHERE schemaname = 'read_models' AND policyname = 'tenants'
    LOOP
        EXECUTE format('GRANT SELECT ON read_models.%I TO defter_auditor', model);
        EXECUTE format('CREATE POLICY auditors ON read_models.%I FOR SELECT TO defter_auditor'
            ' USING (tenant_id = (SELECT defter.audited_tenant()))', model);
    END LOOP;
END $$;
"""


def upgrade() -> None:
    """Let auditors be bound to their tenants, and show them what is theirs to see."""
    op.execute(TABLE)
    op.execute(BINDING)
    for table in SHOWN:
        op.execute(SHOWING.format(table=table))
    op.execute("GRANT SELECT ON defter.events_json TO defter_auditor")
    op.execute(READ_MODELS)


def downgrade() -> None:
    """Refuse: auditors would be bound to nothing."""
    raise NotImplementedError("access is revoked, not forgotten")
