"""The log: heads, events, commands, claims, snapshots, keys of persons, checkpoints."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE defter.log_head (
    tenant_id uuid PRIMARY KEY
);
CREATE TABLE defter.events (
    tenant_id   uuid        NOT NULL,
    position    bigint      NOT NULL CHECK (position > 0),
    event_id    uuid        NOT NULL,
    stream      text        NOT NULL COLLATE "C",
    version     bigint      NOT NULL CHECK (version > 0),
    type        text        NOT NULL COLLATE "C",
    schema      smallint    NOT NULL,
    data        bytea       NOT NULL,
    meta        bytea       NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, position),
    UNIQUE (tenant_id, stream, version)
);
CREATE TABLE defter.commands (
    tenant_id    uuid        NOT NULL,
    command_id   uuid        NOT NULL,
    request_hash bytea       NOT NULL,
    refused      boolean     NOT NULL,
    outcome      bytea       NOT NULL,
    position     bigint      NOT NULL,
    actor        text        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, command_id)
);
CREATE INDEX commands_refused ON defter.commands (tenant_id, recorded_at) WHERE refused;
CREATE TABLE defter.claims (
    tenant_id uuid NOT NULL,
    kind      text NOT NULL COLLATE "C",
    key       text NOT NULL COLLATE "C",
    owner     text NOT NULL COLLATE "C",
    PRIMARY KEY (tenant_id, kind, key)
);
CREATE TABLE defter.snapshots (
    tenant_id    uuid   NOT NULL,
    stream       text   NOT NULL COLLATE "C",
    version      bigint NOT NULL,
    fold_version int    NOT NULL,
    state        bytea  NOT NULL,
    PRIMARY KEY (tenant_id, stream)
);
CREATE TABLE defter.subject_keys (
    tenant_id  uuid        NOT NULL,
    subject    text        NOT NULL COLLATE "C",
    wrapped    bytea       NOT NULL,
    master_key text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, subject)
);
CREATE TABLE defter.checkpoints (
    tenant_id  uuid   NOT NULL,
    projection text   NOT NULL COLLATE "C",
    position   bigint NOT NULL DEFAULT 0,
    parked_at  timestamptz,
    parked_position bigint,
    error      text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, projection)
);
CREATE VIEW defter.events_json WITH (security_invoker = true) AS
SELECT tenant_id, position, event_id, stream, version, type, schema,
       convert_from(data, 'UTF8')::jsonb AS data, convert_from(meta, 'UTF8')::jsonb AS meta,
       recorded_at
FROM defter.events;
"""

ROLES = """
DO $$ BEGIN
    CREATE ROLE defter_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN
    CREATE ROLE defter_directory NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN
    IF NOT pg_has_role(current_user, 'defter_app', 'MEMBER') THEN
        GRANT defter_app TO current_user;
    END IF;
    IF NOT pg_has_role(current_user, 'defter_directory', 'MEMBER') THEN
        GRANT defter_directory TO current_user;
    END IF;
END $$;
DO $$ BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_db_role_setting WHERE setrole = 'defter_app'::regrole AND setdatabase = 0
        AND setconfig @> ARRAY[
            'lock_timeout=2s', 'idle_in_transaction_session_timeout=2s', 'synchronous_commit=on'
        ]
    ) THEN
        ALTER ROLE defter_app SET lock_timeout = '2s';
        ALTER ROLE defter_app SET idle_in_transaction_session_timeout = '2s';
        ALTER ROLE defter_app SET synchronous_commit = on;
    END IF;
END $$;
GRANT USAGE ON SCHEMA defter, read_models TO defter_app, defter_directory;
GRANT SELECT, UPDATE ON defter.log_head TO defter_app;
GRANT INSERT ON defter.log_head TO defter_app;
GRANT SELECT, INSERT ON defter.events, defter.commands, defter.subject_keys TO defter_app;
GRANT SELECT ON defter.events_json TO defter_app;
GRANT SELECT, INSERT, DELETE ON defter.claims TO defter_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON defter.snapshots, defter.checkpoints TO defter_app;
GRANT SELECT ON defter.log_head TO defter_directory;
GRANT SELECT (tenant_id, position) ON defter.events TO defter_directory;
"""

