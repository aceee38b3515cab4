"""Effects and timers: what processes filed to be done, beside their checkpoints."""

from alembic import op

from infrastructure.postgres.statistics import teach_planner

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE defter.effects (
    tenant_id    uuid        NOT NULL,
    effect_id    uuid        NOT NULL,
    effect       text        NOT NULL COLLATE "C",
    target       text        NOT NULL COLLATE "C",
    event_id     uuid        NOT NULL,
    position     bigint      NOT NULL,
    state        text        NOT NULL DEFAULT 'waiting',
    attempts     int         NOT NULL DEFAULT 0,
    forgiven     int         NOT NULL DEFAULT 0,
    next_at      timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz,
    told         text,
    filed_at     timestamptz NOT NULL DEFAULT now(),
    settled_at   timestamptz,
    PRIMARY KEY (tenant_id, effect_id)
);
CREATE INDEX effects_waiting ON defter.effects (tenant_id, next_at) WHERE state = 'waiting';
CREATE INDEX effects_dead ON defter.effects (tenant_id, settled_at) WHERE state = 'dead';
CREATE INDEX effects_target ON defter.effects (tenant_id, effect, target, position);
CREATE TABLE defter.effect_attempts (
    tenant_id    uuid        NOT NULL,
    effect_id    uuid        NOT NULL,
    attempt      int         NOT NULL,
    succeeded    boolean     NOT NULL,
    told         text        NOT NULL,
    milliseconds int         NOT NULL,
    ended_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, effect_id, attempt)
);
CREATE TABLE defter.timers (
    tenant_id uuid        NOT NULL,
    timer     text        NOT NULL COLLATE "C",
    key       text        NOT NULL COLLATE "C",
    due_at    timestamptz NOT NULL,
    try_at    timestamptz NOT NULL,
    event_id  uuid        NOT NULL,
    error     text,
    PRIMARY KEY (tenant_id, timer, key)
);
CREATE INDEX timers_due ON defter.timers (tenant_id, try_at);
"""

TENANT_TABLES = ("effects", "effect_attempts", "timers")

RIGHTS = """
ALTER TABLE defter.effects ADD CHECK (state IN ('waiting', 'done', 'dead', 'discarded'));
GRANT SELECT, INSERT, UPDATE ON defter.effects TO defter_app;
GRANT SELECT, INSERT ON defter.effect_attempts TO defter_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON defter.timers TO defter_app;
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

DIRECTORY = """
GRANT SELECT, UPDATE (next_at) ON defter.effects TO defter_directory;
GRANT SELECT ON defter.timers TO defter_directory;
GRANT SELECT (recorded_at) ON defter.events TO defter_directory;
CREATE POLICY directory ON defter.effects TO defter_directory USING (true);
CREATE POLICY directory ON defter.timers FOR SELECT TO defter_directory USING (true);
-- Every tenant has a share, and none is always the first, so that one with a long queue delays
-- nobody else. Only tenants for whom something waits are looked at.
CREATE FUNCTION defter.take_effects(share bigint, most bigint, hold interval)
RETURNS TABLE (tenant_id uuid, effect text, target text, effect_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE tenants AS (
        (SELECT effect.tenant_id FROM defter.effects effect WHERE effect.state = 'waiting'
         ORDER BY effect.tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT effect.tenant_id FROM defter.effects effect
                WHERE effect.state = 'waiting' AND effect.tenant_id > tenants.tenant_id
                ORDER BY effect.tenant_id LIMIT 1)
        FROM tenants WHERE tenants.tenant_id IS NOT NULL
    ), due AS (
        SELECT waiting.tenant_id, waiting.effect_id
        FROM (SELECT tenants.tenant_id FROM tenants
              WHERE tenants.tenant_id IS NOT NULL ORDER BY random()) tenant
        CROSS JOIN LATERAL (
            SELECT effect.tenant_id, effect.effect_id FROM defter.effects effect
            WHERE effect.tenant_id = tenant.tenant_id AND effect.state = 'waiting'
              AND effect.next_at <= now()
            ORDER BY effect.next_at LIMIT share FOR UPDATE SKIP LOCKED
        ) waiting
        LIMIT most
    )
    UPDATE defter.effects effect SET next_at = now() + hold FROM due
    WHERE effect.tenant_id = due.tenant_id AND effect.effect_id = due.effect_id
    RETURNING effect.tenant_id, effect.effect, effect.target, effect.effect_id
$$;
-- A test tenant's clock may be ahead of the service's: its log says what time it is there.
CREATE FUNCTION defter.timers_due(at timestamptz, ahead boolean)
RETURNS TABLE (tenant_id uuid, now timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE tenants AS (
        (SELECT timer.tenant_id FROM defter.timers timer ORDER BY timer.tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT timer.tenant_id FROM defter.timers timer
                WHERE timer.tenant_id > tenants.tenant_id ORDER BY timer.tenant_id LIMIT 1)
        FROM tenants WHERE tenants.tenant_id IS NOT NULL
    )
    SELECT asked.tenant_id, greatest(at, last.recorded_at)
    FROM (
        SELECT tenants.tenant_id FROM tenants
        WHERE tenants.tenant_id IS NOT NULL AND (ahead OR EXISTS (
            SELECT FROM defter.timers timer
            WHERE timer.tenant_id = tenants.tenant_id AND timer.try_at <= at
        ))
    ) asked LEFT JOIN LATERAL (
        SELECT event.recorded_at FROM defter.events event
        WHERE event.tenant_id = asked.tenant_id ORDER BY event.position DESC LIMIT 1
    ) last ON true
    WHERE EXISTS (
        SELECT FROM defter.timers timer
        WHERE timer.tenant_id = asked.tenant_id AND timer.try_at <= greatest(at, last.recorded_at)
    )
$$;
GRANT CREATE ON SCHEMA defter TO defter_directory;
ALTER FUNCTION defter.take_effects(bigint, bigint, interval) OWNER TO defter_directory;
ALTER FUNCTION defter.timers_due(timestamptz, boolean) OWNER TO defter_directory;
REVOKE CREATE ON SCHEMA defter FROM defter_directory;
REVOKE ALL ON FUNCTION defter.take_effects(bigint, bigint, interval),
    defter.timers_due(timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.take_effects(bigint, bigint, interval),
    defter.timers_due(timestamptz, boolean) TO defter_app;
"""


def upgrade() -> None:
    """Make room for what is still to be done."""
    op.execute(TABLES)
    for table in TENANT_TABLES:
        teach_planner(op.get_bind(), f"defter.{table}")
    op.execute(RIGHTS)
    for table in TENANT_TABLES:
        op.execute(ISOLATION.format(table=table))
    op.execute(DIRECTORY)


def downgrade() -> None:
    """Refuse: what is to be done is not forgotten."""
    raise NotImplementedError("effects and timers are not taken back")
