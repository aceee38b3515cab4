"""A log's head, locked only where the log still ends at an event."""

from alembic import op

revision = "0020"
down_revision = "0019"

# Volatile, so that its second look sees all that was committed before the first took the lock.
LOCK = """
CREATE FUNCTION defter.lock_head_at(
    tenant uuid, last_position bigint, last_event uuid, last_recorded_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM defter.log_head WHERE tenant_id = tenant FOR NO KEY UPDATE NOWAIT;
    IF NOT FOUND OR (
        SELECT (position, event_id, recorded_at)
            IS DISTINCT FROM (last_position, last_event, last_recorded_at)
        FROM defter.events WHERE tenant_id = tenant ORDER BY position DESC LIMIT 1
    ) IS NOT FALSE
    THEN RAISE EXCEPTION 'the log ends elsewhere' USING ERRCODE = 'serialization_failure';
    END IF;
END $$;
REVOKE ALL ON FUNCTION defter.lock_head_at(uuid, bigint, uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.lock_head_at(uuid, bigint, uuid, timestamptz) TO defter_app;
"""


def upgrade() -> None:
    """Let a batch that was decided early prove that nobody wrote since."""
    op.execute(LOCK)


def downgrade() -> None:
    """Take it back."""
    op.execute("DROP FUNCTION defter.lock_head_at(uuid, bigint, uuid, timestamptz)")
