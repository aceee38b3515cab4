"""The checker of the books over requests: each side of an entry misses the other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.wallet.events import FundsToppedUp
from domain.wallet.requests.adjustment_events import (
    AdjustmentApproved,
    AdjustmentCancelled,
    AdjustmentCredited,
    AdjustmentDebited,
    AdjustmentExpired,
    AdjustmentHeld,
    AdjustmentRejected,
    AdjustmentReleased,
    AdjustmentRequested,
)
from domain.wallet.requests.events import (
    HeldFundsPaidOut,
    PayoutReturned,
    TopUpApproved,
    WithdrawalBounced,
    WithdrawalCancelled,
    WithdrawalExpired,
    WithdrawalHeld,
    WithdrawalPaid,
    WithdrawalRejected,
    WithdrawalReleased,
    WithdrawalRequested,
    WithdrawalTurnedDown,
)
from infrastructure.ledger_check.findings import Damaged
from infrastructure.ledger_check.folding import LedgerFold
from infrastructure.sealing.layout import Row
from infrastructure.sealing.leaves import EPOCH
from tests.kit.lively.whole import lively
from tests.projections.written_logs import CODEC, START

pytestmark = [pytest.mark.row(code) for code in ("WLT-06", "WLT-07", "WLT-12")]

NAMING = (
    TopUpApproved,
    WithdrawalRequested,
    WithdrawalRejected,
    WithdrawalCancelled,
    WithdrawalExpired,
    WithdrawalPaid,
    WithdrawalTurnedDown,
    WithdrawalBounced,
    AdjustmentRequested,
    AdjustmentApproved,
    AdjustmentRejected,
    AdjustmentCancelled,
    AdjustmentExpired,
)
MOVING = (
    WithdrawalHeld,
    WithdrawalReleased,
    HeldFundsPaidOut,
    PayoutReturned,
    AdjustmentCredited,
    AdjustmentHeld,
    AdjustmentReleased,
    AdjustmentDebited,
)


def stored(position: int, stream: str, version: int, event: Event) -> Row:
    at = (START - EPOCH) // timedelta(microseconds=1) + position
    return Row(position, stream, version, event.NAME, event.SCHEMA, at, CODEC.encode(event))


def folded(change: Callable[[Event], Event] = lambda event: event) -> LedgerFold:
    """Fold a log in which everything happens, changed on the way."""
    fold = LedgerFold()
    for position, stream, version, event in lively().events:
        fold.look(stored(position, stream, version, change(event)))
    fold.finish()
    return fold


def test_books_with_requests_are_sound_and_top_ups_may_stand_alone() -> None:
    fold = folded()
    events = [event for *_, event in lively().events]
    assert {*NAMING, *MOVING} <= {type(event) for event in events}
    top_ups = [event for event in events if isinstance(event, FundsToppedUp)]
    approved = [event for event in events if isinstance(event, TopUpApproved)]
    assert 0 < len(approved) < len(top_ups)
    assert fold.entries == sum(hasattr(event, "entry") for event in events)


@pytest.mark.parametrize("kind", NAMING)
def test_a_request_that_names_another_amount_is_found(kind: type[Event]) -> None:
    def change(event: Event) -> Event:
        return replace(event, amount=Money(1, "TRY")) if type(event) is kind else event  # type: ignore[type-var]

    with pytest.raises(Damaged, match="does not agree"):
        folded(change)


@pytest.mark.parametrize("kind", NAMING)
def test_a_request_that_names_an_entry_which_is_not_there_is_found(kind: type[Event]) -> None:
    def change(event: Event) -> Event:
        named = "wallet-wal_bbbb.999"
        return replace(event, entry_id=named) if type(event) is kind else event  # type: ignore[type-var]

    with pytest.raises(Damaged, match="no open entry"):
        folded(change)


def test_a_debit_that_does_not_name_its_hold_is_found() -> None:
    def change(event: Event) -> Event:
        return replace(event, entry_id=None) if isinstance(event, AdjustmentRequested) else event

    with pytest.raises(Damaged, match="no event on its other side"):
        folded(change)


def test_a_top_up_stands_alone_before_an_adjustment_that_holds_nothing() -> None:
    events = lively().events
    credit = next(event for *_, event in events if isinstance(event, AdjustmentRequested))
    top_up = next(n for n, (*_, event) in enumerate(events) if isinstance(event, FundsToppedUp))
    fold = LedgerFold()
    for one in events[: top_up + 1]:
        fold.look(stored(*one))
    fold.look(stored(top_up + 2, f"adjustment-{credit.request_id}", 1, credit))
    fold.finish()


@pytest.mark.parametrize("kind", MOVING)
def test_an_entry_that_does_not_follow_from_its_rule_is_found(kind: type[Event]) -> None:
    def change(event: Event) -> Event:
        return replace(event, amount=Money(1, "TRY")) if type(event) is kind else event  # type: ignore[type-var]

    with pytest.raises(Damaged, match="does not follow from its rule"):
        folded(change)


def test_a_hold_for_a_withdrawal_that_nobody_asked_for_is_found() -> None:
    events = lively().events
    last = max(n for n, (*_, event) in enumerate(events) if isinstance(event, WithdrawalHeld))
    fold = LedgerFold()
    for one in events[: last + 1]:
        fold.look(stored(*one))
    with pytest.raises(Damaged, match="no event on its other side"):
        fold.finish()
