"""See requests: the queue that finance works through, those of a wallet, and one alone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.kernel.events import Personal
from domain.wallet.requests.adjustments import Direction, ReasonCode
from domain.wallet.requests.stages import RequestNotFound, Stage
from infrastructure.event_log.reader import read_feed
from interfaces.http.edge.exchange import Exchange
from interfaces.http.parts import View
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wallet.balances import READ_MODEL, reached
from interfaces.http.wire.money import MoneyView, money
from interfaces.http.wire.personal import opened
from projections.wallet import requests

REQUESTS = "wallet_requests"

SEALED = ("iban", "reference", "reason", "bank_reference")
"""What is told to keys with pii.read alone; all of it belongs to the wallet's owner."""

KEPT = (
    *("request_id", "kind", "wallet_id", "owner", "state", "requested_at", "requested_by"),
    *("expires_at", "decided_at", "decided_by", "settled_at", "iban_tail"),
    *("direction", "reason_code"),
)


class Kind(StrEnum):
    """What is asked for."""

    TOP_UP = requests.TOP_UP
    WITHDRAWAL = requests.WITHDRAWAL
    ADJUSTMENT = requests.ADJUSTMENT


class RequestView(BaseModel):
    """A request. Its full IBAN and its words are told to keys with pii.read alone."""

    request_id: str = Field(examples=["wdr_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    kind: Kind
    wallet_id: str
    owner: str
    amount: MoneyView
    state: Stage
    age_seconds: int = Field(description="Since it was requested")
    requested_at: datetime
    requested_by: str = Field(description="The staff member whose key entered it")
    expires_at: datetime = Field(description="How long a pending request waits")
    decided_at: datetime | None
    decided_by: str | None
    settled_at: datetime | None = Field(description="When a withdrawal was paid, or bounced")
    iban_tail: str | None = Field(description="The last characters of the IBAN")
    direction: Direction | None = Field(description="Of an adjustment")
    reason_code: ReasonCode | None = Field(description="Of an adjustment")
    iban: str | None
    reference: str | None = Field(description="What was said of it when it was entered")
    reason: str | None = Field(description="Why it was rejected, or bounced")
    bank_reference: str | None


class RequestsView(BaseModel):
    """A page of requests, oldest first."""

    items: list[RequestView]
    next_cursor: str | None


class QueueParams(Page):
    """Which requests."""

    state: Annotated[Stage, Field(description="How far they are")] = Stage.PENDING
    kind: Annotated[Kind | None, Field(description="Only requests of this kind")] = None


def sealed_of(row: Mapping[str, Any]) -> dict[str, Personal]:
    """Give what a row holds sealed, by name."""
    return {
        name: Personal(row["owner"], sealed=row[f"{name}_sealed"])
        for name in SEALED
        if row[f"{name}_sealed"] is not None
    }


def _told(
    row: Mapping[str, Any], texts: Mapping[Personal, str | None], now: datetime
) -> dict[str, Any]:
    age = now - row["requested_at"]
    words = {name: texts.get(sealed) for name, sealed in sealed_of(row).items()}
    return {
        **{name: row[name] for name in KEPT},
        "amount": money(row["amount"], row["currency"]),
        "age_seconds": max(int(age.total_seconds()), 0),
        **{name: words.get(name) for name in SEALED},
    }


async def _now(exchange: Exchange, view: View) -> datetime:
    """Tell what time it is for the tenant: a test tenant's clock may be ahead."""
    now = datetime.now(UTC)
    if not exchange.principal.test:
        return now
    tenant_id, last = exchange.principal.tenant_id, view.position - 1
    events = await read_feed(view.connection, tenant_id, after=last, limit=1)
    return max([now, *(event.recorded_at for event in events)])


async def _queue(question: Question[QueueParams]) -> Answer:
    """Oldest first; the pending ones unless another state is asked for."""
    exchange, params = question.exchange, question.params
    async with question.view(REQUESTS) as view:
        rows = await requests.queue(
            view.connection,
            exchange.principal.tenant_id,
            state=params.state,
            kind=params.kind,
            after=_after(params),
            limit=params.limit + 1,
        )
        return await _answer(exchange, view, rows, params.limit)


async def _of_wallet(question: Question[Page]) -> Answer:
    """Oldest first, in whatever state. Adjustments are told to staff acting as themselves alone."""
    exchange, params = question.exchange, question.params
    without = Kind.ADJUSTMENT if exchange.on_behalf_of else None
    async with question.view(READ_MODEL, REQUESTS) as view:
        wallet = await reached(view, exchange, question.path["wallet_id"])
        rows = await requests.requests_of(
            view.connection,
            exchange.principal.tenant_id,
            wallet["wallet_id"],
            without=without,
            after=_after(params),
            limit=params.limit + 1,
        )
        return await _answer(exchange, view, rows, params.limit)


async def _request(question: Question[Standing]) -> Answer:
    exchange, customer = question.exchange, question.exchange.on_behalf_of
    async with question.view(REQUESTS) as view:
        row = await requests.request(
            view.connection, exchange.principal.tenant_id, question.path["request_id"]
        )
        if row is None or customer not in {None, row["owner"]}:
            raise RequestNotFound("there is no such request")
        if row["kind"] == Kind.ADJUSTMENT and customer is not None:
            raise RequestNotFound("there is no such request")
        texts = await opened(exchange, view, sealed_of(row).values())
        now = await _now(exchange, view)
    return Answer(_told(row, texts, now), view.position)


def _after(params: Page) -> int:
    return 0 if params.cursor is None else place_of(params.cursor, int)[0]


async def _answer(
    exchange: Exchange, view: View, rows: Sequence[Mapping[str, Any]], limit: int
) -> Answer:
    sealed = [one for row in rows for one in sealed_of(row).values()]
    texts, now = await opened(exchange, view, sealed), await _now(exchange, view)
    page = page_of(
        rows,
        limit,
        item=lambda row: _told(row, texts, now),
        place=lambda row: cursor_of(row["position"]),
    )
    return Answer(page, view.position)


QUEUE = QueryRoute(
    "/api/wallet/requests",
    QueueParams,
    _queue,
    permission=Permission.WALLET_READ,
    result=RequestsView,
    summary="See the queue of requests with their age",
    name="wallet_requests",
    staff_only=True,
)

OF_WALLET = QueryRoute(
    "/api/wallet/{wallet_id}/requests",
    Page,
    _of_wallet,
    permission=Permission.WALLET_READ,
    result=RequestsView,
    summary="List the requests of a wallet",
    name="wallet_requests_of",
)

ONE = QueryRoute(
    "/api/wallet/requests/{request_id}",
    Standing,
    _request,
    permission=Permission.WALLET_READ,
    result=RequestView,
    summary="See a request",
    name="wallet_request",
)
