"""Ask for money in or out, and take the question back."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from stdnum import iban
from stdnum.exceptions import ValidationError as NotValid

from application.permissions import Permission
from application.wallet.requests.asking import CancelRequest, RequestTopUp, RequestWithdrawal
from application.wallet.requests.finding import RequestResult
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Amount, Body, Moment, Text

IBAN_LENGTH_MAX = 42
"""34 characters (ISO 13616) in groups of four."""


def _iban(text: str) -> str:
    try:
        return iban.validate(text)
    except NotValid as wrong:
        raise PydanticCustomError(
            "field.not_an_iban", "this is no IBAN; check its digits"
        ) from wrong


Iban = Annotated[
    str,
    Field(
        max_length=IBAN_LENGTH_MAX,
        description="Personal; kept encrypted. Its check digits are checked (ISO 7064, mod 97-10)",
        examples=["TR33 0006 1005 1978 6457 8413 26"],
    ),
    AfterValidator(_iban),
]


class TopUpRequestBody(Body):
    """How much was paid in, and what proves it; at `expires_at` it waits no longer (30 days)."""

    amount: Amount
    reference: Text | None = None
    expires_at: Moment | None = None


class WithdrawalBody(Body):
    """How much to pay out, and to whom; at `expires_at` it waits no longer (30 days)."""

    amount: Amount
    iban: Iban
    reference: Text | None = None
    expires_at: Moment | None = None


class CancelBody(Body):
    """Nothing to say."""


def _top_up(asked: Asked[TopUpRequestBody]) -> RequestTopUp:
    body = asked.body
    return RequestTopUp(
        asked.path["wallet_id"], body.amount.money(), body.reference, body.expires_at
    )


def _withdrawal(asked: Asked[WithdrawalBody]) -> RequestWithdrawal:
    body = asked.body
    return RequestWithdrawal(
        asked.path["wallet_id"], body.amount.money(), body.iban, body.reference, body.expires_at
    )


def _cancel(asked: Asked[CancelBody]) -> CancelRequest:
    return CancelRequest(asked.path["request_id"])


TOP_UP = CommandRoute(
    "/api/wallet/{wallet_id}/topup-requests",
    RequestTopUp,
    TopUpRequestBody,
    _top_up,
    permission=Permission.WALLET_REQUEST,
    result=RequestResult,
    summary="Ask for money that was paid in to be credited",
)

WITHDRAWAL = CommandRoute(
    "/api/wallet/{wallet_id}/withdrawals",
    RequestWithdrawal,
    WithdrawalBody,
    _withdrawal,
    permission=Permission.WALLET_REQUEST,
    result=RequestResult,
    summary="Ask for money to be paid out; it is held at once",
)

CANCEL = CommandRoute(
    "/api/wallet/requests/{request_id}/cancel",
    CancelRequest,
    CancelBody,
    _cancel,
    permission=Permission.WALLET_REQUEST,
    result=RequestResult,
    summary="Take a pending request back",
)
