"""Whoever's money moved gets a receipt."""

from collections.abc import Iterable

from application.process import Perform, Process, Reaction
from domain.kernel.events import Event, Recorded
from domain.wallet.events import (
    CaptureRefunded,
    FundsCredited,
    FundsToppedUp,
    HeldFundsCaptured,
    IncomeReversed,
    TransferReceived,
    TransferReturned,
    TransferSent,
    TransferTakenBack,
)

WALLET_RECEIPT = "notifications.wallet_receipt"

RECEIPT_DUE: tuple[type[Event], ...] = (
    FundsToppedUp,
    FundsCredited,
    IncomeReversed,
    HeldFundsCaptured,
    CaptureRefunded,
    TransferSent,
    TransferReceived,
    TransferReturned,
    TransferTakenBack,
)
"""Events of wallets with an amount. Money that is only set aside, or released, has not moved."""


def _moved(_recorded: Recorded) -> Iterable[Reaction]:
    yield Perform(WALLET_RECEIPT)


RECEIPTS = Process("receipts", dict.fromkeys(RECEIPT_DUE, _moved))
