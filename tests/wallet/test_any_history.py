"""Whatever is commanded, in whatever order: the books balance, and no wallet is overdrawn."""

from collections import Counter
from typing import Any, TypeVar
from uuid import uuid5

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from application.bulk import Atomically
from application.ledger.accounts import OpenBooks
from application.ledger.journal import PostEntry, ReverseEntry
from application.wallet.holds import CaptureHold, PlaceHold, RefundCapture, ReleaseHold
from application.wallet.topups import CreditFunds, TopUp
from application.wallet.transfers import TransferFunds
from application.wallet.wallets import ChooseScheme, OpenWallet
from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.ledger.postings import Entry, Posting
from domain.wallet.entries import RULES
from domain.wallet.holds import Hold
from domain.wallet.scheme import SchemeMode
from domain.wallet.wallet import BALANCE_MINOR_MAX, Wallet
from tests.kit.memory import LogInMemory
from tests.kit.scenario import COMMAND_ID, Answer, Story

S = TypeVar("S")

WALLETS = {"wal_ada": "TRY", "wal_bora": "TRY", "wal_cem": "TRY", "wal_eva": "EUR"}
WALLET = st.sampled_from(tuple(WALLETS))
HOLD = st.sampled_from(("ord_1", "ord_2", "ord_3"))
CAPTURE = st.sampled_from(("cap_1", "cap_2"))
MINOR = st.integers(-1, 40) | st.sampled_from((BALANCE_MINOR_MAX, BALANCE_MINOR_MAX - 20))
ACCOUNT = st.sampled_from(("bank", "sales", "suspense", "wallet.cash:wal_ada"))


