"""The statement of a wallet: what came, what went, and what was there after each."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from application.permissions import Permission
from domain.kernel.refusals import Invalid
from domain.ledger.accounts import owned
from domain.wallet.wallet import CASH
from interfaces.http.ledger.knowing import KnownView, at_known
from interfaces.http.ledger.spans import SpanParams, cursor_at
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.wallet.balances import READ_MODEL, reached
from interfaces.http.wire.money import MoneyView, money, written
from interfaces.http.wire.pdf import PDF, as_pdf
from interfaces.http.wire.tables import CSV, as_csv, wanted
from projections.ledger.register import RegisterPage, register

JOURNAL = "ledger_journal"
COLUMNS = ("effective_on", "recorded_at", "entry_id", "type", "amount_minor", "balance_minor")
EXPORT_LINES_MAX = 5_000


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
    known: KnownView
    opening: MoneyView
    closing: MoneyView
    items: list[StatementLineView]
    next_cursor: str | None


class StatementTooLong(Invalid):
    """An export has a limited number of lines."""

    code = "wallet.statement_too_long"


class StatementParams(SpanParams):
    """Which part, and in which format. CSV and PDF hold all lines of the span, on no pages."""

    format: Literal["json", "csv", "pdf"] | None = None


async def _statement(question: Question[StatementParams]) -> Answer:
    """`Accept: text/csv` or `application/pdf` (or `format`) gives the same lines as a file."""
    exchange, params = question.exchange, question.params
    form = wanted(exchange, params.format)
    models = (READ_MODEL, JOURNAL)
    async with at_known(question, params.known_at, *models) as (view, known, told):
        wallet = await reached(view, exchange, question.path["wallet_id"])
        page = await register(
            view.connection,
            exchange.principal.tenant_id,
            account=owned(CASH, wallet["wallet_id"]),
            currency=wallet["currency"],
            span=params.span(known),
            after=params.after() if form == "json" else None,
            limit=params.limit if form == "json" else EXPORT_LINES_MAX,
        )
    if form == "json":
        return Answer({**_told(page, wallet), "known": told}, view.position)
    if page.next is not None:
        raise StatementTooLong(
            f"an export has {EXPORT_LINES_MAX} lines at most; ask for a shorter span",
            lines_max=EXPORT_LINES_MAX,
        )
    if form == "csv":
        return Answer(_csv(page, wallet["currency"]), view.position, media_type=CSV)
    pdf = await asyncio.to_thread(_pdf, page, wallet, params)
    return Answer(pdf, view.position, media_type=PDF)


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


def _pdf(page: RegisterPage, wallet: Mapping[str, Any], params: StatementParams) -> bytes:
    currency = wallet["currency"]
    facts = (
        ("currency", currency),
        ("from", str(params.first or "")),
        ("to", str(params.last or params.as_of or "")),
        ("opening", written(-page.opening, currency)),
        ("closing", written(-page.closing, currency)),
    )
    rows = [
        (
            str(line["effective_on"]),
            line["recorded_at"].isoformat(),
            line["entry_id"],
            line["type"],
            written(-line["minor"], currency),
            written(-line["running"], currency),
        )
        for line in page.lines
    ]
    header = ("effective on", "recorded at", "entry", "type", "amount", "balance")
    told = [(name, value) for name, value in facts if value]
    return as_pdf(
        f"Statement of {wallet['wallet_id']}", told, header, rows, right=frozenset({4, 5})
    )


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
    extra={"x-answers-also": ["text/csv", "application/pdf"]},
)
