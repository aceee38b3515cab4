"""Processes, as what follows the logs."""

from collections.abc import Callable, Collection
from contextlib import suppress
from uuid import UUID

from psycopg import Error

from application.process import Process
from application.processes.registry import PROCESSES
from application.sending import BulkSender
from infrastructure.observability.telemetry.tracing import Span, Tracer
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.processes.advance import States, advance
from infrastructure.projections.engine import Step


class Processes:
    """All processes; `filed` is told of tenants for whom effects were filed."""

    def __init__(
        self,
        sender: BulkSender,
        *,
        processes: Collection[Process] = PROCESSES,
        filed: Callable[[UUID], None] = lambda _tenant_id: None,
        tracer: Tracer | None = None,
    ) -> None:
        self._sender = sender
        self._processes = processes
        self._filed = filed
        self._tracer = tracer
        self._states: States = {}
        self.keys = [process.key for process in processes]

    async def advance(
        self,
        connection: PipelinedConnection,
        tenant_id: UUID,
        *,
        filling: bool = False,
        reader: PipelinedConnection | None = None,  # noqa: ARG002 - a step is short
    ) -> Step:
        """React to the next events."""
        span = None if self._tracer is None else self._tracer.work()
        try:
            taken = await advance(
                connection,
                tenant_id,
                self._processes,
                sender=self._sender,
                states=self._states,
                filling=filling,
            )
        except Exception as error:
            if span is not None:
                _end(span, tenant_id, failed=type(error).__name__)
            if not connection.closed:
                with suppress(Error):
                    await connection.execute(b"ROLLBACK")
            raise
        if taken.effects:
            self._filed(tenant_id)
        if span is not None and (taken.answers or taken.step.parked):
            _end(span, tenant_id, answers=taken.answers, failed=",".join(taken.step.parked))
        elif span is not None:
            span.drop()
        return taken.step


def _end(span: Span, tenant_id: UUID, *, answers: int = 0, failed: str = "") -> None:
    attributes = {"defter.tenant_id": str(tenant_id), "defter.answers": answers}
    span.end("process step", attributes, failed=failed)
