"""A process that a release brings begins where the logs end, unless history is its business."""

from collections.abc import Collection

from sqlalchemy import Connection, text

from application.process import Process
from application.processes.registry import PROCESSES
from infrastructure.postgres.connections import RUNTIME_ROLE

_SCOPE = text("""
SELECT set_config('app.tenants', '{' || coalesce(string_agg(tenant_id::text, ','), '') || '}', true)
FROM defter.log_ends()
""")
_BEGIN = text("""
INSERT INTO defter.checkpoints (tenant_id, projection, position)
SELECT log.tenant_id, process, log.position
FROM defter.log_ends() log CROSS JOIN unnest(CAST(:keys AS text[])) AS process
ON CONFLICT DO NOTHING
""")


def introduce(connection: Connection, processes: Collection[Process] = PROCESSES) -> None:
    """Let processes without history begin at the end of every log that is there already.

    A tenant that comes later begins with its first event, however late a scheduler meets it.
    """
    keys = [process.key for process in processes if not process.history]
    if not keys:
        return
    connection.execute(text(f"SET LOCAL ROLE {RUNTIME_ROLE}"))
    connection.execute(_SCOPE)
    connection.execute(_BEGIN, {"keys": keys})
    connection.execute(text("RESET ROLE"))
