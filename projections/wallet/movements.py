"""What each event does to the money of a wallet; the balances add it up."""

from collections.abc import Mapping

from domain.kernel.events import Event
from domain.wallet.events import (
    CaptureRefunded,
    FundsCredited,
    FundsHeld,
    FundsToppedUp,
    HeldFundsCaptured,
    HeldFundsReleased,
    IncomeReversed,
    TransferReceived,
    TransferReturned,
    TransferSent,
    TransferTakenBack,
)
from domain.wallet.gifts.events import GiftReceived
from domain.wallet.requests.adjustment_events import (
    AdjustmentCredited,
    AdjustmentDebited,
    AdjustmentHeld,
    AdjustmentReleased,
)
from domain.wallet.requests.events import (
    HeldFundsPaidOut,
    PayoutReturned,
    WithdrawalHeld,
    WithdrawalReleased,
)

CHANGES: Mapping[type[Event], tuple[int, int, int]] = {
    FundsToppedUp: (1, 0, 0),
    FundsCredited: (1, 0, 0),
    IncomeReversed: (-1, 0, 0),
    FundsHeld: (-1, 1, -1),
    HeldFundsCaptured: (0, -1, 0),
    HeldFundsReleased: (1, -1, 1),
    CaptureRefunded: (1, 0, 1),
    TransferSent: (-1, 0, 0),
    TransferReceived: (1, 0, 0),
    TransferReturned: (-1, 0, 0),
    TransferTakenBack: (1, 0, 0),
    WithdrawalHeld: (-1, 1, 0),
    WithdrawalReleased: (1, -1, 0),
    HeldFundsPaidOut: (0, -1, 0),
    PayoutReturned: (1, 0, 0),
    AdjustmentCredited: (1, 0, 0),
    AdjustmentHeld: (-1, 1, 0),
    AdjustmentReleased: (1, -1, 0),
    AdjustmentDebited: (0, -1, 0),
    GiftReceived: (1, 0, 0),
}
"""What each event does to (available, held), in multiples of its amount, and how its bonus moves in
lots instead; tests hold it to the aggregate, which a fold must not ask."""
