"""A password whose account never came into the log is not kept for ever."""

from alembic import op

revision = "0015"
down_revision = "0014"

# A registration keeps the password first; where it broke off before the log knew, nobody has it.
PRUNING = """
GRANT SELECT (tenant_id, person_id, set_at), DELETE ON defter.credentials TO defter_directory;
CREATE POLICY directory ON defter.credentials TO defter_directory
    USING (set_at < now() - interval '1 day');
CREATE FUNCTION defter.prune_credentials(most bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one uuid;
    gone bigint;
    total bigint := 0;
BEGIN
    FOR one IN SELECT head.tenant_id FROM defter.log_head head LOOP
        DELETE FROM defter.credentials known
        WHERE known.tenant_id = one AND known.person_id = ANY (ARRAY(
            SELECT old.person_id FROM defter.credentials old
            WHERE old.tenant_id = one AND old.set_at < now() - interval '1 day'
              AND NOT EXISTS (
                SELECT FROM defter.events event
                WHERE event.tenant_id = one AND event.stream = 'account-' || old.person_id
              )
            LIMIT most - total
        ));
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
        EXIT WHEN total >= most;
    END LOOP;
    RETURN total;
END $$;
GRANT CREATE ON SCHEMA defter TO defter_directory;
ALTER FUNCTION defter.prune_credentials(bigint) OWNER TO defter_directory;
REVOKE CREATE ON SCHEMA defter FROM defter_directory;
REVOKE ALL ON FUNCTION defter.prune_credentials(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defter.prune_credentials(bigint) TO defter_app;
"""


def upgrade() -> None:
    """Let what leads to nobody go."""
    op.execute(PRUNING)


def downgrade() -> None:
    """Let it stay again."""
    op.execute("""
DROP FUNCTION defter.prune_credentials(bigint);
DROP POLICY directory ON defter.credentials;
REVOKE ALL ON defter.credentials FROM defter_directory;
""")
