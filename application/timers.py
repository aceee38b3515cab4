"""Every timer and the command it sends when it is due, ordered by context."""

from collections.abc import Callable, Mapping
from typing import Any

from application.processes.expiries import (
    BONUS_EXPIRY,
    GIFT_CARD_EXPIRY,
    HOLD_EXPIRY,
    REQUEST_EXPIRY,
)
from application.wallet.bonus import ExpireBonus
from application.wallet.gift_cards import ExpireGiftCard
from application.wallet.holds import ExpireHold
from application.wallet.requests.asking import ExpireRequest


def _expire_bonus(key: str) -> ExpireBonus:
    wallet_id, _, lot_id = key.partition("/")
    return ExpireBonus(wallet_id, lot_id)


TIMERS: Mapping[str, Callable[[str], Any]] = {
    HOLD_EXPIRY: ExpireHold,
    BONUS_EXPIRY: _expire_bonus,
    REQUEST_EXPIRY: ExpireRequest,
    GIFT_CARD_EXPIRY: ExpireGiftCard,
}
"""By name; the key that the timer was set with says whose it is."""
