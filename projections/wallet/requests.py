"""Requests for money in and out, adjustments, how far they are, and the thresholds of approval."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Text, bindparam, cast, func, or_, select

from domain.kernel.events import Event, Recorded
from domain.wallet.requests.adjustment_events import (
    AdjustmentApproved,
    AdjustmentCancelled,
    AdjustmentExpired,
    AdjustmentRejected,
    AdjustmentRequested,
)
from domain.wallet.requests.events import (
    ApprovalThresholdSet,
    TopUpApproved,
    TopUpCancelled,
    TopUpRejected,
    TopUpRequested,
    TopUpRequestExpired,
    WithdrawalApproved,
    WithdrawalBounced,
    WithdrawalCancelled,
    WithdrawalExpired,
    WithdrawalPaid,
    WithdrawalRejected,
    WithdrawalRequested,
    WithdrawalTurnedDown,
)
from domain.wallet.requests.stages import Stage
from projections.query import Connection, Query
from projections.read_model import (
    Fold,
    Increment,
    Insert,
    Operation,
    ReadModel,
    ReadTable,
    Upsert,
    stored,
)

TOP_UP, WITHDRAWAL, ADJUSTMENT = "top_up", "withdrawal", "adjustment"
REFERENCES = {TOP_UP: "reference", WITHDRAWAL: "reference", ADJUSTMENT: "reason"}
"""What the one who asks says of it, as each kind calls that."""

REQUESTS = ReadTable(
    "wallet_requests_v2",
    Column("request_id", Text(collation="C"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("wallet_id", Text(collation="C"), nullable=False),
    Column("owner", Text(collation="C"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("iban_tail", Text),
    Column("iban_sealed", Text),
    Column("reference_sealed", Text),
    Column("direction", Text),
    Column("reason_code", Text),
    Column("position", BigInteger, nullable=False),
    Column("state", Text(collation="C"), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text),
    Column("reason_sealed", Text),
    Column("settled_at", DateTime(timezone=True)),
    Column("bank_reference_sealed", Text),
    Index("wallet_requests_v2_state", "tenant_id", "state", "position"),
    Index("wallet_requests_v2_wallet", "tenant_id", "wallet_id", "position"),
    latest=(
        "state",
        "decided_at",
        "decided_by",
        "reason_sealed",
        "settled_at",
        "bank_reference_sealed",
    ),
)
"""`position` is that of the request, so that it sorts by age. What is sealed belongs to the owner;
of an adjustment `reference` is its reason, and `reason` why it was rejected, if it was.