APPEND_ONLY = """
CREATE FUNCTION defter.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON defter.events
    FOR EACH STATEMENT EXECUTE FUNCTION defter.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON defter.commands
    FOR EACH STATEMENT EXECUTE FUNCTION defter.refuse_change();
CREATE FUNCTION defter.keep_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT OLD.refused OR OLD.recorded_at > now() - interval '7 days' THEN
        RAISE EXCEPTION 'only refusals older than 7 days are pruned'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_accepted BEFORE DELETE ON defter.commands
    FOR EACH ROW EXECUTE FUNCTION defter.keep_accepted();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON defter.log_head
    FOR EACH STATEMENT EXECUTE FUNCTION defter.refuse_change();
-- Always: a superuser's session_replication_role switches ordinary triggers off.
ALTER TABLE defter.events ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE defter.commands ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE defter.commands ENABLE ALWAYS TRIGGER keep_accepted;
ALTER TABLE defter.log_head ENABLE ALWAYS TRIGGER append_only;
"""

TENANT_TABLES = (
    "log_head",
    "events",
    "commands",
    "claims",
    "snapshots",
    "subject_keys",
    "checkpoints",
)

ISOLATION = """
ALTER TABLE defter.{table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE defter.{table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants ON defter.{table} TO defter_app
    USING (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]))
    WITH CHECK (tenant_id = ANY
        ((SELECT nullif(current_setting('app.tenants', true), '')::uuid[])::uuid[]));
"""

PRUNING = """
GRANT SELECT (tenant_id, command_id, refused, recorded_at), DELETE ON defter.commands
    TO defter_directory;
CREATE POLICY directory ON defter.commands TO defter_directory
    USING (refused AND recorded_at < now() - interval '7 days');
CREATE FUNCTION defter.prune_refusals(most bigint) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH old AS (
        SELECT refusal.tenant_id, refusal.command_id
        FROM defter.log_head head CROSS JOIN LATERAL (
            SELECT tenant_id, command_id FROM defter.commands command
            WHERE command.tenant_id = head.tenant_id AND refused
              AND recorded_at < now() - interval '7 days'
            LIMIT most
        ) refusal
        LIMIT most
    ), gone AS (
        DELETE FROM defter.commands command USING old
        WHERE command.tenant_id = old.tenant_id AND command.command_id = old.command_id
        RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
"""

DIRECTORY = """
CREATE POLICY directory ON defter.log_head FOR SELECT TO defter_directory USING (true);
CREATE POLICY directory ON defter.events FOR SELECT TO defter_directory USING (true);
CREATE FUNCTION defter.log_ends() RETURNS TABLE (tenant_id uuid, "position" bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT head.tenant_id, coalesce(last.position, 0)
    FROM defter.log_head head LEFT JOIN LATERAL (
        SELECT event.position FROM defter.events event
        WHERE event.tenant_id = head.tenant_id ORDER BY event.position DESC LIMIT 1
    ) last ON true
$$;
GRANT CREATE ON SCHEMA defter TO defter_directory;
ALTER FUNCTION defter.log_ends() OWNER TO defter_directory;
ALTER FUNCTION defter.prune_refusals(bigint) OWNER TO defter_directory;
REVOKE CREATE ON SCHEMA defter FROM defter_directory;
REVOKE ALL ON FUNCTION defter.log_ends(), defter.prune_refusals(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.log_ends(), defter.prune_refusals(bigint) TO defter_app;
"""


def upgrade() -> None:
    """Build the log."""
    op.execute(TABLES)
    for table in TENANT_TABLES:
        teach_planner(op.get_bind(), f"defter.{table}")
    op.execute(ROLES)
    op.execute(APPEND_ONLY)
    for table in TENANT_TABLES:
        op.execute(ISOLATION.format(table=table))
    op.execute(PRUNING)
    op.execute(DIRECTORY)


def downgrade() -> None:
    """Refuse: a log is never taken back."""
    raise NotImplementedError("an event log is not taken back")
