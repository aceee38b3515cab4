"""What runs by the calendar, what waits behind the rest, and an end for what was done long ago."""

from alembic import op

revision = "0005"
down_revision = "0004"

# A schedule is of the whole service and of no tenant.
SCHEDULES = """
CREATE TABLE defter.schedules (
    name          text        NOT NULL COLLATE "C" PRIMARY KEY,
    rule          text        NOT NULL,
    next_at       timestamptz NOT NULL,
    claim         uuid,
    claimed_until timestamptz,
    last_run_at   timestamptz,
    told          text,
    error         text
);
GRANT SELECT, INSERT, UPDATE ON defter.schedules TO defter_app;
"""

EFFECTS = """
ALTER TABLE defter.effects ADD COLUMN bulk boolean NOT NULL DEFAULT false;
CREATE INDEX effects_due ON defter.effects (tenant_id, bulk, next_at) WHERE state = 'waiting';
DROP INDEX defter.effects_waiting;
CREATE INDEX effects_listed ON defter.effects (tenant_id, state, position, effect_id);
CREATE INDEX effects_settled ON defter.effects (tenant_id, state, settled_at)
    WHERE settled_at IS NOT NULL;
-- As before, of one class; the function without it is what the release before this one calls.
CREATE FUNCTION defter.take_effects(bulk boolean, share bigint, most bigint, hold interval)
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
              AND effect.bulk = take_effects.bulk AND effect.next_at <= now()
            ORDER BY effect.next_at LIMIT share FOR UPDATE SKIP LOCKED
        ) waiting
        LIMIT most
    )
    UPDATE defter.effects effect SET next_at = now() + hold FROM due
    WHERE effect.tenant_id = due.tenant_id AND effect.effect_id = due.effect_id
    RETURNING effect.tenant_id, effect.effect, effect.target, effect.effect_id
$$;
"""

# What was done is kept for 30 days, what was given up for 180. Rows are locked as they are found,
# so that one that is revived meanwhile stays.
PRUNING = """
GRANT DELETE ON defter.effects TO defter_directory;
GRANT SELECT (tenant_id, effect_id), DELETE ON defter.effect_attempts TO defter_directory;
CREATE POLICY directory ON defter.effect_attempts TO defter_directory USING (true);
CREATE FUNCTION defter.prune_effects(most bigint) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH old AS (
        SELECT settled.tenant_id, settled.effect_id
        FROM defter.log_head head CROSS JOIN (VALUES
            ('done', interval '30 days'), ('dead', interval '180 days'),
            ('discarded', interval '180 days')
        ) kept (state, age) CROSS JOIN LATERAL (
            SELECT effect.tenant_id, effect.effect_id FROM defter.effects effect
            WHERE effect.tenant_id = head.tenant_id AND effect.state = kept.state
              AND effect.settled_at < now() - kept.age
            LIMIT most FOR UPDATE SKIP LOCKED
        ) settled
        LIMIT most
    ), gone AS (
        DELETE FROM defter.effects effect USING old
        WHERE effect.tenant_id = old.tenant_id AND effect.effect_id = old.effect_id
        RETURNING effect.tenant_id, effect.effect_id
    ), attempts AS (
        DELETE FROM defter.effect_attempts attempt USING gone
        WHERE attempt.tenant_id = gone.tenant_id AND attempt.effect_id = gone.effect_id
    )
    SELECT count(*) FROM gone
$$;
"""

# One statement over all tenants was planned as a loop over all refusals for each refusal: 15 s for
# 6,000 of them.
REFUSALS = """
CREATE OR REPLACE FUNCTION defter.prune_refusals(most bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one uuid;
    gone bigint;
    total bigint := 0;
BEGIN
    FOR one IN SELECT head.tenant_id FROM defter.log_head head LOOP
        DELETE FROM defter.commands command
        WHERE command.tenant_id = one AND command.command_id = ANY (ARRAY(
            SELECT old.command_id FROM defter.commands old
            WHERE old.tenant_id = one AND old.refused
              AND old.recorded_at < now() - interval '7 days'
            LIMIT most - total
        ));
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
        EXIT WHEN total >= most;
    END LOOP;
    RETURN total;
END $$;
"""

# Where nothing is due anywhere, one look at the first timer of all says so; else tenant by tenant.
TIMERS = """
CREATE INDEX timers_first ON defter.timers (try_at);
CREATE OR REPLACE FUNCTION defter.timers_due(at timestamptz, ahead boolean)
RETURNS TABLE (tenant_id uuid, now timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE tenants AS (
        (SELECT timer.tenant_id FROM defter.timers timer
         WHERE ahead OR EXISTS (SELECT FROM defter.timers first WHERE first.try_at <= at)
         ORDER BY timer.tenant_id LIMIT 1)
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
"""

OWNERS = """
GRANT CREATE ON SCHEMA defter TO defter_directory;
ALTER FUNCTION defter.take_effects(boolean, bigint, bigint, interval) OWNER TO defter_directory;
ALTER FUNCTION defter.prune_effects(bigint) OWNER TO defter_directory;
REVOKE CREATE ON SCHEMA defter FROM defter_directory;
REVOKE ALL ON FUNCTION defter.take_effects(boolean, bigint, bigint, interval),
    defter.prune_effects(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.take_effects(boolean, bigint, bigint, interval),
    defter.prune_effects(bigint) TO defter_app;
"""


def upgrade() -> None:
    """Make room for schedules and for what may wait."""
    op.execute(SCHEDULES)
    op.execute(EFFECTS)
    op.execute(PRUNING)
    op.execute(REFUSALS)
    op.execute(TIMERS)
    op.execute(OWNERS)


def downgrade() -> None:
    """Refuse: what was told to wait would not be known any more."""
    raise NotImplementedError("effects are not taken back")
