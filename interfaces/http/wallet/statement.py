"""The statement of a wallet: what came, what went, and what was there after each."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from application.permissions import Permission
from domain.ledger.accounts import owned
from domain.wallet.wallet import CASH
from interfaces.http.ledger.spans import SpanParams, cursor_at
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.wallet.balances import READ_MODEL, reached
from interfaces.http.wire.money import MoneyView, money
from interfaces.http.wire.tables import CSV, as_csv, wants_csv
from projections.ledger.register import RegisterPage, register

JOURNAL = "ledger_journal"
COLUMNS = ("effective_on", "recorded_at", "entry_id", "type", "amount_minor", "balance_minor")


class StatementLineView(BaseModel):
    """One movement; `amount` is negative for money that went."""

    effective_on: date
    recorded_at: datetime
    entry_id: str
    type: str
    amount: MoneyView
    balance: MoneyView


class StatementView(BaseModel):
    """Available money over a span of days, and its movements in order."""

    wallet_id: str
    currency: str
    opening: MoneyView
    closing: MoneyView
    items: list[StatementLineView]
    next_cursor: str | None


class StatementParams(SpanParams):
    """Which part, and in which format."""

    format: Literal["json", "csv"] | None = None


async def _statement(question: Question[StatementParams]) -> Answer:
    """`Accept: text/csv` gives the same lines as CSV."""
    exchange, params = question.exchange, question.params
    async with question.view(READ_MODEL, JOURNAL) as view:
        wallet = await reached(view, exchange, question.path["wallet_id"])
        page = await register(
            view.connection,
            exchange.principal.tenant_id,
            account=owned(CASH, wallet["wallet_id"]),
            currency=wallet["currency"],
            span=params.span(),
            after=params.after(),
            limit=params.limit,
        )
    if wants_csv(exchange, params.format):
        return Answer(_csv(page, wallet["currency"]), view.position, media_type=CSV)
    return Answer(_told(page, wallet), view.position)


def _told(page: RegisterPage, wallet: Mapping[str, Any]) -> dict[str, Any]:
    # To the shop a customer's money is a liability: what the books credit is theirs.
    currency = wallet["currency"]
    return {
        "wallet_id": wallet["wallet_id"],
        "currency": currency,
        "opening": money(-page.opening, currency),
        "closing": money(-page.closing, currency),
        "items": [
            {
                "effective_on": line["effective_on"],
                "recorded_at": line["recorded_at"],
                "entry_id": line["entry_id"],
                "type": line["type"],
                "amount": money(-line["minor"], currency),
                "balance": money(-line["running"], currency),
            }
            for line in page.lines
        ],
        "next_cursor": cursor_at(page.next),
    }


def _csv(page: RegisterPage, currency: str) -> bytes:
    rows = (
        (
            line["effective_on"],
            line["recorded_at"].isoformat(),
            line["entry_id"],
            line["type"],
            -line["minor"],
            -line["running"],
            currency,
        )
        for line in page.lines
    )
    return as_csv((*COLUMNS, "currency"), rows)


STATEMENT = QueryRoute(
    "/api/wallet/{wallet_id}/statement",
    StatementParams,
    _statement,
    permission=Permission.WALLET_READ,
    result=StatementView,
    summary="See a wallet's statement with running balance",
    name="wallet_statement",
)
