"""Logging in: what is kept beside the log, because it is secret and has no place in an event."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0006"
down_revision = "0005"

TABLES = """
CREATE TABLE defter.credentials (
    tenant_id     uuid        NOT NULL,
    person_id     text        NOT NULL COLLATE "C",
    password_hash text        NOT NULL,
    set_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, person_id)
);
CREATE TABLE defter.refresh_tokens (
    tenant_id  uuid        NOT NULL,
    token_hash text        NOT NULL COLLATE "C",
    person_id  text        NOT NULL COLLATE "C",
    session_id text        NOT NULL COLLATE "C",
    issued_at  timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (tenant_id, token_hash)
);
CREATE INDEX refresh_tokens_session ON defter.refresh_tokens (tenant_id, session_id);
CREATE INDEX refresh_tokens_person ON defter.refresh_tokens (tenant_id, person_id);
CREATE TABLE defter.mailed_links (
    tenant_id  uuid        NOT NULL,
    token_hash text        NOT NULL COLLATE "C",
    purpose    text        NOT NULL,
    person_id  text        NOT NULL COLLATE "C",
    login_key  text        NOT NULL COLLATE "C",
    made_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (tenant_id, token_hash)
);
CREATE INDEX mailed_links_person ON defter.mailed_links (tenant_id, person_id);
CREATE TABLE defter.login_attempts (
    tenant_id uuid        NOT NULL,
    who       text        NOT NULL COLLATE "C",
    failures  int         NOT NULL,
    failed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, who)
);
CREATE INDEX login_attempts_old ON defter.login_attempts (tenant_id, failed_at);
CREATE TABLE defter.signing_keys (
    tenant_id  uuid        NOT NULL,
    kid        text        NOT NULL COLLATE "C",
    public_key text        NOT NULL,
    wrapped    bytea       NOT NULL,
    master_key text        NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    PRIMARY KEY (tenant_id, kid)
);
"""

TENANT_TABLES = ("credentials", "refresh_tokens", "mailed_links", "login_attempts", "signing_keys")

RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON defter.credentials, defter.refresh_tokens,
    defter.mailed_links, defter.login_attempts TO defter_app;
GRANT SELECT, INSERT, UPDATE (retired_at) ON defter.signing_keys TO defter_app;
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

# Who asks is checked before any tenant is known to this process, and for many tenants at once.
VERSIONS = """
GRANT SELECT (tenant_id, stream, version) ON defter.events TO defter_directory;
CREATE FUNCTION defter.stream_versions(tenants uuid[], streams text[])
RETURNS TABLE (version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((
        SELECT event.version FROM defter.events event
        WHERE event.tenant_id = asked.tenant_id AND event.stream = asked.stream
        ORDER BY event.version DESC LIMIT 1
    ), 0)
    FROM unnest(tenants, streams) WITH ORDINALITY AS asked (tenant_id, stream, n) ORDER BY asked.n
$$;
GRANT CREATE ON SCHEMA defter TO defter_directory;
ALTER FUNCTION defter.stream_versions(uuid[], text[]) OWNER TO defter_directory;
REVOKE CREATE ON SCHEMA defter FROM defter_directory;
REVOKE ALL ON FUNCTION defter.stream_versions(uuid[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.stream_versions(uuid[], text[]) TO defter_app;
"""


def upgrade() -> None:
    """Make room for secrets, and let the edge ask how far streams have come."""
    op.execute(TABLES)
    for table in TENANT_TABLES:
        teach_planner(op.get_bind(), f"defter.{table}")
    op.execute(RIGHTS)
    for table in TENANT_TABLES:
        op.execute(ISOLATION.format(table=table))
    op.execute(VERSIONS)


def downgrade() -> None:
    """Refuse: nobody could log in any more."""
    raise NotImplementedError("passwords are not thrown away")
