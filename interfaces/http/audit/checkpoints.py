"""Checkpoints of the tenant's log, the keys that sign them, and that each holds the older ones."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.tenants.tenants import PLATFORM
from infrastructure.sealing import checkpoints
from infrastructure.sealing.checkpoints import Sealed
from infrastructure.sealing.notes import origin_of, verifier_key
from infrastructure.sealing.proofs import NotSealed, prove_consistency
from infrastructure.sealing.roots import LogShort
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import POSITION_MAX, Answer, Params, QueryRoute, Question
from interfaces.http.wire.problems import Problem, unavailable

Size = Annotated[int, Field(ge=1, le=POSITION_MAX, description="So many events")]
Base64 = Annotated[str, Field(pattern="^[0-9A-Za-z+/]*=*$")]


class CheckpointView(BaseModel):
    """What the log was when it had `size` events. Keep `note` outside: it is signed."""

    size: int = Field(description="So many events, which is the last one's position")
    root: Base64 = Field(description="Root of the Merkle tree (RFC 6962, 2.1), SHA-256, base64")
    note: str = Field(description="The checkpoint as a C2SP signed note (tlog-checkpoint)")
    sealed_at: datetime


class CheckpointsView(BaseModel):
    """A page of checkpoints, newest first."""

    items: list[CheckpointView]
    next_cursor: str | None


class ConsistencyView(BaseModel):
    """That the newer log begins with the older one, event by event."""

    old: CheckpointView
    new: CheckpointView
    path: list[Base64] = Field(description="Consistency proof (RFC 6962, 2.1.2)")


class SealingKeyView(BaseModel):
    """A key that signs checkpoints of this log, or did before it was retired."""

    kid: str
    verifier_key: str = Field(description="The public key as tools for signed notes take it")
    made_at: datetime
    retired_at: datetime | None


class SealingKeysView(BaseModel):
    """All keys, the oldest first, and the name of the log."""

    origin: str = Field(examples=["defter/0190f1d2-6c3e-7c1a-9d3e-5a4f0c9a31b2"])
    items: list[SealingKeyView]


class BetweenParams(Params):
    """Two sizes; one without a checkpoint stands for the first that holds as many events."""

    old: Size
    new: Size | None = None


def checkpoint_view(sealed: Sealed) -> dict[str, Any]:
    """Lay a checkpoint out."""
    return {
        "size": sealed.size,
        "root": sealed.root,
        "note": sealed.note,
        "sealed_at": sealed.sealed_at,
    }


def not_provable(wrong: NotSealed | LogShort) -> Problem:
    """Say why there is no proof: it is not sealed yet, or the log is not what was sealed."""
    if isinstance(wrong, NotSealed):
        return unavailable("audit.not_sealed_yet", f"{wrong}; a second later there may be more")
    return Problem(409, "audit.log_changed", f"{wrong}; `defter audit verify` says what happened")


async def sealing_keys(exchange: Exchange) -> list[checkpoints.PublicKey]:
    """Give every key that ever signed checkpoints; they stand with the platform."""
    reads, seconds = exchange.services.reads, exchange.services.settings.read_deadline_seconds
    async with reads.tenant(PLATFORM, projections=(), deadline_seconds=seconds) as view:
        return await checkpoints.public_keys(view.connection)


async def _checkpoints(question: Question[Page]) -> Answer:
    """Newest first; there is about one a second while the log grows."""
    params, tenant_id = question.params, question.exchange.principal.tenant_id
    below = POSITION_MAX if params.cursor is None else place_of(params.cursor, int)[0]
    async with question.view() as view:
        found = await checkpoints.before(view.connection, tenant_id, below, limit=params.limit + 1)
    rows = list(map(checkpoint_view, found))
    page = page_of(rows, params.limit, item=dict, place=lambda row: cursor_of(row["size"]))
    return Answer(page)


async def _latest(question: Question[Params]) -> Answer:
    """At most about a second older than the last event."""
    async with question.view() as view:
        found = await checkpoints.latest(view.connection, question.exchange.principal.tenant_id)
    if found is None:
        raise not_provable(NotSealed(0))
    return Answer(checkpoint_view(found))


async def _consistency(question: Question[BetweenParams]) -> Answer:
    """Whoever keeps an old checkpoint checks with it that nothing before it was changed."""
    params, tenant_id = question.params, question.exchange.principal.tenant_id
    if params.new is not None and params.new < params.old:
        raise Problem(422, "audit.sizes_disordered", "`new` is not smaller than `old`")
    async with question.view() as view:
        try:
            proof = await prove_consistency(view.connection, tenant_id, params.old, params.new)
        except (NotSealed, LogShort) as wrong:
            raise not_provable(wrong) from wrong
    old, new = checkpoint_view(proof.old), checkpoint_view(proof.new)
    return Answer({"old": old, "new": new, "path": proof.path})


async def _keys(question: Question[Params]) -> Answer:
    """Note them outside, too: who trusts only what a server says of itself trusts the server."""
    origin = origin_of(question.exchange.principal.tenant_id)
    items = [
        {
            "kid": key.kid,
            "verifier_key": verifier_key(origin, key.public),
            "made_at": key.made_at,
            "retired_at": key.retired_at,
        }
        for key in await sealing_keys(question.exchange)
    ]
    return Answer({"origin": origin, "items": items})


CHECKPOINTS = QueryRoute(
    "/api/audit/checkpoints",
    Page,
    _checkpoints,
    permission=Permission.AUDIT_READ,
    result=CheckpointsView,
    summary="List the checkpoints of the log",
    name="audit_checkpoints",
    staff_only=True,
)
LATEST = QueryRoute(
    "/api/audit/checkpoints/latest",
    Params,
    _latest,
    permission=Permission.AUDIT_READ,
    result=CheckpointView,
    summary="See the newest checkpoint of the log",
    name="audit_latest_checkpoint",
    staff_only=True,
)
CONSISTENCY = QueryRoute(
    "/api/audit/checkpoints/consistency",
    BetweenParams,
    _consistency,
    permission=Permission.AUDIT_READ,
    result=ConsistencyView,
    summary="Prove that the log only grew between two checkpoints",
    name="audit_consistency",
    staff_only=True,
)
KEYS = QueryRoute(
    "/api/audit/checkpoints/keys",
    Params,
    _keys,
    permission=Permission.AUDIT_READ,
    result=SealingKeysView,
    summary="List the keys that sign checkpoints",
    name="audit_sealing_keys",
    staff_only=True,
)
