"""Every timer and the command it sends when it is due, ordered by context."""

from collections.abc import Callable, Mapping
from typing import Any

from application.processes.expiries import (
    BONUS_EXPIRY,
    BONUS_WARNING,
    GIFT_CARD_EXPIRY,
    HOLD_EXPIRY,
    REQUEST_EXPIRY,
    RESERVATION_EXPIRY,
    WATCH_LAPSE,
)
from application.stock.reserving import ExpireReservation
from application.stock.watching import LapseWatch
from application.wallet.bonus import ExpireBonus, WarnOfBonusExpiry
from application.wallet.gift_cards import ExpireGiftCard
from application.wallet.holds import ExpireHold
from application.wallet.requests.asking import ExpireRequest


def _of_two(command: Callable[[str, str], Any]) -> Callable[[str], Any]:
    def make(key: str) -> Any:  # noqa: ANN401 - the command
        whose, _, which = key.partition("/")
        return command(whose, which)

    return make


TIMERS: Mapping[str, Callable[[str], Any]] = {
    HOLD_EXPIRY: ExpireHold,
    BONUS_WARNING: _of_two(WarnOfBonusExpiry),
    BONUS_EXPIRY: _of_two(ExpireBonus),
    REQUEST_EXPIRY: ExpireRequest,
    GIFT_CARD_EXPIRY: ExpireGiftCard,
    RESERVATION_EXPIRY: ExpireReservation,
    WATCH_LAPSE: _of_two(LapseWatch),
}
"""By name; the key that the timer was set with says whose it is."""
