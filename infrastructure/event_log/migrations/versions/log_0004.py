"""Groups of faults, for operators: what broke in the service itself, of no tenant."""

from alembic import op

revision = "0004"
down_revision = "0003"

# No value that a fault met stands here, so no row belongs to a tenant, and none is kept from one
# who operates the service. The runtime role adds and changes; nobody deletes.
TABLES = """
CREATE TABLE defter.faults (
    fault_id   text        PRIMARY KEY COLLATE "C",
    role       text        NOT NULL,
    kind       text        NOT NULL,
    place      text        NOT NULL,
    event      text        NOT NULL,
    example    text        NOT NULL,
    count      bigint      NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL,
    request_id text,
    release    text        NOT NULL,
    state      text        NOT NULL DEFAULT 'open'
        CHECK (state IN ('open', 'resolved', 'ignored')),
    reopened   boolean     NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON defter.faults TO defter_app;
"""


def upgrade() -> None:
    """Let faults be kept."""
    op.execute(TABLES)


def downgrade() -> None:
    """Forget what broke; no fact is lost."""
    op.execute("DROP TABLE defter.faults")
