"""What has a last moment gets a timer, and loses it when it ends before."""

from collections.abc import Iterable
from typing import Any

from application.process import ClearTimer, Process, Reaction, SetTimer
from domain.kernel.events import Recorded
from domain.wallet.bonus_events import BonusGranted
from domain.wallet.events import HoldCaptured, HoldExpired, HoldPlaced, HoldReleased
from domain.wallet.gifts.events import (
    GiftCardExpired,
    GiftCardIssued,
    GiftCardRedeemed,
    GiftCardVoided,
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
BONUS_EXPIRY = "wallet.bonus_expiry"
REQUEST_EXPIRY = "wallet.request_expiry"
GIFT_CARD_EXPIRY = "wallet.gift_card_expiry"


def _hold_placed(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    if event.expires_at is not None:
        yield SetTimer(HOLD_EXPIRY, event.hold_id, event.expires_at)


def _hold_captured(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    if not event.remaining.minor:
        yield ClearTimer(HOLD_EXPIRY, event.hold_id)


def _hold_ended(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield ClearTimer(HOLD_EXPIRY, event.hold_id)


def _bonus_granted(recorded: Recorded) -> Iterable[Reaction]:
    # The timer stays when the lot is spent: a hold may give some of it back.
    event: Any = recorded.event
    if event.expires_at is not None:
        yield SetTimer(BONUS_EXPIRY, f"{event.wallet_id}/{event.lot_id}", event.expires_at)


def _requested(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield SetTimer(REQUEST_EXPIRY, event.request_id, event.expires_at)


def _request_decided(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield ClearTimer(REQUEST_EXPIRY, event.request_id)


def _gift_card_issued(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    if event.expires_at is not None:
        yield SetTimer(GIFT_CARD_EXPIRY, event.card_id, event.expires_at)


def _gift_card_redeemed(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    if not event.remaining.minor:
        yield ClearTimer(GIFT_CARD_EXPIRY, event.card_id)


def _gift_card_ended(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield ClearTimer(GIFT_CARD_EXPIRY, event.card_id)


EXPIRIES = Process(
    "expiries",
    {
        HoldPlaced: _hold_placed,
        HoldCaptured: _hold_captured,
        HoldReleased: _hold_ended,
        HoldExpired: _hold_ended,
        BonusGranted: _bonus_granted,
        TopUpRequested: _requested,
        TopUpApproved: _request_decided,
        TopUpRejected: _request_decided,
        TopUpCancelled: _request_decided,
        TopUpRequestExpired: _request_decided,
        WithdrawalRequested: _requested,
        WithdrawalApproved: _request_decided,
        WithdrawalRejected: _request_decided,
        WithdrawalCancelled: _request_decided,
        WithdrawalExpired: _request_decided,
        GiftCardIssued: _gift_card_issued,
        GiftCardRedeemed: _gift_card_redeemed,
        GiftCardVoided: _gift_card_ended,
        GiftCardExpired: _gift_card_ended,
    },
)
