"""The approved withdrawals as a table that a bank can carry out."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from application.permissions import Permission
from domain.kernel.events import Personal
from domain.wallet.requests.stages import Stage
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wallet.requests.seeing import REQUESTS, Kind, sealed_of
from interfaces.http.wire.fields import CurrencyCode
from interfaces.http.wire.money import whole_units
from interfaces.http.wire.personal import opened
from interfaces.http.wire.problems import Problem
from interfaces.http.wire.tables import CSV, as_csv
from projections.wallet import requests

PAYOUTS_MAX = 1_000
"""The oldest so many stand in one file; the next file holds the next, once these are paid."""

COLUMNS = ("request_id", "iban", "amount", "amount_minor", "currency", "reference")


class PayoutParams(Standing):
    """Which withdrawals."""

    currency: Annotated[CurrencyCode | None, Field(description="Only this currency")] = None


async def _payout_file(question: Question[PayoutParams]) -> Answer:
    """CSV, oldest first, 1,000 lines at most. Also needs pii.read, for the IBANs.

    A withdrawal stands in it until it is noted as paid or bounced, so do that before the next file.
    """
    exchange, params = question.exchange, question.params
    if not exchange.principal.may(Permission.PII_READ):
        raise Problem(
            403,
            "auth.permission_missing",
            f"this key lacks the permission {Permission.PII_READ.value}",
            facts={"permission": Permission.PII_READ.value},
        )
    async with question.view(REQUESTS) as view:
        rows = await requests.queue(
            view.connection,
            exchange.principal.tenant_id,
            state=Stage.APPROVED,
            kind=Kind.WITHDRAWAL,
            currency=params.currency,
            limit=PAYOUTS_MAX,
        )
        sealed = [one for row in rows for one in sealed_of(row).values()]
        texts = await opened(exchange, view, sealed)
    table = as_csv(COLUMNS, (_line(row, texts) for row in rows))
    return Answer(table, view.position, media_type=CSV)


def _line(row: Mapping[str, Any], texts: Mapping[Personal, str | None]) -> tuple[object, ...]:
    words = {name: texts.get(sealed) for name, sealed in sealed_of(row).items()}
    return (
        row["request_id"],
        words["iban"] or "",  # a person who was forgotten: the bank refuses the line, and one sees
        whole_units(row["amount"], row["currency"]),
        row["amount"],
        row["currency"],
        words.get("reference") or row["request_id"],
    )


PAYOUT_FILE = QueryRoute(
    "/api/wallet/requests/payout-file",
    PayoutParams,
    _payout_file,
    permission=Permission.WALLET_APPROVE,
    result=str,
    summary="Get the approved withdrawals as a file for the bank",
    name="wallet_payout_file",
    staff_only=True,
    extra={"x-answers": "text/csv"},
)
