"""What is overdue, counted over all tenants by looking at nothing that is done."""

from alembic import op

revision = "0003"
down_revision = "0002"

# The partial indexes hold what waits, is dead or fails, and nothing else: read whole, they cost
# what there is to count, however many tenants there are and however much was done before.
STANDING = """
CREATE INDEX timers_failing ON defter.timers (tenant_id) WHERE error IS NOT NULL;
CREATE FUNCTION defter.effects_standing()
RETURNS TABLE (effect text, waiting bigint, dead bigint, oldest_waiting timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
    SELECT open.effect, sum(open.waiting)::bigint, sum(open.dead)::bigint, min(open.oldest)
    FROM (
        SELECT effect.effect, count(*) AS waiting, 0 AS dead, min(effect.filed_at) AS oldest
        FROM defter.effects effect WHERE effect.state = 'waiting' GROUP BY effect.effect
        UNION ALL
        SELECT effect.effect, 0, count(*), NULL
        FROM defter.effects effect WHERE effect.state = 'dead' GROUP BY effect.effect
    ) open GROUP BY open.effect
$$;
-- One that fails waits for its next try; it is overdue all the same.
CREATE FUNCTION defter.timers_standing(at timestamptz)
RETURNS TABLE (timer text, overdue bigint, failing bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
    SELECT late.timer, sum(late.overdue)::bigint, sum(late.failing)::bigint, min(late.oldest)
    FROM (
        SELECT each.* FROM defter.timers_due(at, true) due CROSS JOIN LATERAL (
            SELECT timer.timer, count(*) AS overdue, 0 AS failing, min(timer.due_at) AS oldest
            FROM defter.timers timer
            WHERE timer.tenant_id = due.tenant_id AND timer.try_at <= due.now
              AND timer.error IS NULL
            GROUP BY timer.timer
        ) each
        UNION ALL
        SELECT timer.timer, count(*), count(*), min(timer.due_at)
        FROM defter.timers timer WHERE timer.error IS NOT NULL GROUP BY timer.timer
    ) late GROUP BY late.timer
$$;
GRANT CREATE ON SCHEMA defter TO defter_directory;
ALTER FUNCTION defter.effects_standing() OWNER TO defter_directory;
ALTER FUNCTION defter.timers_standing(timestamptz) OWNER TO defter_directory;
REVOKE CREATE ON SCHEMA defter FROM defter_directory;
REVOKE ALL ON FUNCTION defter.effects_standing(), defter.timers_standing(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.effects_standing(), defter.timers_standing(timestamptz)
    TO defter_app;
"""


def upgrade() -> None:
    """Let those who watch count what is overdue."""
    op.execute(STANDING)


def downgrade() -> None:
    """Stop counting; nothing is lost."""
    op.execute("DROP FUNCTION defter.effects_standing()")
    op.execute("DROP FUNCTION defter.timers_standing(timestamptz)")
    op.execute("DROP INDEX defter.timers_failing")
