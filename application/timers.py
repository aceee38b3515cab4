"""Every timer and the command it sends when it is due, ordered by context."""

from collections.abc import Callable, Mapping
from typing import Any

from application.catalog.publishing import PublishScheduled
from application.processes.expiries import (
    BONUS_EXPIRY,
    BONUS_WARNING,
    GIFT_CARD_EXPIRY,
    HOLD_EXPIRY,
    REQUEST_EXPIRY,
)
from application.processes.publications import PUBLICATION
from application.wallet.bonus import ExpireBonus, WarnOfBonusExpiry
from application.wallet.gift_cards import ExpireGiftCard
from application.wallet.holds import ExpireHold
from application.wallet.requests.asking import ExpireRequest


def _of_lot(command: Callable[[str, str], Any]) -> Callable[[str], Any]:
    def make(key: str) -> Any:  # noqa: ANN401 - the command
        wallet_id, _, lot_id = key.partition("/")
        return command(wallet_id, lot_id)

    return make


TIMERS: Mapping[str, Callable[[str], Any]] = {
    HOLD_EXPIRY: ExpireHold,
    BONUS_WARNING: _of_lot(WarnOfBonusExpiry),
    BONUS_EXPIRY: _of_lot(ExpireBonus),
    REQUEST_EXPIRY: ExpireRequest,
    GIFT_CARD_EXPIRY: ExpireGiftCard,
    PUBLICATION: PublishScheduled,
}
"""By name; the key that the timer was set with says whose it is."""
