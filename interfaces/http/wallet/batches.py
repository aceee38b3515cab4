"""Many wallet commands of one kind in one request."""

from application.permissions import Permission
from application.wallet.holds import CaptureHold, CaptureResult, HoldResult, PlaceHold
from application.wallet.topups import CreditFunds, CreditResult, TopUp, TopUpResult
from application.wallet.transfers import TransferFunds, TransferResult
from application.wallet.wallets import OpenWallet, WalletOpenedResult
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.batch import Batch, BatchAnswer, BatchRoute
from interfaces.http.wallet.holds import CaptureBody, HoldBody
from interfaces.http.wallet.opening import OpenBody
from interfaces.http.wallet.topups import CreditBody, TopUpBody
from interfaces.http.wallet.transfers import TransferBody
from interfaces.http.wire.fields import HoldId, IdempotencyKey, WalletId


class TopUpItem(TopUpBody):
    """A top-up, of which wallet, and under which key."""

    wallet_id: WalletId
    key: IdempotencyKey | None = None


class CreditItem(CreditBody):
    """A credit, to which wallet, and under which key."""

    wallet_id: WalletId
    key: IdempotencyKey | None = None


class HoldItem(HoldBody):
    """A hold, on which wallet, and under which key."""

    wallet_id: WalletId
    key: IdempotencyKey | None = None


class CaptureItem(CaptureBody):
    """A capture, of which hold, and under which key."""

    wallet_id: WalletId
    hold_id: HoldId
    key: IdempotencyKey | None = None


class TransferItem(TransferBody):
    """A transfer, and under which key."""

    key: IdempotencyKey | None = None


class OpenItem(OpenBody):
    """A wallet to open, and under which key."""

    key: IdempotencyKey | None = None


def _top_up(item: TopUpItem, _exchange: Exchange) -> TopUp:
    return item.command(item.wallet_id)


def _credit(item: CreditItem, _exchange: Exchange) -> CreditFunds:
    return item.command(item.wallet_id)


def _hold(item: HoldItem, _exchange: Exchange) -> PlaceHold:
    return item.command(item.wallet_id)


def _capture(item: CaptureItem, _exchange: Exchange) -> CaptureHold:
    return item.command(wallet_id=item.wallet_id, hold_id=item.hold_id)


def _transfer(item: TransferItem, _exchange: Exchange) -> TransferFunds:
    return item.command()


def _open(item: OpenItem, exchange: Exchange) -> OpenWallet:
    return item.command(exchange)


TOP_UPS = BatchRoute(
    "/api/wallet/top-ups/batch",
    TopUp,
    Batch[TopUpItem],
    _top_up,
    permission=Permission.WALLET_FUND,
    result=BatchAnswer[TopUpResult],
    summary="Enter many top-ups",
)
CREDITS = BatchRoute(
    "/api/wallet/credits/batch",
    CreditFunds,
    Batch[CreditItem],
    _credit,
    permission=Permission.WALLET_FUND,
    result=BatchAnswer[CreditResult],
    summary="Enter many credits",
)
HOLDS = BatchRoute(
    "/api/wallet/holds/batch",
    PlaceHold,
    Batch[HoldItem],
    _hold,
    permission=Permission.WALLET_HOLD,
    result=BatchAnswer[HoldResult],
    summary="Place many holds",
)
CAPTURES = BatchRoute(
    "/api/wallet/captures/batch",
    CaptureHold,
    Batch[CaptureItem],
    _capture,
    permission=Permission.WALLET_HOLD,
    result=BatchAnswer[CaptureResult],
    summary="Capture many holds",
)
TRANSFERS = BatchRoute(
    "/api/wallet/transfers/batch",
    TransferFunds,
    Batch[TransferItem],
    _transfer,
    permission=Permission.WALLET_TRANSFER,
    result=BatchAnswer[TransferResult],
    summary="Send many transfers",
)
OPENINGS = BatchRoute(
    "/api/wallet/batch",
    OpenWallet,
    Batch[OpenItem],
    _open,
    permission=Permission.WALLET_OPEN,
    result=BatchAnswer[WalletOpenedResult],
    summary="Open many wallets",
)
