"""The SQL of the write path, shared by PostgreSQL 15 to 18."""

GAP_EVENTS_MAX = 5_000
"""How many events of others a batch folds in; beyond it the tenant's cache starts anew."""

BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED"
COMMIT = b"COMMIT"
ROLLBACK = b"ROLLBACK"

SET_TENANTS = b"SELECT set_config('app.tenants', %b, true)"

LOCK_FREE_HEADS = b"""
SELECT tenant_id FROM defter.log_head WHERE tenant_id = ANY(%b)
FOR NO KEY UPDATE SKIP LOCKED"""

LOCK_HEADS = b"""
SELECT tenant_id FROM defter.log_head WHERE tenant_id = ANY(%b)
FOR NO KEY UPDATE"""

LAST_EVENTS = b"""
SELECT asked.tenant_id, last.position, last.event_id, last.recorded_at
FROM unnest(%b::uuid[]) AS asked (tenant_id) CROSS JOIN LATERAL (
    SELECT position, event_id, recorded_at FROM defter.events event
    WHERE event.tenant_id = asked.tenant_id ORDER BY position DESC LIMIT 1
) AS last"""

OUTCOMES = b"""
SELECT tenant_id, command_id, request_hash, refused, outcome, position FROM defter.commands
WHERE tenant_id = ANY(%b) AND command_id = ANY(%b)"""

EVENTS_SINCE = b"""
SELECT known.tenant_id, since.position, since.event_id, since.stream, since.version, since.type,
       since.schema, since.data
FROM unnest(%b::uuid[], %b::bigint[]) AS known (tenant_id, position) CROSS JOIN LATERAL (
    SELECT * FROM defter.events event
    WHERE event.tenant_id = known.tenant_id AND event.position >= known.position
    ORDER BY event.position LIMIT 5001
) AS since
ORDER BY known.tenant_id, since.position"""

SNAPSHOTS = b"""
SELECT asked.tenant_id, asked.stream, kept.version, kept.state
FROM unnest(%b::uuid[], %b::text[], %b::int[]) AS asked (tenant_id, stream, fold_version)
JOIN defter.snapshots kept USING (tenant_id, stream, fold_version)"""

STREAM_EVENTS = b"""
SELECT asked.tenant_id, asked.stream, event.version, event.type, event.schema, event.data
FROM unnest(%b::uuid[], %b::text[], %b::int[]) AS asked (tenant_id, stream, fold_version)
LEFT JOIN defter.snapshots kept USING (tenant_id, stream, fold_version)
CROSS JOIN LATERAL (
    SELECT version, type, schema, data FROM defter.events event
    WHERE event.tenant_id = asked.tenant_id AND event.stream = asked.stream
      AND event.version > coalesce(kept.version, 0)
    ORDER BY version
) AS event"""

CLAIM_OWNERS = b"""
SELECT tenant_id, kind, key, owner
FROM unnest(%b::uuid[], %b::text[], %b::text[]) AS asked (tenant_id, kind, key)
JOIN defter.claims USING (tenant_id, kind, key)"""

SINGLE_EVENTS = b"""
SELECT tenant_id, stream, version, type, schema, data
FROM unnest(%b::uuid[], %b::text[], %b::bigint[]) AS asked (tenant_id, stream, version)
JOIN defter.events USING (tenant_id, stream, version)"""

ADD_SUBJECT_KEYS = b"""
INSERT INTO defter.subject_keys (tenant_id, subject, wrapped, master_key)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::bytea[], %b::text[])
ON CONFLICT (tenant_id, subject) DO NOTHING"""

SUBJECT_KEYS = b"""
SELECT tenant_id, subject, wrapped, master_key
FROM unnest(%b::uuid[], %b::text[]) AS asked (tenant_id, subject)
JOIN defter.subject_keys USING (tenant_id, subject)"""

ADD_EVENTS = b"""
INSERT INTO defter.events (tenant_id, position, event_id, stream, version, type, schema, data,
                           meta, recorded_at)
SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::uuid[], %b::text[], %b::bigint[], %b::text[],
                     %b::smallint[], %b::bytea[], %b::bytea[], %b::timestamptz[])"""

ADD_OUTCOMES = b"""
INSERT INTO defter.commands (tenant_id, command_id, request_hash, refused, outcome, position,
                             actor, recorded_at)
SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::bytea[], %b::bool[], %b::bytea[], %b::bigint[],
                     %b::text[], %b::timestamptz[])"""

RELEASE_CLAIMS = b"""
DELETE FROM defter.claims USING unnest(%b::uuid[], %b::text[], %b::text[])
    AS gone (tenant_id, kind, key)
WHERE claims.tenant_id = gone.tenant_id AND claims.kind = gone.kind AND claims.key = gone.key"""

TAKE_CLAIMS = b"""
INSERT INTO defter.claims (tenant_id, kind, key, owner)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[])"""

KEEP_SNAPSHOTS = b"""
INSERT INTO defter.snapshots (tenant_id, stream, version, fold_version, state)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::bigint[], %b::int[], %b::bytea[])
ON CONFLICT (tenant_id, stream) DO UPDATE
SET version = excluded.version, fold_version = excluded.fold_version, state = excluded.state"""

ADD_HEAD = b"INSERT INTO defter.log_head (tenant_id) VALUES (%b) ON CONFLICT DO NOTHING"
