"""Every timer and the command it sends when it is due, ordered by context."""

from collections.abc import Callable, Mapping
from typing import Any

from application.processes.expiries import GIFT_CARD_EXPIRY, HOLD_EXPIRY
from application.wallet.gift_cards import ExpireGiftCard
from application.wallet.holds import ExpireHold

TIMERS: Mapping[str, Callable[[str], Any]] = {
    HOLD_EXPIRY: ExpireHold,
    GIFT_CARD_EXPIRY: ExpireGiftCard,
}
"""By name; the key that the timer was set with says whose it is."""
