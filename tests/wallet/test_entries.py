"""Every entry of a wallet can be derived again from its event, by the rule that it names."""

from dataclasses import replace

import pytest

from domain.kernel.events import Event
from domain.ledger.postings import Entry
from domain.wallet import entries
from domain.wallet.entries import RULES
from domain.wallet.events import CaptureRefunded, HeldFundsReleased
from domain.wallet.gifts.events import GiftCardExpired, GiftCardVoided
from domain.wallet.requests.events import HeldFundsPaidOut, PayoutReturned
from infrastructure.event_log.event_types import EVENT_TYPES
from tests.kit.adjustments import adjusted_down, adjusted_up, asked_to_debit, let_go
from tests.kit.requests import asked_out, given_back
from tests.kit.wallets import (
    ADA,
    ADA_BONUS,
    ADA_CASH,
    ADA_HELD,
    CARD,
    CARD_GIFT,
    captured,
    credited,
    entry,
    gift_card,
    granted,
    held,
    held_with_bonus,
    lapsed,
    lines,
    lira,
    part,
    redeemed,
    sent,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-02")

RELEASED = HeldFundsReleased(
    ADA, "ord_1", lira(7), entry("wallet.release", 7, debit=ADA_HELD, credit=ADA_CASH), ()
)
REFUNDED = CaptureRefunded(
    ADA,
    "ord_1",
    "cap_1",
    "rfd_1",
    lira(7),
    "sales",
    entry("wallet.refund", 7, debit="sales", credit=ADA_CASH),
    (),
)
PAID_OUT = HeldFundsPaidOut(
    ADA, "wdr_1", lira(7), "bank", entry("wallet.payout", 7, debit=ADA_HELD, credit="bank")
)
RETURNED = PayoutReturned(
    ADA, "wdr_1", lira(7), "bank", entry("wallet.payout_return", 7, debit="bank", credit=ADA_CASH)
)
SHARES = (ADA_BONUS, -5), (ADA_CASH, -2)
RELEASED_WITH_BONUS = lines("wallet.release", (ADA_HELD, 7), *SHARES)
REFUNDED_WITH_BONUS = lines("wallet.refund", ("sales", 7), *SHARES)
GIFT_EXPIRED = GiftCardExpired(
    CARD, lira(7), entry("wallet.gift_expiry", 7, debit=CARD_GIFT, credit="breakage")
)
GIFT_VOIDED = GiftCardVoided(
    CARD, lira(7), "bank", entry("wallet.gift_void", 7, debit=CARD_GIFT, credit="bank"), None
)
MOVES: tuple[Event, ...] = (
    topped_up(7),
    credited(7),
    granted(7),
    lapsed(7),
    held(7, version=1)[0],
    held_with_bonus(7, part(2), part(3, "bon_2"), version=1)[0],
    held_with_bonus(7, part(7), version=1)[0],
    RELEASED,
    replace(RELEASED, entry=RELEASED_WITH_BONUS, bonus=(part(5),)),
    captured(7, remaining=0, version=1)[0],
    REFUNDED,
    replace(REFUNDED, entry=REFUNDED_WITH_BONUS, bonus=(part(5),)),
    sent(7, version=1)[0],
    asked_out(7)[0],
    given_back(7),
    PAID_OUT,
    RETURNED,
    adjusted_up(7),
    asked_to_debit(7)[0],
    let_go(7),
    adjusted_down(7),
    gift_card(7),
    redeemed(7, remaining=0, version=2)[0],
    GIFT_EXPIRED,
    GIFT_VOIDED,
)


def entry_of(event: Event) -> Entry:
    found = getattr(event, "entry", None)
    assert isinstance(found, Entry)
    return found


@pytest.mark.parametrize("event", MOVES, ids=lambda event: event.NAME)
def test_a_rule_derives_the_entry_again(event: Event) -> None:
    stored = entry_of(event)
    assert RULES[stored.rule, stored.rule_version](event) == stored.postings


@pytest.mark.parametrize("event", MOVES, ids=lambda event: event.NAME)
def test_a_rule_notices_an_amount_that_was_changed(event: Event) -> None:
    changed = replace(event, amount=lira(8))  # type: ignore[type-var]
    assert RULES[entry_of(event).rule, 1](changed) != entry_of(event).postings


def test_every_rule_has_an_example() -> None:
    assert {entry_of(event).rule for event in MOVES} == {rule for rule, _ in RULES}


def test_every_event_with_an_entry_has_a_rule_or_was_chosen_by_a_person() -> None:
    by_a_person = {
        "ledger.entry_posted",
        "ledger.entry_reversed",
        "wallet.bonus_taken_back",
        "wallet.income_reversed",
        "wallet.transfer_returned",
    }
    carrying = {name for name, kind in EVENT_TYPES.items() if "entry" in kind.__annotations__}
    assert carrying == {event.NAME for event in MOVES} | by_a_person
    assert entries.RULES is RULES
