"""A tenant to which anything may happen, in whatever order: what is commanded, and what is seen."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid5

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from application.bulk import Atomically
from application.envelope import Actor
from application.ledger.accounts import OpenBooks
from application.ledger.journal import PostEntry, ReverseEntry
from application.wallet.bonus import ExpireBonus, GrantBonus, WarnOfBonusExpiry
from application.wallet.gift_cards import (
    ExpireGiftCard,
    IssueGiftCard,
    RedeemGiftCard,
    VoidGiftCard,
)
from application.wallet.holds import CaptureHold, PlaceHold, RefundCapture, ReleaseHold
from application.wallet.limits import SetLimits
from application.wallet.requests.adjusting import RequestAdjustment
from application.wallet.requests.asking import CancelRequest, RequestTopUp, RequestWithdrawal
from application.wallet.requests.deciding import ApproveRequest, RejectRequest
from application.wallet.requests.payouts import BounceWithdrawal, PayWithdrawal
from application.wallet.standing import FreezeWallet, UnfreezeWallet
from application.wallet.topups import CreditFunds, TopUp
from application.wallet.transfers import TransferFunds
from application.wallet.wallets import ChooseScheme, OpenWallet
from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.ledger.postings import Entry, Posting
from domain.wallet.events import FundsHeld, TransferSent
from domain.wallet.gifts.cards import GiftCard
from domain.wallet.gifts.events import GiftCardIssued
from domain.wallet.holds import Hold
from domain.wallet.limits.events import UsageCounted
from domain.wallet.limits.limits import LimitKind
from domain.wallet.requests.adjustments import Adjustment, Direction, ReasonCode
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import Withdrawal
from domain.wallet.scheme import SchemeMode
from domain.wallet.wallet import BALANCE_MINOR_MAX, Status, Wallet
from tests.kit.memory import LogInMemory
from tests.kit.requests import IBAN, UMUT
from tests.kit.scenario import COMMAND_ID, NOW, STAFF, Answer, Story

WALLETS = {"wal_ada": "TRY", "wal_bora": "TRY", "wal_cem": "TRY", "wal_eva": "EUR"}
WALLET = st.sampled_from(tuple(WALLETS))
ACCOUNT = st.sampled_from(("bank", "sales", "suspense", "wallet.cash:wal_ada"))
DECISION = st.sampled_from(
    (
        *(ApproveRequest, ApproveRequest, RejectRequest, CancelRequest),
        *(PayWithdrawal, PayWithdrawal, BounceWithdrawal),
    )
)

A = TypeVar("A")
PER_DAY_MINOR = 60


def around(border: int) -> st.SearchStrategy[int]:
    """Draw amounts below, at and one minor unit beyond what a rule allows."""
    return st.sampled_from((border, border + 1, border + 1, 0)) | st.integers(1, max(1, border))


class Histories(RuleBasedStateMachine):
    """A tenant with four wallets to which anything may happen."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.live: dict[str, tuple[int, Any]] = {}
        self.sent = 0
        self.now = NOW

    def send(self, *commands: object, actor: Actor = STAFF, at: datetime | None = None) -> Answer:
        self.sent += 1
        command = commands[0] if len(commands) == 1 else Atomically(commands)
        log = LogInMemory(self.events)
        command_id = uuid5(COMMAND_ID, str(self.sent))
        answer = Story(log).when(command, actor=actor, at=at or self.now, command_id=command_id)
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
            self.send(GrantBonus(wallet, Money(9, currency), "welcome"))

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(wallet=WALLET, minor=st.integers(0, 20), hours=st.none() | st.integers(0, 40))
    def grant(self, wallet: str, minor: int, hours: int | None) -> None:
        ends = None if hours is None else self.now + timedelta(hours=hours)
        self.send(GrantBonus(wallet, Money(minor, WALLETS[wallet]), "spring", ends))

    @rule(wallet=WALLET, data=st.data(), kind=st.sampled_from((ExpireBonus, WarnOfBonusExpiry)))
    def let_a_lot_end(
        self, wallet: str, data: st.DataObject, kind: type[ExpireBonus | WarnOfBonusExpiry]
    ) -> None:
        lot = data.draw(st.sampled_from((*self.wallet(wallet).lots, "bon_none")))
        self.send(kind(wallet, lot))

    @rule(wallet=WALLET)
    def freeze_or_unfreeze(self, wallet: str) -> None:
        frozen = self.wallet(wallet).status is Status.FROZEN
        self.send(UnfreezeWallet(wallet) if frozen else FreezeWallet(wallet, "why"))

    @rule(wallet=WALLET, data=st.data(), source=ACCOUNT)
    def bring_in(self, wallet: str, data: st.DataObject, source: str) -> None:
        room = BALANCE_MINOR_MAX - self.everything(wallet)
        minor = data.draw(st.integers(1, 40) | st.integers(1, 40) | around(room))
        self.send(TopUp(wallet, Money(minor, WALLETS[wallet]), source))

    @rule(wallet=WALLET, minor=st.integers(0, 40))
    def credit(self, wallet: str, minor: int) -> None:
        self.send(CreditFunds(wallet, Money(minor, WALLETS[wallet])))

    @rule(wallet=WALLET, data=st.data())
    def hold(self, wallet: str, data: st.DataObject) -> None:
        use_bonus = data.draw(st.booleans())
        bonus = self.wallet(wallet).bonus.minor if use_bonus else 0
        minor = data.draw(around(self.available(wallet) + bonus))
        name = data.draw(st.sampled_from((f"ord_{self.sent}", f"ord_{self.sent}", "ord_1")))
        answer = self.send(
            PlaceHold(wallet, Money(minor, WALLETS[wallet]), name, use_bonus=use_bonus)
        )
        for _, _, event in answer.decision.events:
            if isinstance(event, FundsHeld):
                assert not any(part.lapsed(self.now) for part in event.bonus)
                assert use_bonus or not event.bonus

    @precondition(lambda self: self.holds())
    @rule(data=st.data(), to=ACCOUNT)
    def capture(self, data: st.DataObject, to: str) -> None:
        hold = data.draw(
            st.sampled_from([hold for hold in self.holds() if hold.open] or self.holds())
        )
        minor = data.draw(st.none() | around(hold.remaining.minor))
        amount = None if minor is None else Money(minor, hold.remaining.currency)
        name = data.draw(st.sampled_from((f"cap_{self.sent}", "cap_1")))
        self.send(CaptureHold(hold.wallet_id, hold.hold_id, amount, name, to))

    @precondition(lambda self: self.holds())
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from(self.holds()))
        self.send(ReleaseHold(hold.wallet_id, hold.hold_id))

    @precondition(lambda self: any(hold.captures for hold in self.holds()))
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        hold = data.draw(st.sampled_from([hold for hold in self.holds() if hold.captures]))
        name = data.draw(st.sampled_from(sorted(hold.captures)))
        minor = data.draw(st.none() | around(hold.captures[name].refundable.minor))
        amount = None if minor is None else Money(minor, hold.remaining.currency)
        self.send(RefundCapture(hold.wallet_id, hold.hold_id, name, amount))

    @rule(wallet=WALLET, minor=st.integers(0, 40))
    def ask_for_money_in(self, wallet: str, minor: int) -> None:
        self.send(RequestTopUp(wallet, Money(minor, WALLETS[wallet])))

    @rule(wallet=WALLET, data=st.data())
    def ask_for_money_out(self, wallet: str, data: st.DataObject) -> None:
        minor = data.draw(around(self.available(wallet)))
        self.send(RequestWithdrawal(wallet, Money(minor, WALLETS[wallet]), IBAN))

    @rule(wallet=WALLET, direction=st.sampled_from(Direction), data=st.data())
    def ask_to_adjust(self, wallet: str, direction: Direction, data: st.DataObject) -> None:
        amount = Money(data.draw(around(self.available(wallet))), WALLETS[wallet])
        self.send(RequestAdjustment(wallet, amount, direction, ReasonCode.CORRECTION, "why"))

    @precondition(lambda self: self.requests())
    @rule(data=st.data(), decision=DECISION, staff=st.sampled_from((STAFF, UMUT, UMUT)))
    def decide(self, data: st.DataObject, decision: Callable[[str], Any], staff: Actor) -> None:
        name = data.draw(st.sampled_from(self.requests()))
        self.send(decision(name), actor=staff)

    @rule(source=WALLET, receiver=WALLET, data=st.data())
    def transfer(self, source: str, receiver: str, data: st.DataObject) -> None:
        minor = data.draw(around(self.available(source)))
        self.send(TransferFunds(source, receiver, Money(minor, WALLETS[source])))

    @rule(source=WALLET, receiver=WALLET, data=st.data())
    def transfer_and_hold_or_neither(self, source: str, receiver: str, data: st.DataObject) -> None:
        amount = Money(data.draw(around(self.available(source))), WALLETS[source])
        held = Money(data.draw(around(self.available(receiver) + amount.minor)), amount.currency)
        before = len(self.events)
        answer = self.send(
            TransferFunds(source, receiver, amount), PlaceHold(receiver, held, f"two_{self.sent}")
        )
        moved = [event for event in self.events[before:] if not isinstance(event, UsageCounted)]
        assert len(moved) == (0 if answer.decision.refusal else 4)

    @rule(source=ACCOUNT, minor=st.integers(0, 40), lasts=st.booleans())
    def issue_gift_card(self, source: str, minor: int, *, lasts: bool) -> None:
        expires_at = None if lasts else NOW + timedelta(seconds=1)
        code = f"code_{self.sent}"
        self.send(IssueGiftCard(Money(minor, "TRY"), code, "…", source, expires_at))

    @precondition(lambda self: self.cards())
    @rule(wallet=WALLET, data=st.data())
    def redeem_gift_card(self, wallet: str, data: st.DataObject) -> None:
        card = data.draw(st.sampled_from(self.cards()))
        minor = data.draw(st.none() | around(card.remaining.minor))
        amount = None if minor is None else Money(minor, "TRY")
        self.send(RedeemGiftCard(wallet, (self.codes()[card.card_id],), amount))

    @precondition(lambda self: self.cards())
    @rule(data=st.data(), kind=st.sampled_from((ExpireGiftCard, VoidGiftCard)))
    def end_gift_card(self, data: st.DataObject, kind: type[ExpireGiftCard | VoidGiftCard]) -> None:
        card = data.draw(st.sampled_from(self.cards()))
        self.send(kind(card.card_id), at=NOW + timedelta(seconds=kind is ExpireGiftCard))

    @rule()
    def limit_transfers(self) -> None:
        self.send(SetLimits(LimitKind.TRANSFER, "TRY", per_day_minor=PER_DAY_MINOR))

    @rule(debit=ACCOUNT, credit=ACCOUNT, minor=st.integers(-1, 40))
    def post_by_hand(self, debit: str, credit: str, minor: int) -> None:
        amount = Money(minor, "TRY")
        self.send(PostEntry((Posting(debit, amount), Posting(credit, -amount))))

    @precondition(lambda self: self.entries())
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        self.send(ReverseEntry(data.draw(st.sampled_from(self.entries()))))

    def balances(self) -> Counter[tuple[str, str]]:
        balances: Counter[tuple[str, str]] = Counter()
        for event in self.events:
            entry = getattr(event, "entry", None)
            for posting in entry.postings if isinstance(entry, Entry) else ():
                balances[posting.account, posting.amount.currency] += posting.amount.minor
        return balances

    def wallet(self, wallet: str) -> Wallet:
        state = self.live[f"wallet-{wallet}"][1]
        assert isinstance(state, Wallet)
        return state

    def everything(self, wallet: str) -> int:
        state = self.wallet(wallet)
        return state.available.minor + state.held.minor + state.bonus.minor

    def available(self, wallet: str) -> int:
        return self.wallet(wallet).available.minor

    def holds(self) -> list[Hold]:
        return self.of_kind(Hold)

    def requests(self) -> list[str]:
        found = (*self.of_kind(TopUpRequest), *self.of_kind(Withdrawal), *self.of_kind(Adjustment))
        return [request.request_id for request in found]

    def of_kind(self, kind: type[A]) -> list[A]:
        return [state for _, state in self.live.values() if isinstance(state, kind)]

    def cards(self) -> list[GiftCard]:
        return [state for _, state in self.live.values() if isinstance(state, GiftCard)]

    def codes(self) -> dict[str, str]:
        issued = [event for event in self.events if isinstance(event, GiftCardIssued)]
        return {event.card_id: event.code_hash for event in issued}

    def entries(self) -> list[str]:
        streams = LogInMemory(self.events).streams.items()
        return [
            f"{stream}.{version}"
            for stream, events in streams
            for version, event in enumerate(events, 1)
            # An entry of another's wallet is what a reversal can go wrong with: drawn more often.
            for _ in range(4 if isinstance(event, TransferSent) else 1)
            if hasattr(event, "entry")
        ]
