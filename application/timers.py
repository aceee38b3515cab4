"""Every timer and the command it sends when it is due, ordered by context."""

from collections.abc import Callable, Mapping
from typing import Any

from application.processes.expiries import HOLD_EXPIRY, REQUEST_EXPIRY
from application.wallet.holds import ExpireHold
from application.wallet.requests.asking import ExpireRequest

TIMERS: Mapping[str, Callable[[str], Any]] = {
    HOLD_EXPIRY: ExpireHold,
    REQUEST_EXPIRY: ExpireRequest,
}
"""By name; the key that the timer was set with says whose it is."""