class AnyHistory(RuleBasedStateMachine):
    """A tenant with four wallets to which anything may happen."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.live: dict[str, tuple[int, Any]] = {}
        self.sent = 0

    def send(self, *commands: object) -> Answer:
        self.sent += 1
        command = commands[0] if len(commands) == 1 else Atomically(commands)
        log = LogInMemory(self.events)
        answer = Story(log).when(command, command_id=uuid5(COMMAND_ID, str(self.sent)))
        if answer.decision.refusal is not None:
            return answer
        for stream, version, event in answer.decision.events:
            assert version == self.live.get(stream, (0, None))[0] + 1, "versions have no gaps"
            self.events.append(event)
            self.live[stream] = (version, answer.state(stream))
        return answer

    @initialize()
    def begin(self) -> None:
        self.send(OpenBooks("TRY", "Europe/Istanbul"))
        self.send(ChooseScheme(SchemeMode.LICENSED))
        for wallet, currency in WALLETS.items():
            self.send(OpenWallet(f"usr_{wallet}", currency, wallet))
            self.send(TopUp(wallet, Money(30, currency)))

    @rule(wallet=WALLET, minor=MINOR, source=ACCOUNT)
    def bring_in(self, wallet: str, minor: int, source: str) -> None:
        self.send(TopUp(wallet, Money(minor, WALLETS[wallet]), source))

    @rule(wallet=WALLET, minor=MINOR)
    def credit(self, wallet: str, minor: int) -> None:
        self.send(CreditFunds(wallet, Money(minor, WALLETS[wallet])))

    @rule(wallet=WALLET, minor=MINOR, hold=HOLD)
    def hold(self, wallet: str, minor: int, hold: str) -> None:
        self.send(PlaceHold(wallet, Money(minor, WALLETS[wallet]), hold))

    @rule(wallet=WALLET, minor=st.none() | MINOR, hold=HOLD, capture=CAPTURE, to=ACCOUNT)
    def capture(self, wallet: str, minor: int | None, hold: str, capture: str, to: str) -> None:
        amount = None if minor is None else Money(minor, WALLETS[wallet])
        self.send(CaptureHold(wallet, hold, amount, capture, to))

    @rule(wallet=WALLET, hold=HOLD)
    def release(self, wallet: str, hold: str) -> None:
        self.send(ReleaseHold(wallet, hold))

    @rule(wallet=WALLET, minor=st.none() | MINOR, hold=HOLD, capture=CAPTURE)
    def refund(self, wallet: str, minor: int | None, hold: str, capture: str) -> None:
        amount = None if minor is None else Money(minor, WALLETS[wallet])
        self.send(RefundCapture(wallet, hold, capture, amount))

    @rule(source=WALLET, receiver=WALLET, minor=MINOR)
    def transfer(self, source: str, receiver: str, minor: int) -> None:
        self.send(TransferFunds(source, receiver, Money(minor, WALLETS[source])))

    @rule(source=WALLET, receiver=WALLET, minor=MINOR, hold=HOLD)
    def transfer_and_hold_or_neither(
        self, source: str, receiver: str, minor: int, hold: str
    ) -> None:
        amount = Money(minor, WALLETS[source])
        before = len(self.events)
        answer = self.send(
            TransferFunds(source, receiver, amount), PlaceHold(receiver, amount, hold)
        )
        assert len(self.events) == before + (0 if answer.decision.refusal else 4)

    @rule(debit=ACCOUNT, credit=ACCOUNT, minor=MINOR)
    def post_by_hand(self, debit: str, credit: str, minor: int) -> None:
        amount = Money(minor, "TRY")
        self.send(PostEntry((Posting(debit, amount), Posting(credit, -amount))))

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        streams = sorted(self.live)
        stream = data.draw(st.sampled_from(streams))
        version = data.draw(st.integers(1, self.live[stream][0]))
        self.send(ReverseEntry(f"{stream}.{version}"))

    @invariant()
    def balances_agree_with_the_states(self) -> None:
        balances = self.balances()
        for wallet, currency in WALLETS.items():
            state = self.state(f"wallet-{wallet}", Wallet)
            if state is None:
                continue
            # A liability grows with credits, which are negative.
            assert state.available.minor == -balances[f"wallet.cash:{wallet}", currency]
            assert state.held.minor == -balances[f"wallet.held:{wallet}", currency]
            assert state.available.minor >= 0
            assert state.held.minor >= 0
            assert state.available.minor + state.held.minor <= BALANCE_MINOR_MAX

    @invariant()
    def the_sum_of_all_balances_is_zero(self) -> None:
        sums: Counter[str] = Counter()
        for (_, currency), minor in self.balances().items():
            sums[currency] += minor
        assert not any(sums.values())

    @invariant()
    def held_money_is_the_sum_of_open_holds(self) -> None:
        remaining: Counter[str] = Counter()
        for stream, (_, state) in self.live.items():
            if stream.startswith("hold-"):
                assert isinstance(state, Hold)
                assert state.remaining.minor >= 0
                assert all(capture.refundable.minor >= 0 for capture in state.captures.values())
                remaining[state.wallet_id] += state.remaining.minor
        for wallet in WALLETS:
            state = self.state(f"wallet-{wallet}", Wallet)
            assert state is None or state.held.minor == remaining[wallet]

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
                moved = {abs(posting.amount.minor) for posting in entry.postings}
                assert moved == {getattr(event, "amount").minor}  # noqa: B009 - each of them has one

    def balances(self) -> Counter[tuple[str, str]]:
        balances: Counter[tuple[str, str]] = Counter()
        for event in self.events:
            entry = getattr(event, "entry", None)
            for posting in entry.postings if isinstance(entry, Entry) else ():
                balances[posting.account, posting.amount.currency] += posting.amount.minor
        return balances

    def state(self, stream: str, kind: type[S]) -> S | None:
        state = self.live.get(stream, (0, None))[1]
        assert state is None or isinstance(state, kind)
        return state


TestAnyHistory = pytest.mark.row("WLT-02")(AnyHistory.TestCase)
TestAnyHistory.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
