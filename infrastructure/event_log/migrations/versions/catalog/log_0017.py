"""Images, videos and 3D models of products, each under the hash of its content."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0017"
down_revision = "0016"

# Media is compressed already, and what is stored as it is can be read in part.
TABLE = """
CREATE TABLE defter.assets (
    tenant_id    uuid        NOT NULL,
    sha256       text        NOT NULL COLLATE "C",
    content_type text        NOT NULL,
    content      bytea       NOT NULL,
    kept_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, sha256)
);
ALTER TABLE defter.assets ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX assets_content ON defter.assets (sha256);
"""

IMMUTABLE = """
ALTER TABLE defter.assets ADD CHECK (sha256 = encode(sha256(content), 'hex'));
GRANT SELECT, INSERT ON defter.assets TO defter_app;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON defter.assets
    FOR EACH STATEMENT EXECUTE FUNCTION defter.refuse_change();
ALTER TABLE defter.assets ENABLE ALWAYS TRIGGER append_only;
"""

ISOLATION = """
ALTER TABLE defter.assets ENABLE ROW LEVEL SECURITY;
ALTER TABLE defter.assets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants ON defter.assets TO defter_app
    USING (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]))
    WITH CHECK (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]));
"""

# A browser that loads an image sends no key. Whoever knows the hash knows what it is the hash of,
# so that it does not matter whose it is; nothing is listed, and the tenant is not told.
BY_HASH = """
GRANT SELECT (sha256, content_type, content) ON defter.assets TO defter_directory;
CREATE POLICY directory ON defter.assets FOR SELECT TO defter_directory USING (true);
CREATE FUNCTION defter.asset(wanted text, first integer, most integer)
RETURNS TABLE (content_type text, size integer, part bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT asset.content_type, octet_length(asset.content),
        substring(asset.content FROM first + 1 FOR most)
    FROM defter.assets asset WHERE asset.sha256 = wanted LIMIT 1
$$;
GRANT CREATE ON SCHEMA defter TO defter_directory;
ALTER FUNCTION defter.asset(text, integer, integer) OWNER TO defter_directory;
REVOKE CREATE ON SCHEMA defter FROM defter_directory;
REVOKE ALL ON FUNCTION defter.asset(text, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.asset(text, integer, integer) TO defter_app;
"""


def upgrade() -> None:
    """Make room for media."""
    op.execute(TABLE)
    teach_planner(op.get_bind(), "defter.assets")
    op.execute(IMMUTABLE)
    op.execute(ISOLATION)
    op.execute(BY_HASH)


def downgrade() -> None:
    """Refuse: what products show is not thrown away."""
    raise NotImplementedError("assets are not taken back")
