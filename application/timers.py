"""Every timer and the command it sends when it is due, ordered by context."""

from collections.abc import Callable, Mapping
from typing import Any

from application.catalog.publishing import PublishScheduled
from application.pricing.schedules import BeginPrice, EndPrice
from application.processes.expiries import (
    BONUS_EXPIRY,
    BONUS_WARNING,
    GIFT_CARD_EXPIRY,
    HOLD_EXPIRY,
    REQUEST_EXPIRY,
    RESERVATION_EXPIRY,
    WATCH_LAPSE,
)
from application.processes.price_schedules import PRICE_BEGIN, PRICE_END
from application.processes.publications import PUBLICATION
from application.stock.reserving import ExpireReservation
from application.stock.watching import LapseWatch
from application.wallet.bonus import ExpireBonus, WarnOfBonusExpiry
from application.wallet.gift_cards import ExpireGiftCard
from application.wallet.holds import ExpireHold
from application.wallet.requests.asking import ExpireRequest


def _within(command: Callable[[str, str], Any]) -> Callable[[str], Any]:
    """Read a key that names something within something else, such as a lot of a wallet."""

    def make(key: str) -> Any:  # noqa: ANN401 - the command
        whole, _, part = key.partition("/")
        return command(whole, part)

    return make


TIMERS: Mapping[str, Callable[[str], Any]] = {
    HOLD_EXPIRY: ExpireHold,
    BONUS_WARNING: _within(WarnOfBonusExpiry),
    BONUS_EXPIRY: _within(ExpireBonus),
    REQUEST_EXPIRY: ExpireRequest,
    GIFT_CARD_EXPIRY: ExpireGiftCard,
    PUBLICATION: PublishScheduled,
    PRICE_BEGIN: _within(BeginPrice),
    PRICE_END: _within(EndPrice),
    RESERVATION_EXPIRY: ExpireReservation,
    WATCH_LAPSE: _within(LapseWatch),
}
"""By name; the key that the timer was set with says whose it is."""