Decided is what was approved, rejected, cancelled or has expired; settled, what was paid or bounced.
"""

THRESHOLDS = ReadTable(
    "wallet_thresholds_v2",
    Column("currency", Text(collation="C"), primary_key=True),
    Column("above", BigInteger, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
)


def _requested(kind: str) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        row = (
            event.request_id,
            kind,
            event.wallet_id,
            event.owner,
            event.amount.currency,
            event.amount.minor,
            recorded.recorded_at,
            event.requested_by,
            event.expires_at,
            getattr(event, "iban_tail", None),
            _sealed(event, "iban"),
            _sealed(event, REFERENCES[kind]),
            getattr(event, "direction", None),
            getattr(event, "reason_code", None),
            recorded.position,
            Stage.PENDING.value,
            *(None,) * 5,
        )
        return (Insert(REQUESTS, row),)

    return fold


def _decided(stage: Stage, by: str = "") -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        who = getattr(event, by) if by else None
        latest = (stage.value, recorded.recorded_at, who, _sealed(event, "reason"), None, None)
        return (Increment(REQUESTS, (event.request_id,), (), latest),)

    return fold


def _settled(stage: Stage) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        latest = (
            stage.value,
            None,
            None,
            _sealed(event, "reason"),
            recorded.recorded_at,
            _sealed(event, "bank_reference"),
        )
        return (Increment(REQUESTS, (event.request_id,), (), latest),)

    return fold


def _threshold_set(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = (event.above.currency, event.above.minor, recorded.recorded_at)
    return (Upsert(THRESHOLDS, row),)


def _sealed(event: Event, name: str) -> str | None:
    return stored(getattr(event, name, None))[1]


WALLET_REQUESTS = ReadModel(
    "wallet_requests",
    2,
    (REQUESTS, THRESHOLDS),
    {
        TopUpRequested: _requested(TOP_UP),
        TopUpApproved: _decided(Stage.APPROVED, "approved_by"),
        TopUpRejected: _decided(Stage.REJECTED, "rejected_by"),
        TopUpCancelled: _decided(Stage.CANCELLED, "cancelled_by"),
        TopUpRequestExpired: _decided(Stage.EXPIRED),
        WithdrawalRequested: _requested(WITHDRAWAL),
        WithdrawalApproved: _decided(Stage.APPROVED, "approved_by"),
        WithdrawalRejected: _decided(Stage.REJECTED, "rejected_by"),
        WithdrawalCancelled: _decided(Stage.CANCELLED, "cancelled_by"),
        WithdrawalExpired: _decided(Stage.EXPIRED),
        WithdrawalPaid: _settled(Stage.PAID),
        WithdrawalTurnedDown: _settled(Stage.BOUNCED),
        WithdrawalBounced: _settled(Stage.BOUNCED),
        AdjustmentRequested: _requested(ADJUSTMENT),
        AdjustmentApproved: _decided(Stage.APPROVED, "approved_by"),
        AdjustmentRejected: _decided(Stage.REJECTED, "rejected_by"),
        AdjustmentCancelled: _decided(Stage.CANCELLED, "cancelled_by"),
        AdjustmentExpired: _decided(Stage.EXPIRED),
        ApprovalThresholdSet: _threshold_set,
    },
)

_REQUEST = REQUESTS.table.c
_ALL = select(REQUESTS.table).where(_REQUEST.tenant_id == bindparam("tenant_id"))
_ONE = Query(_ALL.where(_REQUEST.request_id == bindparam("request_id")))


def _only(name: str) -> Any:  # noqa: ANN401 - SQLAlchemy's own
    asked = cast(bindparam(name), Text)
    return or_(asked.is_(None), _REQUEST[name] == asked)


_PAGE = _ALL.where(_REQUEST.position > bindparam("after")).order_by(_REQUEST.position)
_QUEUE = Query(
    _PAGE.where(_REQUEST.state == bindparam("state"), _only("kind"), _only("currency")).limit(
        bindparam("limit")
    )
)
_OF_WALLET = Query(
    _PAGE.where(
        _REQUEST.wallet_id == bindparam("wallet_id"),
        _REQUEST.kind != func.coalesce(cast(bindparam("without"), Text), ""),
    ).limit(bindparam("limit"))
)
_OF_OWNER = Query(
    _PAGE.where(_REQUEST.owner == bindparam("owner"), _only("state")).limit(bindparam("limit"))
)
_THRESHOLDS = Query(
    select(THRESHOLDS.table)
    .where(THRESHOLDS.table.c.tenant_id == bindparam("tenant_id"))
    .order_by(THRESHOLDS.table.c.currency)
)


async def request(
    connection: Connection, tenant_id: object, request_id: str
) -> dict[str, Any] | None:
    """Give one request, or None."""
    return await _ONE.one(connection, tenant_id=tenant_id, request_id=request_id)


async def queue(  # noqa: PLR0913 - the parts of a page
    connection: Connection,
    tenant_id: object,
    *,
    state: str,
    kind: str | None = None,
    currency: str | None = None,
    after: int = 0,
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of the requests in one state, oldest first; `after` is the last position."""
    return await _QUEUE.all(
        connection,
        tenant_id=tenant_id,
        state=state,
        kind=kind,
        currency=currency,
        after=after,
        limit=limit,
    )


async def requests_of(  # noqa: PLR0913 - the parts of a page
    connection: Connection,
    tenant_id: object,
    wallet_id: str,
    *,
    without: str | None = None,
    after: int = 0,
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of a wallet's requests, oldest first, `without` one kind of them."""
    return await _OF_WALLET.all(
        connection,
        tenant_id=tenant_id,
        wallet_id=wallet_id,
        without=without,
        after=after,
        limit=limit,
    )


async def requests_of_owner(  # noqa: PLR0913 - the parts of a page
    connection: Connection,
    tenant_id: object,
    owner: str,
    *,
    state: str | None = None,
    after: int = 0,
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of a person's requests, oldest first, over all their wallets."""
    return await _OF_OWNER.all(
        connection, tenant_id=tenant_id, owner=owner, state=state, after=after, limit=limit
    )


async def thresholds(connection: Connection, tenant_id: object) -> list[dict[str, Any]]:
    """Give the thresholds that were set, by currency."""
    return await _THRESHOLDS.all(connection, tenant_id=tenant_id)
