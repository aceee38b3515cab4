"""The SQL of the write path, shared by PostgreSQL 15 to 18."""

from collections.abc import Iterable
from uuid import UUID

from infrastructure.postgres.arrays import (
    Bigint,
    Bigints,
    Booleans,
    Byteas,
    Integers,
    Moment,
    Moments,
    RawUuids,
    Smallints,
    Text,
    Texts,
    Uuid,
    Uuids,
)
from infrastructure.postgres.pipelines import Call, Statement

GAP_EVENTS_MAX = 5_000
"""How many events of others a batch folds in; beyond it the tenant's cache starts anew."""

BEGIN = Statement("", "BEGIN ISOLATION LEVEL READ COMMITTED")
BEGIN_AT_ONE_MOMENT = Statement("", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
COMMIT = Statement("", "COMMIT")
ROLLBACK = Statement("", "ROLLBACK")

SET_TENANTS = Statement("set_tenants", "SELECT set_config('app.tenants', $1, true)", Text)


def of_tenants(tenant_ids: Iterable[UUID]) -> Call:
    """See the rows of these tenants until the transaction ends."""
    return SET_TENANTS("{" + ",".join(map(str, tenant_ids)) + "}")


LOCK_FREE_HEADS = Statement(
    "lock_free_heads",
    """
SELECT tenant_id FROM defter.log_head WHERE tenant_id = ANY($1)
FOR NO KEY UPDATE SKIP LOCKED""",
    Uuids,
)

LOCK_HEADS = Statement(
    "lock_heads",
    """
SELECT tenant_id FROM defter.log_head WHERE tenant_id = ANY($1)
FOR NO KEY UPDATE""",
    Uuids,
)

LOCK_HEAD_AT = Statement(
    "lock_head_at", "SELECT defter.lock_head_at($1, $2, $3, $4)", Uuid, Bigint, Uuid, Moment
)

LAST_EVENTS = Statement(
    "last_events",
    """
SELECT asked.tenant_id, last.position, last.event_id, last.recorded_at
FROM unnest($1) AS asked (tenant_id) CROSS JOIN LATERAL (
    SELECT position, event_id, recorded_at FROM defter.events event
    WHERE event.tenant_id = asked.tenant_id ORDER BY position DESC LIMIT 1
) AS last""",
    Uuids,
)

LOG_ENDS = Statement("log_ends", "SELECT tenant_id, position FROM defter.log_ends()")

LATELY_TOUCHED = Statement(
    "lately_touched",
    """
SELECT late.stream
FROM unnest($1, $2) AS asked (tenant_id, position) CROSS JOIN LATERAL (
    SELECT stream, max(event.position) AS touched FROM defter.events event
    WHERE event.tenant_id = asked.tenant_id AND event.position > asked.position GROUP BY stream
) AS late
ORDER BY late.touched DESC""",
    Uuids,
    Bigints,
)

OUTCOMES = Statement(
    "outcomes",
    """
SELECT tenant_id, command_id, request_hash, refused, outcome, position FROM defter.commands
WHERE tenant_id = ANY($1) AND command_id = ANY($2)""",
    Uuids,
    Uuids,
)

EVENTS_SINCE = Statement(
    "events_since",
    f"""
SELECT known.tenant_id, since.position, since.event_id, since.stream, since.version, since.type,
       since.schema, since.data, since.recorded_at
FROM unnest($1, $2) AS known (tenant_id, position) CROSS JOIN LATERAL (
    SELECT * FROM defter.events event
    WHERE event.tenant_id = known.tenant_id AND event.position >= known.position
    ORDER BY event.position LIMIT {GAP_EVENTS_MAX + 1}
) AS since
ORDER BY known.tenant_id, since.position""",  # noqa: S608 - a number from code
    Uuids,
    Bigints,
)

# One statement sees one moment: a snapshot that comes between two would hide what it stands for.
# What is found is told by the place of what was asked, which is read and looked up sooner than the
# id of a tenant. Row-level security lets an index answer only comparisons that can not leak, and
# `coalesce` is not known to be one: in the condition it would read the whole stream. So it stands
# in a query of its own.
STREAMS = Statement(
    "streams",
    """
WITH asked AS MATERIALIZED (
    SELECT place, tenant_id, stream, kept.version, kept.state
    FROM unnest($1, $2, $3) WITH ORDINALITY AS asked (tenant_id, stream, fold_version, place)
    LEFT JOIN defter.snapshots kept USING (tenant_id, stream, fold_version)
)
SELECT place, version, NULL AS type, NULL AS schema, state FROM asked WHERE version IS NOT NULL
UNION ALL
SELECT asked.place, event.version, event.type, event.schema, event.data
FROM (
    SELECT tenant_id, stream, place, coalesce(version, 0) AS version FROM asked OFFSET 0
) AS asked CROSS JOIN LATERAL (
    SELECT version, type, schema, data FROM defter.events event
    WHERE event.tenant_id = asked.tenant_id AND event.stream = asked.stream
      AND event.version > asked.version
    ORDER BY version
) AS event""",
    Uuids,
    Texts,
    Integers,
)

CLAIM_OWNERS = Statement(
    "claim_owners",
    """
SELECT tenant_id, kind, key, owner
FROM unnest($1, $2, $3) AS asked (tenant_id, kind, key)
JOIN defter.claims USING (tenant_id, kind, key)""",
    Uuids,
    Texts,
    Texts,
)

SINGLE_EVENTS = Statement(
    "single_events",
    """
SELECT tenant_id, stream, version, type, schema, data
FROM unnest($1, $2, $3) AS asked (tenant_id, stream, version)
JOIN defter.events USING (tenant_id, stream, version)""",
    Uuids,
    Texts,
    Bigints,
)

ADD_SUBJECT_KEYS = Statement(
    "add_subject_keys",
    """
INSERT INTO defter.subject_keys (tenant_id, subject, wrapped, master_key)
SELECT * FROM unnest($1, $2, $3, $4)
ON CONFLICT (tenant_id, subject) DO NOTHING""",
    Uuids,
    Texts,
    Byteas,
    Texts,
)

SUBJECT_KEYS = Statement(
    "subject_keys",
    """
SELECT tenant_id, subject, wrapped, master_key
FROM unnest($1, $2) AS asked (tenant_id, subject)
JOIN defter.subject_keys USING (tenant_id, subject)""",
    Uuids,
    Texts,
)

FORGET_SUBJECTS = Statement(
    "forget_subjects",
    """
INSERT INTO defter.subject_keys (tenant_id, subject, wrapped, master_key, destroyed_at)
SELECT tenant_id, subject, NULL, '', now() FROM unnest($1, $2) AS gone (tenant_id, subject)
ON CONFLICT (tenant_id, subject) DO UPDATE
SET wrapped = NULL, destroyed_at = coalesce(subject_keys.destroyed_at, now())""",
    Uuids,
    Texts,
)

ADD_EVENTS = Statement(
    "add_events",
    """
INSERT INTO defter.events (tenant_id, position, event_id, stream, version, type, schema, data,
                           meta, recorded_at)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
    Uuids,
    Bigints,
    RawUuids,
    Texts,
    Bigints,
    Texts,
    Smallints,
    Byteas,
    Byteas,
    Moments,
)

ADD_OUTCOMES = Statement(
    "add_outcomes",
    """
INSERT INTO defter.commands (tenant_id, command_id, request_hash, refused, outcome, position,
                             actor, recorded_at)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)""",
    Uuids,
    Uuids,
    Byteas,
    Booleans,
    Byteas,
    Bigints,
    Texts,
    Moments,
)

RELEASE_CLAIMS = Statement(
    "release_claims",
    """
DELETE FROM defter.claims USING unnest($1, $2, $3)
    AS gone (tenant_id, kind, key)
WHERE claims.tenant_id = gone.tenant_id AND claims.kind = gone.kind AND claims.key = gone.key""",
    Uuids,
    Texts,
    Texts,
)

TAKE_CLAIMS = Statement(
    "take_claims",
    """
INSERT INTO defter.claims (tenant_id, kind, key, owner)
SELECT * FROM unnest($1, $2, $3, $4)""",
    Uuids,
    Texts,
    Texts,
    Texts,
)

KEEP_SNAPSHOTS = Statement(
    "keep_snapshots",
    """
INSERT INTO defter.snapshots (tenant_id, stream, version, fold_version, state)
SELECT * FROM unnest($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, stream) DO UPDATE
SET version = excluded.version, fold_version = excluded.fold_version, state = excluded.state""",
    Uuids,
    Texts,
    Bigints,
    Integers,
    Byteas,
)

KEEP_MILESTONES = Statement(
    "keep_milestones",
    """
INSERT INTO defter.milestones (tenant_id, stream, version, fold_version, state)
SELECT * FROM unnest($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING""",
    Uuids,
    Texts,
    Bigints,
    Integers,
    Byteas,
)

ADD_HEAD = Statement(
    "add_head", "INSERT INTO defter.log_head (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING", Uuid
)
