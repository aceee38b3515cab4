"""Whatever is commanded, in whatever order: the books balance, and no wallet is overdrawn."""

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant

from domain.kernel.money import Money
from domain.ledger.postings import Entry
from domain.wallet.bonus_events import BonusExpired, BonusGranted, BonusTakenBack
from domain.wallet.entries import RULES
from domain.wallet.events import HoldCaptured, HoldRefunded
from domain.wallet.limits.limits import Person
from domain.wallet.lots import LotPart
from domain.wallet.requests.adjustments import Adjustment, Direction
from domain.wallet.requests.stages import Stage
from domain.wallet.requests.withdrawals import Withdrawal
from domain.wallet.wallet import BALANCE_MINOR_MAX
from tests.kit.memory import LogInMemory
from tests.wallet.histories import PER_DAY_MINOR, WALLETS, Histories


class AnyHistory(Histories):
    """What holds after each command."""

    @invariant()
    def balances_agree_with_the_states(self) -> None:
        balances = self.balances()
        for wallet, currency in WALLETS.items():
            state = self.wallet(wallet)
            # A liability grows with credits, which are negative.
            assert state.available.minor == -balances[f"wallet.cash:{wallet}", currency]
            assert state.held.minor == -balances[f"wallet.held:{wallet}", currency]
            assert state.bonus.minor == -balances[f"wallet.bonus:{wallet}", currency]
            assert state.bonus.minor == sum(lot.remaining.minor for lot in state.lots.values())
            assert min(state.available.minor, state.held.minor, state.bonus.minor) >= 0
            assert all(lot.remaining.minor > 0 for lot in state.lots.values())
            assert self.everything(wallet) <= BALANCE_MINOR_MAX

    @invariant()
    def gift_cards_hold_what_the_books_say(self) -> None:
        balances = self.balances()
        for card in self.cards():
            assert card.remaining.minor == -balances[f"wallet.gift:{card.card_id}", "TRY"]
            assert card.remaining.minor >= 0

    @invariant()
    def nobody_moves_more_than_their_limit(self) -> None:
        for _, state in self.live.values():
            if isinstance(state, Person):
                assert all(minor <= PER_DAY_MINOR for minor in state.of_day.values())

    @invariant()
    def the_sum_of_all_balances_is_zero(self) -> None:
        sums: Counter[str] = Counter()
        for (_, currency), minor in self.balances().items():
            sums[currency] += minor
        assert not any(sums.values())

    @invariant()
    def held_money_is_the_sum_of_open_holds_withdrawals_and_debits(self) -> None:
        remaining: Counter[str] = Counter()
        for withdrawal in self.of_kind(Withdrawal):
            if withdrawal.stage in {Stage.PENDING, Stage.APPROVED}:
                remaining[withdrawal.wallet_id] += withdrawal.amount.minor
        for adjustment in self.of_kind(Adjustment):
            if adjustment.stage is Stage.PENDING and adjustment.direction is Direction.DEBIT:
                remaining[adjustment.wallet_id] += adjustment.amount.minor
        for hold in self.holds():
            assert hold.remaining.minor >= 0
            assert all(capture.refundable.minor >= 0 for capture in hold.captures.values())
            remaining[hold.wallet_id] += hold.remaining.minor
        for wallet in WALLETS:
            assert self.wallet(wallet).held.minor == remaining[wallet]

    @invariant()
    def no_lot_loses_or_gains_a_minor_unit_wherever_its_parts_are(self) -> None:
        there: Counter[str] = Counter()

        def count(parts: tuple[LotPart, ...], most: Money) -> None:
            assert sum(part.amount.minor for part in parts) <= most.minor
            for part in parts:
                assert part.amount.minor > 0
                there[part.lot_id] += part.amount.minor

        for hold in self.holds():
            count(hold.bonus, hold.remaining)
            for capture in hold.captures.values():
                count(capture.bonus, capture.refundable)
        for wallet in WALLETS:
            for lot_id, lot in self.wallet(wallet).lots.items():
                there[lot_id] += lot.remaining.minor
        granted: Counter[str] = Counter()
        for event in self.events:
            if isinstance(event, BonusGranted):
                granted[event.lot_id] += event.amount.minor
            elif isinstance(event, BonusExpired | BonusTakenBack):
                there[event.lot_id] += event.amount.minor
        assert there == granted

    @invariant()
    def refunds_never_exceed_captures(self) -> None:
        left: Counter[tuple[str, str]] = Counter()
        for event in self.events:
            if isinstance(event, HoldCaptured):
                left[event.hold_id, event.capture_id] += event.amount.minor
            elif isinstance(event, HoldRefunded):
                left[event.hold_id, event.capture_id] -= event.amount.minor
        assert all(minor >= 0 for minor in left.values())

    @invariant()
    def replay_equals_live(self) -> None:
        assert LogInMemory(self.events).states == self.live

    @invariant()
    def every_entry_follows_its_rule(self) -> None:
        for event in self.events:
            entry = getattr(event, "entry", None)
            if isinstance(entry, Entry) and (entry.rule, entry.rule_version) in RULES:
                assert RULES[entry.rule, entry.rule_version](event) == entry.postings

    @invariant()
    def what_names_an_entry_names_one_that_moved_the_same_amount(self) -> None:
        log = LogInMemory(self.events)
        for event in self.events:
            named = getattr(event, "entry_id", None)
            if named is not None:
                stream, _, version = named.rpartition(".")
                entry = getattr(log.event(stream, int(version)), "entry", None)
                assert isinstance(entry, Entry)
                debits = sum(max(posting.amount.minor, 0) for posting in entry.postings)
                assert debits == getattr(event, "amount").minor  # noqa: B009 - each of them has one


TestAnyHistory = pytest.mark.row("WLT-02")(AnyHistory.TestCase)
TestAnyHistory.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
