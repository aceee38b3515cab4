"""A log that is sealed by hand, and a worker that sends its checkpoints to witnesses."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from infrastructure.effects.kinds import EFFECTS
from infrastructure.effects.performing import Performer
from infrastructure.event_log.opening import Opener
from infrastructure.identity.signing_keys import SigningKeys
from infrastructure.observability.metrics import Metrics
from infrastructure.sealing import notes
from infrastructure.sealing.sealer import Sealer
from infrastructure.settings import Settings, load_settings
from infrastructure.witnesses.filing import WITNESS, Filing
from tests.effects.performing import look
from tests.notifications.post import MASTER_KEY_TEXT
from tests.processes.following import SenderThatNotes
from tests.projections.stepping import until
from tests.sealing.logs import MASTER_KEYS, fill, seal, sealing_keys

AT_ONCE, HOURLY = timedelta(0), timedelta(hours=1)

_DUE = """
SELECT target, array_agg(effect_id) FROM defter.effects
WHERE tenant_id = %s AND state = 'waiting' AND next_at <= now() GROUP BY target
"""
_ATTEMPTS = "SELECT coalesce(sum(attempts), 0)::int FROM defter.effects WHERE tenant_id = %s"
_WRITTEN = "SELECT count(*)::int FROM defter.effect_attempts WHERE tenant_id = %s"
_TOLD = "SELECT state, told FROM defter.effects WHERE tenant_id = %s ORDER BY position, target"
_SEALED = "ledger.period_sealed"


class Witnessed:
    """A tenant's log and its witnesses."""

    def __init__(self, settings: Settings, every: timedelta) -> None:
        self.settings = settings
        self.database_url = settings.database_url.get_secret_value()
        self.tenant_id = uuid4()
        self.origin = notes.origin_of(self.tenant_id)
        self.size = 0
        self.every = every
        self.metrics = Metrics()
        self.worker: Performer

    @property
    def keys(self) -> SigningKeys:
        """What signs this log."""
        return sealing_keys(self.database_url)

    async def publics(self) -> list[bytes]:
        """The keys a witness is told to trust."""
        return [notes.raw(key.public_key()) for _, key in await self.keys.signing_all()]

    async def grow(self, count: int, *, month: bool = False) -> None:
        """Let so many events happen and seal them; the last one may seal a month."""
        fill(self.database_url, self.tenant_id, self.size + 1, self.size + count)
        self.size += count
        if month:
            self.as_superuser(
                "UPDATE defter.events SET type = %s WHERE position = %s", _SEALED, self.size
            )
        sealer = Sealer(self.keys, Filing(self.settings.witnesses_read, self.every))
        await (await seal(self.database_url, self.tenant_id, sealer)).close()

    async def send(self) -> list[tuple[str, str]]:
        """Make one attempt at what is due, and give how all effects stand."""
        for target, ids in look(self.database_url, _DUE, self.tenant_id):
            assert await self.worker.take(self.tenant_id, WITNESS, target, ids) == len(ids)
        url, tenant_id = self.database_url, self.tenant_id
        await until(lambda: look(url, _ATTEMPTS, tenant_id) == look(url, _WRITTEN, tenant_id))
        return self.told()

    def told(self) -> list[tuple[str, str]]:
        """Give state and last word of each effect."""
        return look(self.database_url, _TOLD, self.tenant_id)  # type: ignore[return-value] - pairs

    def ids(self) -> list[UUID]:
        """Give the ids of all effects."""
        query = "SELECT effect_id FROM defter.effects WHERE tenant_id = %s ORDER BY position"
        return [row[0] for row in look(self.database_url, query, self.tenant_id)]

    def hurry(self) -> None:
        """Let the time come for whatever waits."""
        look(self.database_url, "UPDATE defter.effects SET next_at = now()")

    def later(self, hours: int) -> None:
        """Let time pass since effects were filed."""
        look(
            self.database_url,
            "UPDATE defter.effects SET filed_at = filed_at - %s, next_at = next_at - %s",
            *[timedelta(hours=hours)] * 2,
        )

    def confirmed(self) -> list[tuple[Any, ...]]:
        """Give what witnesses confirmed."""
        query = "SELECT size, line FROM defter.log_cosignatures WHERE tenant_id = %s ORDER BY size"
        return look(self.database_url, query, self.tenant_id)

    def as_superuser(self, statement: str, *values: object) -> None:
        """Do what the triggers are to prevent."""
        with psycopg.connect(self.database_url) as owner:
            for table in ("events", "log_roots", "log_checkpoints", "log_cosignatures"):
                owner.execute(f"ALTER TABLE defter.{table} DISABLE TRIGGER ALL".encode())
            owner.execute(statement.encode(), values or None)
            for table in ("events", "log_roots", "log_checkpoints", "log_cosignatures"):
                owner.execute(
                    f"ALTER TABLE defter.{table} ENABLE ALWAYS TRIGGER append_only".encode()
                )

    def forget_seals(self) -> None:
        """Throw away all that was sealed, so that the log is sealed anew as it is now."""
        self.as_superuser("DELETE FROM defter.log_roots")
        self.as_superuser("DELETE FROM defter.log_checkpoints")
        self.as_superuser("UPDATE defter.checkpoints SET position = 0")

    def rewrite(self, position: int) -> None:
        """Change an event and let nothing show of it: whatever was sealed is sealed anew."""
        self.as_superuser("UPDATE defter.events SET data = '{}' WHERE position = %s", position)
        self.forget_seals()

    def truncate(self, to: int) -> None:
        """Cut the log's end off."""
        self.as_superuser("DELETE FROM defter.events WHERE position > %s", to)
        self.forget_seals()
        self.size = to


@asynccontextmanager
async def witnessed(
    database_url: str,
    redis_url: str,
    witnesses: Sequence[str],
    *,
    every: timedelta = AT_ONCE,
    **given: Any,  # noqa: ANN401 - of `Settings`
) -> AsyncGenerator[Witnessed]:
    """Open a log with witnesses and a worker."""
    settings = load_settings(
        database_url=database_url,
        redis_url=redis_url,
        master_keys=MASTER_KEY_TEXT,
        witnesses=",".join(witnesses),
        **given,
    )
    log = Witnessed(settings, every)
    sender: Any = SenderThatNotes()  # checkpoints lead to no commands
    performer = Performer(
        database_url,
        settings,
        Opener(MASTER_KEYS),
        sender,
        kinds=EFFECTS,
        metrics=log.metrics,
    )
    async with performer.running() as log.worker:
        yield log


def alarms(log: Witnessed) -> float:
    """Count the alarms that metrics tell."""
    told = log.metrics.registry.get_sample_value("defter_effect_alarms_total", {"effect": WITNESS})
    return told or 0.0


def sizes_waiting(database_url: str, tenant_id: UUID) -> list[tuple[int, bool]]:
    """Give the positions of what waits, and whether it is due."""
    query = (
        "SELECT position, next_at <= now() FROM defter.effects"
        " WHERE tenant_id = %s AND state = 'waiting' ORDER BY position"
    )
    return look(database_url, query, tenant_id)  # type: ignore[return-value] - pairs
