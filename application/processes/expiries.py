"""What has a last moment gets a timer, and loses it when it ends before."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import chain
from typing import Any

from application.process import ClearTimer, Process, Reaction, SetTimer
from domain.kernel.events import Recorded
from domain.kernel.money import Money
from domain.stock.reservation_events import (
    ReservationExpired,
    ReservationExtended,
    ReservationIssued,
    ReservationPlaced,
    ReservationReleased,
)
from domain.stock.watch_events import WatchAsked, WatchConfirmed, WatchEnded
from domain.wallet.bonus import BONUS_WARNING_LEAD
from domain.wallet.bonus_events import BonusGranted
from domain.wallet.events import HoldCaptured, HoldExpired, HoldPlaced, HoldReleased
from domain.wallet.gifts.events import (
    GiftCardExpired,
    GiftCardIssued,
    GiftCardRedeemed,
    GiftCardVoided,
)
from domain.wallet.requests.adjustment_events import (
    AdjustmentApproved,
    AdjustmentCancelled,
    AdjustmentExpired,
    AdjustmentRejected,
    AdjustmentRequested,
)
from domain.wallet.requests.events import (
    TopUpApproved,
    TopUpCancelled,
    TopUpRejected,
    TopUpRequested,
    TopUpRequestExpired,
    WithdrawalApproved,
    WithdrawalCancelled,
    WithdrawalExpired,
    WithdrawalRejected,
    WithdrawalRequested,
)

HOLD_EXPIRY = "wallet.hold_expiry"
BONUS_WARNING = "wallet.bonus_warning"
BONUS_EXPIRY = "wallet.bonus_expiry"
REQUEST_EXPIRY = "wallet.request_expiry"
GIFT_CARD_EXPIRY = "wallet.gift_card_expiry"
RESERVATION_EXPIRY = "stock.reservation_expiry"
WATCH_LAPSE = "stock.watch_lapse"

React = Callable[[Recorded], Iterable[Reaction]]


def _begins(timer: str, *whose: str, before: timedelta = timedelta()) -> React:
    """Set a timer for the last moment of an event, if it has one; `whose` are the key's fields.

    One that comes `before` is left out where the event is no longer before that itself.
    """

    def react(recorded: Recorded) -> Iterable[Reaction]:
        event: Any = recorded.event
        if event.expires_at is None:
            return
        due_at = event.expires_at - before
        if not before or recorded.recorded_at < due_at:
            yield SetTimer(timer, "/".join(getattr(event, name) for name in whose), due_at)

    return react


def _both(*reacts: React) -> React:
    return lambda recorded: chain.from_iterable(react(recorded) for react in reacts)


def _ends(timer: str, *whose: str) -> React:
    """Clear a timer, unless the event says that something remains."""

    def react(recorded: Recorded) -> Iterable[Reaction]:
        remaining: Money | None = getattr(recorded.event, "remaining", None)
        if remaining is None or not remaining.minor:
            yield ClearTimer(timer, "/".join(getattr(recorded.event, name) for name in whose))

    return react


def _reservation_extended(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    if event.expires_at is None:
        yield ClearTimer(RESERVATION_EXPIRY, event.reservation_id)
    else:
        yield SetTimer(RESERVATION_EXPIRY, event.reservation_id, event.expires_at)


def _reservation_issued(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    if not event.left:
        yield ClearTimer(RESERVATION_EXPIRY, event.reservation_id)


_hold_ends = _ends(HOLD_EXPIRY, "hold_id")
_request_begins, _request_ends = (
    _begins(REQUEST_EXPIRY, "request_id"),
    _ends(REQUEST_EXPIRY, "request_id"),
)
_gift_card_ends = _ends(GIFT_CARD_EXPIRY, "card_id")
_reservation_ends = _ends(RESERVATION_EXPIRY, "reservation_id")
_watch_settled = _ends(WATCH_LAPSE, "variant_id", "watcher_id")

EXPIRIES = Process(
    "expiries",
    {
        HoldPlaced: _begins(HOLD_EXPIRY, "hold_id"),
        HoldCaptured: _hold_ends,
        HoldReleased: _hold_ends,
        HoldExpired: _hold_ends,
        # They stay when the lot is spent: a hold may give some of it back.
        BonusGranted: _both(
            _begins(BONUS_WARNING, "wallet_id", "lot_id", before=BONUS_WARNING_LEAD),
            _begins(BONUS_EXPIRY, "wallet_id", "lot_id"),
        ),
        TopUpRequested: _request_begins,
        TopUpApproved: _request_ends,
        TopUpRejected: _request_ends,
        TopUpCancelled: _request_ends,
        TopUpRequestExpired: _request_ends,
        WithdrawalRequested: _request_begins,
        WithdrawalApproved: _request_ends,
        WithdrawalRejected: _request_ends,
        WithdrawalCancelled: _request_ends,
        WithdrawalExpired: _request_ends,
        AdjustmentRequested: _request_begins,
        AdjustmentApproved: _request_ends,
        AdjustmentRejected: _request_ends,
        AdjustmentCancelled: _request_ends,
        AdjustmentExpired: _request_ends,
        GiftCardIssued: _begins(GIFT_CARD_EXPIRY, "card_id"),
        GiftCardRedeemed: _gift_card_ends,
        GiftCardVoided: _gift_card_ends,
        GiftCardExpired: _gift_card_ends,
        ReservationPlaced: _begins(RESERVATION_EXPIRY, "reservation_id"),
        ReservationExtended: _reservation_extended,
        ReservationIssued: _reservation_issued,
        ReservationReleased: _reservation_ends,
        ReservationExpired: _reservation_ends,
        WatchAsked: _begins(WATCH_LAPSE, "variant_id", "watcher_id"),
        WatchConfirmed: _watch_settled,
        WatchEnded: _watch_settled,
    },
)
