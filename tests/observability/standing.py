"""What stands still: effects that are dead, timers that are overdue."""

from datetime import datetime
from uuid import uuid4

from application.process import SetTimer
from infrastructure.postgres.connections import connect
from infrastructure.processes.filing import Filed, file
from infrastructure.projections.checkpoints import begin
from tests.effects.performing import filed, look


async def set_timers(database_url: str, due: dict[str, datetime]) -> None:
    tenant_id, _ = await filed(database_url, 0)
    async with await connect(database_url) as connection:
        await begin(connection, tenant_id)
        timers = [
            Filed(1, uuid4(), SetTimer("wallet.hold_expiry", key, at)) for key, at in due.items()
        ]
        await file(connection, tenant_id, timers)
        await connection.execute("COMMIT")


async def kill_effects(database_url: str, count: int) -> None:
    _, ids = await filed(database_url, count)
    query = "UPDATE defter.effects SET state = 'dead', settled_at = now() WHERE effect_id = ANY(%s)"
    look(database_url, query, ids)
