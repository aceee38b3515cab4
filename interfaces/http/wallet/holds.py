"""Set money aside, take it, give it back."""

from application.permissions import Permission
from application.wallet.holds import (
    CaptureHold,
    CaptureResult,
    HoldResult,
    PlaceHold,
    RefundCapture,
    RefundResult,
    ReleaseHold,
)
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import (
    AccountCode,
    Amount,
    Body,
    CaptureId,
    Day,
    HoldId,
    Moment,
    Text,
    money_or_none,
)


class HoldBody(Body):
    """What to set aside; `hold_id` may be an id of yours, such as the order's.

    What is left of it at `expires_at` goes back; without it a hold lasts until you end it. Bonus is
    taken before cash, the lot that ends first before the others; with `use_bonus` false only cash.
    """

    amount: Amount
    hold_id: HoldId | None = None
    effective_on: Day | None = None
    reference: Text | None = None
    expires_at: Moment | None = None
    use_bonus: bool = True

    def command(self, wallet_id: str) -> PlaceHold:
        """Give the command for a wallet."""
        return PlaceHold(
            wallet_id,
            self.amount.money(),
            self.hold_id,
            self.effective_on,
            self.reference,
            self.expires_at,
            use_bonus=self.use_bonus,
        )


class CaptureBody(Body):
    """What to take; without an amount, all that remains."""

    amount: Amount | None = None
    capture_id: CaptureId | None = None
    destination: AccountCode = "sales"
    effective_on: Day | None = None

    def command(self, *, wallet_id: str, hold_id: str) -> CaptureHold:
        """Give the command for a hold."""
        return CaptureHold(
            wallet_id,
            hold_id,
            money_or_none(self.amount),
            self.capture_id,
            self.destination,
            self.effective_on,
        )


class ReleaseBody(Body):
    """When it counts."""

    effective_on: Day | None = None


class RefundBody(Body):
    """What to give back; without an amount, all that is left of the capture."""

    amount: Amount | None = None
    effective_on: Day | None = None


def _place(asked: Asked[HoldBody]) -> PlaceHold:
    return asked.body.command(asked.path["wallet_id"])


def _capture(asked: Asked[CaptureBody]) -> CaptureHold:
    path = asked.path
    return asked.body.command(wallet_id=path["wallet_id"], hold_id=path["hold_id"])


def _release(asked: Asked[ReleaseBody]) -> ReleaseHold:
    path = asked.path
    return ReleaseHold(path["wallet_id"], path["hold_id"], asked.body.effective_on)


def _refund(asked: Asked[RefundBody]) -> RefundCapture:
    path, body = asked.path, asked.body
    return RefundCapture(
        path["wallet_id"],
        path["hold_id"],
        path["capture_id"],
        money_or_none(body.amount),
        body.effective_on,
    )


PLACE = CommandRoute(
    "/api/wallet/{wallet_id}/holds",
    PlaceHold,
    HoldBody,
    _place,
    permission=Permission.WALLET_HOLD,
    result=HoldResult,
    summary="Hold money of a wallet",
)

CAPTURE = CommandRoute(
    "/api/wallet/{wallet_id}/holds/{hold_id}/captures",
    CaptureHold,
    CaptureBody,
    _capture,
    permission=Permission.WALLET_HOLD,
    result=CaptureResult,
    summary="Capture a hold, in whole or in part",
)

RELEASE = CommandRoute(
    "/api/wallet/{wallet_id}/holds/{hold_id}/release",
    ReleaseHold,
    ReleaseBody,
    _release,
    permission=Permission.WALLET_HOLD,
    result=HoldResult,
    summary="Release what remains of a hold",
)

REFUND = CommandRoute(
    "/api/wallet/{wallet_id}/holds/{hold_id}/captures/{capture_id}/refunds",
    RefundCapture,
    RefundBody,
    _refund,
    permission=Permission.WALLET_HOLD,
    result=RefundResult,
    summary="Refund a capture, in whole or in part",
)
