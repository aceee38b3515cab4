"""The receipt of an event: that it stands in the log, for whoever keeps a checkpoint."""

from typing import Annotated

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.audit.merkle import leaf_hash
from infrastructure.event_log.reader import log_end
from infrastructure.sealing.proofs import NotSealed, prove_inclusion
from infrastructure.sealing.roots import LogShort
from interfaces.http.audit.checkpoints import (
    Base64,
    CheckpointView,
    Size,
    checkpoint_view,
    not_provable,
)
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from interfaces.http.wire.problems import Problem


class ProofParams(Params):
    """Under which checkpoint: the newest, or the first that holds so many events."""

    size: Annotated[Size | None, Field(description="So many events at least")] = None


class ProofView(BaseModel):
    """A receipt. Whoever hashes `leaf` and goes up `path` arrives at the root that was signed.

    Personal data in `leaf` stays sealed.
    """

    position: int
    leaf: Base64 = Field(description="The event as it is hashed; docs/auditors.md lays it out")
    leaf_hash: Base64
    path: list[Base64] = Field(description="Inclusion proof (RFC 6962, 2.1.1)")
    checkpoint: CheckpointView


async def _proof(question: Question[ProofParams]) -> Answer:
    """Prove an event: for a command's events, ask with the position that its answer carried."""
    params, tenant_id = question.params, question.exchange.principal.tenant_id
    position = int(question.path["position"])
    if params.size is not None and params.size < position:
        raise Problem(422, "audit.size_too_small", "so few events do not hold this position")
    async with question.view() as view:
        end, _ = await log_end(view.connection, tenant_id)
        if position > end:
            raise Problem(404, "audit.event_not_found", "nothing stands at this position yet")
        try:
            found = await prove_inclusion(view.connection, tenant_id, position, size=params.size)
        except (NotSealed, LogShort) as wrong:
            raise not_provable(wrong) from wrong
    return Answer(
        {
            "position": position,
            "leaf": found.leaf,
            "leaf_hash": leaf_hash(found.leaf),
            "path": found.path,
            "checkpoint": checkpoint_view(found.checkpoint),
        }
    )


PROOF = QueryRoute(
    "/api/events/{position}/proof",
    ProofParams,
    _proof,
    permission=Permission.EVENTS_READ,
    result=ProofView,
    summary="Prove that an event stands in the log",
    name="events_proof",
    staff_only=True,
)
