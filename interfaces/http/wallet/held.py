"""See the holds of a wallet."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.kernel.events import Personal
from domain.wallet.holds import HoldNotFound
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wallet.balances import READ_MODEL, reached
from interfaces.http.wire.money import MoneyView, money
from interfaces.http.wire.personal import opened
from projections.wallet import holds

HOLDS = "wallet_holds"


class CaptureView(BaseModel):
    """What was taken of a hold, and what of it was given back."""

    capture_id: str
    amount: MoneyView
    refunded: MoneyView
    destination: str
    captured_at: datetime


class HoldView(BaseModel):
    """A hold. `reference` is told to keys with pii.read alone."""

    hold_id: str
    wallet_id: str
    status: str = Field(examples=["open"], description="open, captured, released or expired")
    amount: MoneyView
    captured: MoneyView
    refunded: MoneyView
    remaining: MoneyView
    placed_at: datetime
    expires_at: datetime | None
    reference: str | None


class HoldDetailView(HoldView):
    """A hold with its captures."""

    captures: list[CaptureView]


class HoldsView(BaseModel):
    """A page of holds."""

    items: list[HoldView]
    next_cursor: str | None


class HoldsParams(Page):
    """Which holds."""

    only_open: Annotated[bool, Field(description="Leave ended holds out")] = False


def _told(row: Mapping[str, Any], texts: Mapping[Personal, str | None]) -> dict[str, Any]:
    currency = row["currency"]
    amounts = {
        name: money(row[name], currency) for name in ("amount", "captured", "refunded", "remaining")
    }
    reference = _reference(row)
    return {
        "hold_id": row["hold_id"],
        "wallet_id": row["wallet_id"],
        "status": row["status"],
        **amounts,
        "placed_at": row["placed_at"],
        "expires_at": row["expires_at"],
        "reference": texts.get(reference) if reference is not None else None,
    }


def _captured(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        "capture_id": row["capture_id"],
        "amount": money(row["amount"], currency),
        "refunded": money(row["refunded"], currency),
        "destination": row["destination"],
        "captured_at": row["captured_at"],
    }


def _reference(row: Mapping[str, Any]) -> Personal | None:
    if row["reference_sealed"] is None:
        return None
    return Personal(row["reference_subject"], sealed=row["reference_sealed"])


async def _hold(question: Question[Standing]) -> Answer:
    exchange, path = question.exchange, question.path
    async with question.view(READ_MODEL, HOLDS) as view:
        wallet = await reached(view, exchange, path["wallet_id"])
        row = await holds.hold(view.connection, exchange.principal.tenant_id, path["hold_id"])
        if row is None or row["wallet_id"] != wallet["wallet_id"]:
            raise HoldNotFound("this wallet has no such hold")
        texts = await opened(exchange, view, filter(None, [_reference(row)]))
    captures = [_captured(capture, row["currency"]) for capture in row["captures"]]
    return Answer({**_told(row, texts), "captures": captures}, view.position)


async def _holds(question: Question[HoldsParams]) -> Answer:
    exchange, params = question.exchange, question.params
    async with question.view(READ_MODEL, HOLDS) as view:
        wallet = await reached(view, exchange, question.path["wallet_id"])
        rows = await holds.holds(
            view.connection,
            exchange.principal.tenant_id,
            wallet["wallet_id"],
            only_open=params.only_open,
            after="" if params.cursor is None else place_of(params.cursor, str)[0],
            limit=params.limit + 1,
        )
        texts = await opened(exchange, view, filter(None, map(_reference, rows)))
    page = page_of(
        rows,
        params.limit,
        item=lambda row: _told(row, texts),
        place=lambda row: cursor_of(row["hold_id"]),
    )
    return Answer(page, view.position)


LIST = QueryRoute(
    "/api/wallet/{wallet_id}/holds",
    HoldsParams,
    _holds,
    permission=Permission.WALLET_READ,
    result=HoldsView,
    summary="List the holds of a wallet",
    name="wallet_holds",
)

ONE = QueryRoute(
    "/api/wallet/{wallet_id}/holds/{hold_id}",
    Standing,
    _hold,
    permission=Permission.WALLET_READ,
    result=HoldDetailView,
    summary="See a hold and its captures",
    name="wallet_hold",
)
