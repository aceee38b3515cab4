"""Which events come in pairs: one carries an entry, and one of another stream names it."""

from collections.abc import Mapping
from itertools import chain
from types import UnionType
from typing import get_args

from domain.kernel.events import Event
from domain.wallet.events import (
    CaptureRefunded,
    FundsHeld,
    FundsToppedUp,
    HeldFundsCaptured,
    HeldFundsReleased,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldRefunded,
    HoldReleased,
    TransferReceived,
    TransferReturned,
    TransferSent,
    TransferTakenBack,
)
from domain.wallet.gifts.events import GiftCardRedeemed, GiftReceived
from domain.wallet.requests.adjustment_events import (
    AdjustmentApproved,
    AdjustmentCancelled,
    AdjustmentCredited,
    AdjustmentDebited,
    AdjustmentExpired,
    AdjustmentHeld,
    AdjustmentRejected,
    AdjustmentReleased,
    AdjustmentRequested,
)
from domain.wallet.requests.events import (
    HeldFundsPaidOut,
    PayoutReturned,
    TopUpApproved,
    WithdrawalBounced,
    WithdrawalCancelled,
    WithdrawalExpired,
    WithdrawalHeld,
    WithdrawalPaid,
    WithdrawalRejected,
    WithdrawalReleased,
    WithdrawalRequested,
    WithdrawalTurnedDown,
)

COMPANIONS: Mapping[type[Event], type[Event] | UnionType] = {
    HoldPlaced: FundsHeld,
    HoldCaptured: HeldFundsCaptured,
    HoldReleased: HeldFundsReleased,
    HoldExpired: HeldFundsReleased,
    HoldRefunded: CaptureRefunded,
    TransferReceived: TransferSent,
    TransferTakenBack: TransferReturned,
    TopUpApproved: FundsToppedUp,
    WithdrawalRequested: WithdrawalHeld,
    WithdrawalRejected: WithdrawalReleased,
    WithdrawalCancelled: WithdrawalReleased,
    WithdrawalExpired: WithdrawalReleased,
    WithdrawalTurnedDown: WithdrawalReleased,
    WithdrawalPaid: HeldFundsPaidOut,
    WithdrawalBounced: PayoutReturned,
    AdjustmentRequested: AdjustmentHeld,
    AdjustmentApproved: AdjustmentCredited | AdjustmentDebited,
    AdjustmentRejected: AdjustmentReleased,
    AdjustmentCancelled: AdjustmentReleased,
    AdjustmentExpired: AdjustmentReleased,
    GiftReceived: GiftCardRedeemed,
}
"""Events that name the entry of another stream's event, which stands before them. An adjustment
that holds nothing names none."""

MAY_STAND_ALONE: frozenset[type[Event]] = frozenset({FundsToppedUp})
"""Events that another names in some cases only, and then right behind them."""


def kinds_of(one_or_several: type[Event] | UnionType) -> tuple[type[Event], ...]:
    """Give the members of a union, or the one type that it is."""
    return get_args(one_or_several) or (one_or_several,)  # type: ignore[return-value]


COMPANIED: frozenset[type[Event]] = frozenset(
    chain.from_iterable(map(kinds_of, COMPANIONS.values()))
)
