"""Every kind of effect, ordered by context."""

from application.processes.receipts import WALLET_RECEIPT
from infrastructure.effects.effect import Kinds
from infrastructure.notifications.receipts import WALLET_RECEIPTS

EFFECTS: Kinds = {
    WALLET_RECEIPT: WALLET_RECEIPTS,
}
"""By name, such as `channels.webhook`."""
