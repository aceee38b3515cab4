"""Persons' keys can be destroyed, for good, and wrapped anew by the owner of the tables."""

from alembic import op

revision = "0009"
down_revision = "0006"

TOMBSTONES = """
ALTER TABLE defter.subject_keys ALTER COLUMN wrapped DROP NOT NULL;
ALTER TABLE defter.subject_keys ADD COLUMN destroyed_at timestamptz;
ALTER TABLE defter.subject_keys
    ADD CONSTRAINT destroyed_or_there CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL));
GRANT UPDATE (wrapped, destroyed_at) ON defter.subject_keys TO defter_app;
"""

# A key that came back would open what was promised to be forgotten, so what is destroyed stays so,
# for everyone. The key of the tenant's own hashes belongs to no person and is never destroyed.
KEEPING = """
CREATE FUNCTION defter.keep_destroyed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.wrapped IS NULL THEN
            RAISE EXCEPTION 'that a key was destroyed is never forgotten'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.wrapped IS NULL AND NEW.subject = 'claims' THEN
        RAISE EXCEPTION 'the key of a tenant''s claims is no person''s'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    IF NEW.tenant_id = OLD.tenant_id AND NEW.subject = OLD.subject THEN
        IF NEW.wrapped IS NULL
            AND (OLD.wrapped IS NOT NULL OR NEW.destroyed_at = OLD.destroyed_at) THEN
            RETURN NEW;
        END IF;
        IF OLD.wrapped IS NOT NULL AND NEW.wrapped IS NOT NULL AND pg_has_role(
            current_user, (SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID), 'MEMBER'
        ) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a person''s key is destroyed or kept, never changed'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER keep_destroyed BEFORE UPDATE OR DELETE ON defter.subject_keys
    FOR EACH ROW EXECUTE FUNCTION defter.keep_destroyed();
-- New keys are made on the way of every new person; only tombstones are looked at.
CREATE TRIGGER keep_claims BEFORE INSERT ON defter.subject_keys
    FOR EACH ROW WHEN (NEW.wrapped IS NULL) EXECUTE FUNCTION defter.keep_destroyed();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON defter.subject_keys
    FOR EACH STATEMENT EXECUTE FUNCTION defter.refuse_change();
-- Always: a superuser's session_replication_role switches ordinary triggers off.
ALTER TABLE defter.subject_keys ENABLE ALWAYS TRIGGER keep_destroyed;
ALTER TABLE defter.subject_keys ENABLE ALWAYS TRIGGER keep_claims;
ALTER TABLE defter.subject_keys ENABLE ALWAYS TRIGGER keep_all;
"""


def upgrade() -> None:
    """Let persons be forgotten."""
    op.execute(TOMBSTONES)
    op.execute(KEEPING)


def downgrade() -> None:
    """Refuse: whoever was forgotten can not be remembered."""
    raise NotImplementedError("destroyed keys do not come back")
