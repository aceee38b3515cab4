"""Taking processes forward by hand over a log that tests write, and looking at what they filed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg

from application.envelope import Envelope
from application.process import Process
from application.sending import Outcome
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.processes.follower import Processes
from infrastructure.projections.checkpoints import first_sight


class SenderThatNotes:
    """Accepts every command and remembers it; `answers` say otherwise, by command name."""

    def __init__(self, **answers: Outcome | BaseException) -> None:
        self.sent: list[Envelope] = []
        self.answers = answers

    async def send_many(self, envelopes: Sequence[Envelope]) -> list[Outcome | BaseException]:
        self.sent += envelopes
        return [
            self.answers.get(envelope.command.NAME.replace(".", "_"))
            or Outcome(1, refused=False, body=b"null")
            for envelope in envelopes
        ]


async def follow_to_the_end(
    connection: PipelinedConnection, tenant_id: UUID, processes: Processes
) -> tuple[str, ...]:
    """Step until nothing is left to read; gives what was parked."""
    await first_sight(connection, tenant_id, processes.keys)
    parked: list[str] = []
    for _ in range(1_000):
        step = await processes.advance(connection, tenant_id)
        parked += step.parked
        if not step.more:
            return tuple(parked)
    raise AssertionError("there is no end to it")


def processes_of(sender: SenderThatNotes, *processes: Process) -> Processes:
    return Processes(sender, processes=processes)


def rows(url: str, table: str, tenant_id: UUID, columns: str) -> list[tuple[Any, ...]]:
    """Give what the owner sees of a tenant in a table, in order."""
    query = f"SELECT {columns} FROM defter.{table} WHERE tenant_id = %s ORDER BY {columns}"  # noqa: S608
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode(), (tenant_id,)).fetchall()


def effects(url: str, tenant_id: UUID) -> list[tuple[Any, ...]]:
    return rows(url, "effects", tenant_id, "position, effect, target, state")


def timers(url: str, tenant_id: UUID) -> list[tuple[Any, ...]]:
    return rows(url, "timers", tenant_id, "timer, key, due_at")
