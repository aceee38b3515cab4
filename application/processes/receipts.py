"""Whoever's money moved, or ends soon, gets mail, if the tenant's customers get any."""

from collections.abc import Iterable
from typing import Any

from application.process import Known, Passing, Perform, Process, Reaction
from domain.kernel.events import Event
from domain.notifications.events import MAILING_KEY
from domain.notifications.mailing import Mailing
from domain.wallet.bonus_events import BonusExpiryWarned
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
from domain.wallet.requests.adjustment_events import AdjustmentCredited, AdjustmentDebited

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
    AdjustmentCredited,
    AdjustmentDebited,
    BonusExpiryWarned,
)
"""Events of wallets. Money that is only set aside, or released, has not moved; a warning is no
receipt, and goes the same way."""

_DUE = frozenset(kind.NAME for kind in RECEIPT_DUE)


def _wanted(mailing: Mailing | None) -> bool:
    return mailing is not None and mailing.receipts


def _moved(_mailing: Any, passing: Passing) -> Iterable[Reaction]:  # noqa: ANN401 - of `Process`
    if passing.type in _DUE:
        yield Perform(WALLET_RECEIPT)


RECEIPTS = Process("receipts", knows=Known(Mailing, MAILING_KEY), attentive=_wanted, relay=_moved)
"""It sees events pass and reads none: what a receipt says is read when it is written."""
