"""What was refused to whom, kept beside the log for as long as an auditor may ask."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0011"
down_revision = "0010"

TABLE = """
CREATE TABLE defter.refusals (
    tenant_id    uuid        NOT NULL,
    at           timestamptz NOT NULL,
    refusal_id   uuid        NOT NULL,
    actor        text        NOT NULL COLLATE "C",
    key_id       text        COLLATE "C",
    on_behalf_of text        COLLATE "C",
    method       text        NOT NULL,
    route        text        NOT NULL COLLATE "C",
    status       smallint    NOT NULL,
    code         text        NOT NULL COLLATE "C",
    request_id   text        NOT NULL COLLATE "C",
    address_hash text        NOT NULL COLLATE "C",
    tried_hash   text        COLLATE "C",
    PRIMARY KEY (tenant_id, at, refusal_id)
);
CREATE INDEX refusals_actor ON defter.refusals (tenant_id, actor, at);
GRANT SELECT, INSERT ON defter.refusals TO defter_app;
"""

APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON defter.refusals
    FOR EACH STATEMENT EXECUTE FUNCTION defter.refuse_change();
CREATE FUNCTION defter.keep_refusals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at > now() - interval '400 days' THEN
        RAISE EXCEPTION 'only refusals older than 400 days are pruned'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_refusals BEFORE DELETE ON defter.refusals
    FOR EACH ROW EXECUTE FUNCTION defter.keep_refusals();
ALTER TABLE defter.refusals ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE defter.refusals ENABLE ALWAYS TRIGGER keep_refusals;
"""

ISOLATION = """
ALTER TABLE defter.refusals ENABLE ROW LEVEL SECURITY;
ALTER TABLE defter.refusals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants ON defter.refusals TO defter_app
    USING (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]))
    WITH CHECK (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]));
"""

PRUNING = """
GRANT SELECT (tenant_id, at, refusal_id), DELETE ON defter.refusals TO defter_directory;
CREATE POLICY directory ON defter.refusals TO defter_directory
    USING (at < now() - interval '400 days');
CREATE FUNCTION defter.prune_old_refusals(most bigint) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH old AS (
        SELECT refusal.tenant_id, refusal.at, refusal.refusal_id
        FROM defter.log_head head CROSS JOIN LATERAL (
            SELECT refusal.tenant_id, refusal.at, refusal.refusal_id FROM defter.refusals refusal
            WHERE refusal.tenant_id = head.tenant_id AND refusal.at < now() - interval '400 days'
            LIMIT most
        ) refusal
        LIMIT most
    ), gone AS (
        DELETE FROM defter.refusals refusal USING old
        WHERE refusal.tenant_id = old.tenant_id AND refusal.at = old.at
          AND refusal.refusal_id = old.refusal_id
        RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
GRANT CREATE ON SCHEMA defter TO defter_directory;
ALTER FUNCTION defter.prune_old_refusals(bigint) OWNER TO defter_directory;
REVOKE CREATE ON SCHEMA defter FROM defter_directory;
REVOKE ALL ON FUNCTION defter.prune_old_refusals(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.prune_old_refusals(bigint) TO defter_app;
"""


def upgrade() -> None:
    """Make room for what is refused."""
    op.execute(TABLE)
    teach_planner(op.get_bind(), "defter.refusals")
    op.execute(APPEND_ONLY)
    op.execute(ISOLATION)
    op.execute(PRUNING)


def downgrade() -> None:
    """Refuse: what an auditor may ask for is not thrown away."""
    raise NotImplementedError("refusals are not taken back")
