"""Adjustments (WLT-12): a reason, a code, always two people, and what will be taken is held."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from application.ledger.journal import EntryNotReversible, ReverseEntry
from application.process import ClearTimer, SetTimer
from application.processes.expiries import EXPIRIES, REQUEST_EXPIRY
from application.wallet.access import StaffOnly
from application.wallet.holds import PlaceHold
from application.wallet.requests.adjusting import RequestAdjustment
from application.wallet.requests.asking import CancelRequest, ExpireRequest
from application.wallet.requests.deciding import (
    AdjustmentHasItsAccount,
    ApproveRequest,
    RejectRequest,
    SetApprovalThreshold,
)
from application.wallet.requests.finding import RequestResult
from application.wallet.requests.payouts import BounceWithdrawal, PayWithdrawal
from application.wallet.standing import CloseWallet, FreezeWallet
from domain.kernel.events import Event, Personal, Recorded
from domain.kernel.money import CurrencyMismatch, Money
from domain.wallet.requests.adjustment_events import (
    AdjustmentApproved,
    AdjustmentCancelled,
    AdjustmentExpired,
    AdjustmentRejected,
)
from domain.wallet.requests.adjustments import Direction, ReasonCode
from domain.wallet.requests.approvals import OwnRequest
from domain.wallet.requests.stages import (
    REQUEST_LASTS_MAX,
    RequestExpiryInvalid,
    RequestNotDue,
    RequestNotFound,
    RequestNotPending,
)
from domain.wallet.standing import WalletNotEmpty
from domain.wallet.standing_events import WalletClosed
from domain.wallet.wallet import (
    AmountInvalid,
    BalanceLimitExceeded,
    InsufficientFunds,
    WalletIsClosed,
    WalletIsFrozen,
    WalletNotFound,
)
from tests.kit.adjustments import (
    ADJ,
    WHY,
    adjusted_down,
    adjusted_up,
    asked_to_credit,
    asked_to_debit,
    let_go,
)
from tests.kit.requests import FUNDED, LATER, UMUT, where
from tests.kit.scenario import NOW, STAFF, TENANT_ID, acting_for, given, new_id
from tests.kit.wallets import ADA, ADA_OPENED, BOOKS, lira

pytestmark = pytest.mark.row("WLT-12")

WALLET = f"wallet-{ADA}"
ASKED: dict[str, tuple[Event, ...]] = {
    "credit": (*FUNDED, *asked_to_credit()),
    "debit": (*FUNDED, *asked_to_debit()),
}
ENDED: dict[str, tuple[tuple[Event, ...], str | None]] = {
    "credit": ((), None),
    "debit": ((let_go(),), where(4)),
}
MOVED: dict[str, tuple[Event, str]] = {
    "credit": (adjusted_up(), where(3)),
    "debit": (adjusted_down(), where(4)),
}
STAGES = ("pending", "approved", "rejected", "cancelled", "expired")
COMMANDS: dict[object, str] = {
    ApproveRequest(ADJ): "approved",
    RejectRequest(ADJ): "rejected",
    CancelRequest(ADJ): "cancelled",
    ExpireRequest(ADJ): "expired",
}


def request(
    direction: str, minor: int = 600, *, code: ReasonCode = ReasonCode.CORRECTION
) -> RequestAdjustment:
    return RequestAdjustment(ADA, lira(minor), Direction(direction), code, WHY)


def step(direction: str, stage: str) -> tuple[Event, ...]:
    """What happens to a pending adjustment on its way to a stage."""
    back, entry_id = ENDED[direction]
    moved, named = MOVED[direction]
    steps: dict[str, tuple[Event, ...]] = {
        "pending": (),
        "approved": (moved, AdjustmentApproved(ADJ, lira(600), "stf_umut", named)),
        "rejected": (*back, AdjustmentRejected(ADJ, lira(600), "stf_umut", None, entry_id)),
        "cancelled": (*back, AdjustmentCancelled(ADJ, lira(600), "stf_umut", entry_id)),
        "expired": (*back, AdjustmentExpired(ADJ, lira(600), entry_id)),
    }
    return steps[stage]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("direction", ASKED)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_only_a_pending_adjustment_is_decided_and_only_once(
    command: object, direction: str, stage: str
) -> None:
    """Every pair of state and command."""
    at = LATER if isinstance(command, ExpireRequest) else NOW
    answer = given(*ASKED[direction], *step(direction, stage)).when(command, actor=UMUT, at=at)
    if stage != "pending":
        answer.then_refused(RequestNotPending, state=stage)
        return
    events = step(direction, COMMANDS[command])
    if at == NOW:
        answer.then(*events)
    else:  # the money is back on the day it comes back
        assert answer.decision.events[-1][2] == events[-1]
        assert len(answer.decision.events) == len(events)
    answer.then_result(RequestResult(ADJ, COMMANDS[command], getattr(events[-1], "entry_id")))  # noqa: B009 - of these events


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("command", [PayWithdrawal(ADJ), BounceWithdrawal(ADJ)])
def test_an_adjustment_is_no_withdrawal(command: object, stage: str) -> None:
    story = given(*ASKED["debit"], *step("debit", stage))
    story.when(command, actor=UMUT).then_refused(RequestNotFound)


@pytest.mark.parametrize(
    ("direction", "stage", "available", "held"),
    [
        ("credit", "pending", 1_000, 0),
        ("credit", "approved", 1_600, 0),
        ("credit", "rejected", 1_000, 0),
        ("credit", "cancelled", 1_000, 0),
        ("credit", "expired", 1_000, 0),
        ("debit", "pending", 400, 600),
        ("debit", "approved", 400, 0),
        ("debit", "rejected", 1_000, 0),
        ("debit", "cancelled", 1_000, 0),
        ("debit", "expired", 1_000, 0),
    ],
)
def test_the_money_is_where_the_adjustment_is(
    direction: str, stage: str, available: int, held: int
) -> None:
    story = given(*ASKED[direction], *step(direction, stage))
    wallet = story.when(FreezeWallet(ADA, "a look at it")).state(WALLET)
    assert (wallet.available, wallet.held) == (lira(available), lira(held))


@pytest.mark.parametrize("code", ReasonCode)
def test_staff_ask_with_a_code_and_a_reason_that_is_the_customer_s_secret(code: ReasonCode) -> None:
    answer = given(*FUNDED).when(request("credit", code=code))
    request_id = new_id("adj")
    answer.then(*asked_to_credit(reason_code=code.value, request_id=request_id))
    answer.then_result(RequestResult(request_id, "pending"))


def test_what_is_to_be_taken_is_held_when_it_is_asked_for() -> None:
    answer = given(*FUNDED).when(request("debit"))
    request_id = new_id("adj")
    answer.then(*asked_to_debit(request_id=request_id))
    answer.then_result(RequestResult(request_id, "pending", where(3)))
    answer.when(PlaceHold(ADA, lira(401), "ord_1")).then_refused(
        InsufficientFunds, available=400, asked=401
    )


def test_a_debit_never_takes_more_than_is_available() -> None:
    story = given(*FUNDED)
    assert story.when(request("debit", 1_000)).state(WALLET).available == lira(0)
    story.when(request("debit", 1_001)).then_refused(
        InsufficientFunds, available=1_000, asked=1_001
    )


@pytest.mark.parametrize("direction", Direction)
def test_refuses_an_amount_that_no_wallet_can_take(direction: Direction) -> None:
    given(*FUNDED).when(request(direction, 0)).then_refused(AmountInvalid)
    euro = RequestAdjustment(ADA, Money(1, "EUR"), direction, ReasonCode.GOODWILL, WHY)
    given(*FUNDED).when(euro).then_refused(CurrencyMismatch, expected="TRY", found="EUR")
    given(BOOKS).when(request(direction)).then_refused(WalletNotFound)


def test_a_credit_needs_room_when_it_is_approved() -> None:
    full = given(*FUNDED, *asked_to_credit(2**53 - 1_000))
    full.when(ApproveRequest(ADJ), actor=UMUT).then_refused(BalanceLimitExceeded)
    almost = given(*FUNDED, *asked_to_credit(2**53 - 1_001))
    assert almost.when(ApproveRequest(ADJ), actor=UMUT).decision.events


@pytest.mark.parametrize("direction", ASKED)
def test_whatever_the_amount_and_the_threshold_another_staff_member_approves(
    direction: str,
) -> None:
    story = given(*ASKED[direction])
    story.when(ApproveRequest(ADJ)).then_refused(OwnRequest, above=0)
    generous = story.when(SetApprovalThreshold(lira(1_000_000)))
    generous.when(ApproveRequest(ADJ)).then_refused(OwnRequest, above=0)
    # Another key of the same person is the same person.
    other_key = STAFF._replace(key_id="key_other")
    generous.when(ApproveRequest(ADJ), actor=other_key).then_refused(OwnRequest, above=0)
    generous.when(ApproveRequest(ADJ), actor=UMUT).then(*step(direction, "approved"))


@pytest.mark.parametrize("direction", ASKED)
def test_it_counts_on_the_day_that_the_approver_says(direction: str) -> None:
    day = date(2026, 3, 2)
    answer = given(*ASKED[direction]).when(ApproveRequest(ADJ, effective_on=day), actor=UMUT)
    moved = answer.decision.events[0][2]
    assert getattr(moved, "entry").effective_on == day  # noqa: B009 - of these events


def test_its_account_is_not_the_approver_s_choice() -> None:
    command = ApproveRequest(ADJ, source="bank")
    given(*ASKED["credit"]).when(command, actor=UMUT).then_refused(AdjustmentHasItsAccount)


def test_a_rejection_says_why() -> None:
    answer = given(*ASKED["credit"]).when(RejectRequest(ADJ, "refunded before"), actor=UMUT)
    words = Personal("usr_ada", "refunded before")
    answer.then(AdjustmentRejected(ADJ, lira(600), "stf_umut", words, None))


@pytest.mark.row("TEN-05")
@pytest.mark.parametrize("customer", ["usr_ada", "usr_bora"])
def test_no_customer_asks_for_an_adjustment_decides_it_or_knows_of_it(customer: str) -> None:
    acting = acting_for(customer, staff=UMUT)
    given(*FUNDED).when(request("credit"), actor=acting).then_refused(StaffOnly)
    there = given(*ASKED["debit"])
    for command in (ApproveRequest(ADJ), RejectRequest(ADJ)):
        there.when(command, actor=acting).then_refused(StaffOnly)
    hidden = there.when(CancelRequest(ADJ), actor=acting)
    hidden.then_refused(RequestNotFound)
    nowhere = given(*FUNDED).when(CancelRequest(ADJ), actor=acting)
    assert hidden.decision.told == nowhere.decision.told


def test_it_waits_thirty_days_or_as_long_as_it_says() -> None:
    early = LATER - timedelta(microseconds=1)
    given(*ASKED["debit"]).when(ExpireRequest(ADJ), at=early).then_refused(RequestNotDue)
    last = NOW + REQUEST_LASTS_MAX
    for wrong in (NOW, last + timedelta(microseconds=1)):
        asked = RequestAdjustment(
            ADA, lira(1), Direction.DEBIT, ReasonCode.GOODWILL, WHY, expires_at=wrong
        )
        given(*FUNDED).when(asked).then_refused(RequestExpiryInvalid, now=NOW.isoformat())


def test_its_timer_begins_with_it_and_ends_with_it() -> None:
    def reactions(event: Event) -> list[object]:
        recorded = Recorded(TENANT_ID, 7, UUID(int=7), f"adjustment-{ADJ}", 1, NOW, event, b"")
        return list(EXPIRIES.reactions[type(event)](recorded))

    assert reactions(asked_to_debit()[1]) == [SetTimer(REQUEST_EXPIRY, ADJ, LATER)]
    for stage in STAGES[1:]:
        assert reactions(step("debit", stage)[-1]) == [ClearTimer(REQUEST_EXPIRY, ADJ)]


def test_a_frozen_wallet_is_credited_and_not_debited_but_for_what_was_held_before() -> None:
    frozen = given(*FUNDED).when(FreezeWallet(ADA, "a look at it"))
    frozen.when(request("debit")).then_refused(WalletIsFrozen)
    frozen.when(request("credit")).then_result(RequestResult(new_id("adj"), "pending"))
    promised = given(*ASKED["debit"]).when(FreezeWallet(ADA, "a look at it"))
    assert promised.when(ApproveRequest(ADJ), actor=UMUT).state(WALLET).held == lira(0)


def test_a_closed_wallet_is_adjusted_no_more_and_one_with_a_pending_debit_is_not_closed() -> None:
    whole = given(BOOKS, ADA_OPENED, *asked_to_credit())
    closed = whole.when(CloseWallet(ADA))
    closed.then(WalletClosed(ADA, "usr_ada", "TRY", None))
    closed.when(ApproveRequest(ADJ), actor=UMUT).then_refused(WalletIsClosed)
    closed.when(RejectRequest(ADJ), actor=UMUT).then(*step("credit", "rejected"))
    everything = given(*FUNDED).when(request("debit", 1_000))
    everything.when(CloseWallet(ADA)).then_refused(WalletNotEmpty, available=0, held=1_000, bonus=0)


@pytest.mark.parametrize("direction", ASKED)
def test_what_two_people_did_no_single_one_takes_back(direction: str) -> None:
    story = given(*ASKED[direction], *step(direction, "approved"))
    story.when(ReverseEntry(MOVED[direction][1])).then_refused(EntryNotReversible)
