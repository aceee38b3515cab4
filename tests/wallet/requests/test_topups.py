"""Money in on request (WLT-06, WLT-15): diagram 20 as one aggregate per request."""

from datetime import date, timedelta

import pytest

from application.ledger.journal import ReverseEntry
from application.wallet.access import StaffOnly
from application.wallet.holds import PlaceHold
from application.wallet.requests.asking import CancelRequest, ExpireRequest, RequestTopUp
from application.wallet.requests.deciding import ApproveRequest, RejectRequest
from application.wallet.requests.finding import RequestResult
from application.wallet.requests.payouts import BounceWithdrawal, PayWithdrawal
from domain.kernel.events import Event, Personal
from domain.kernel.money import CurrencyMismatch, Money
from domain.kernel.refusals import Refusal
from domain.ledger.accounts import UnknownAccount
from domain.wallet.events import FundsToppedUp
from domain.wallet.requests.events import (
    TopUpApproved,
    TopUpCancelled,
    TopUpRejected,
    TopUpRequestExpired,
)
from domain.wallet.requests.stages import (
    REQUEST_LASTS_MAX,
    RequestExpiryInvalid,
    RequestNotDue,
    RequestNotFound,
    RequestNotPending,
)
from domain.wallet.wallet import AmountInvalid, BalanceLimitExceeded, WalletNotFound
from tests.kit.requests import FUNDED, LATER, TPR, UMUT, asked_in
from tests.kit.scenario import NOW, STAFF, acting_for, given, new_id
from tests.kit.wallets import ADA, ADA_CASH, BORA_OPENED, entry, held, lira, topped_up

pytestmark = pytest.mark.row("WLT-06")

WHERE = f"wallet-{ADA}.3"
ASKED = (*FUNDED, asked_in())


def credited(minor: int = 400, *, source: str = "bank", on: date | None = None) -> FundsToppedUp:
    books = entry("wallet.top_up", minor, debit=source, credit=ADA_CASH, **{"on": on} if on else {})
    return FundsToppedUp(ADA, TPR, lira(minor), source, books, None)


APPROVED = (credited(), TopUpApproved(TPR, lira(400), "stf_umut", WHERE))
STAGES: dict[str, tuple[Event, ...]] = {
    "pending": (),
    "approved": APPROVED,
    "rejected": (TopUpRejected(TPR, "stf_umut", None),),
    "cancelled": (TopUpCancelled(TPR, "stf_deniz"),),
    "expired": (TopUpRequestExpired(TPR),),
}
COMMANDS: dict[object, tuple[Event, ...]] = {
    ApproveRequest(TPR): APPROVED,
    RejectRequest(TPR): STAGES["rejected"],
    CancelRequest(TPR): (TopUpCancelled(TPR, "stf_umut"),),
    ExpireRequest(TPR): STAGES["expired"],
}


def test_a_customer_asks_and_nothing_is_credited() -> None:
    command = RequestTopUp(ADA, lira(400), reference="EFT 4711")
    answer = given(*FUNDED).when(command, actor=acting_for("usr_ada"))
    request_id = new_id("tpr")
    answer.then(asked_in(request_id=request_id, reference="EFT 4711"))
    answer.then_result(RequestResult(request_id, "pending"))
    assert answer.state(f"wallet-{ADA}").available == lira(1_000)


def test_a_request_waits_thirty_days_or_as_long_as_it_says() -> None:
    story = given(*FUNDED)
    request_id = new_id("tpr")
    story.when(RequestTopUp(ADA, lira(400))).then(asked_in(request_id=request_id))
    last = NOW + REQUEST_LASTS_MAX
    story.when(RequestTopUp(ADA, lira(400), expires_at=last)).then(
        asked_in(request_id=request_id, expires_at=last)
    )
    for wrong in (NOW, last + timedelta(microseconds=1)):
        story.when(RequestTopUp(ADA, lira(400), expires_at=wrong)).then_refused(
            RequestExpiryInvalid, now=NOW.isoformat()
        )


def test_refuses_an_amount_that_no_wallet_can_take() -> None:
    given(*FUNDED).when(RequestTopUp(ADA, lira(0))).then_refused(AmountInvalid)
    given(*FUNDED).when(RequestTopUp(ADA, Money(1, "EUR"))).then_refused(
        CurrencyMismatch, expected="TRY", found="EUR"
    )


@pytest.mark.row("WLT-15")
def test_a_pending_request_never_blocks_paying() -> None:
    given(*ASKED).when(PlaceHold(ADA, lira(1_000), "ord_1")).then(*held(1_000, version=3))


def test_an_approval_credits_the_wallet_by_the_top_up_that_has_the_request_s_id() -> None:
    answer = given(*ASKED).when(ApproveRequest(TPR), actor=UMUT)
    answer.then(*APPROVED)
    answer.then_result(RequestResult(TPR, "approved", WHERE))
    assert answer.state(f"wallet-{ADA}").available == lira(1_400)


def test_an_approval_says_on_which_account_the_money_came_and_when() -> None:
    day = date(2026, 3, 2)
    command = ApproveRequest(TPR, source="provider_clearing", effective_on=day)
    given(*ASKED).when(command, actor=UMUT).then(
        credited(source="provider_clearing", on=day),
        TopUpApproved(TPR, lira(400), "stf_umut", WHERE),
    )
    given(*ASKED).when(ApproveRequest(TPR, "wallet.cash"), actor=UMUT).then_refused(
        UnknownAccount, account="wallet.cash"
    )


def test_an_approval_needs_room_in_the_wallet() -> None:
    full = given(*FUNDED, asked_in(2**53 - 1_000))
    full.when(ApproveRequest(TPR), actor=UMUT).then_refused(BalanceLimitExceeded)
    assert (
        given(*FUNDED, asked_in(2**53 - 1_001))
        .when(ApproveRequest(TPR), actor=UMUT)
        .decision.events
    )


def test_a_rejection_says_why() -> None:
    answer = given(*ASKED).when(RejectRequest(TPR, "no such payment"), actor=UMUT)
    answer.then(TopUpRejected(TPR, "stf_umut", Personal("usr_ada", "no such payment")))
    answer.then_result(RequestResult(TPR, "rejected"))


def test_a_customer_takes_a_request_back() -> None:
    answer = given(*ASKED).when(CancelRequest(TPR), actor=acting_for("usr_ada"))
    answer.then(TopUpCancelled(TPR, "stf_deniz"))
    answer.then_result(RequestResult(TPR, "cancelled"))


def test_a_request_expires_at_its_last_moment_and_not_before() -> None:
    early = LATER - timedelta(microseconds=1)
    given(*ASKED).when(ExpireRequest(TPR), at=early).then_refused(RequestNotDue)
    answer = given(*ASKED).when(ExpireRequest(TPR), at=LATER)
    answer.then(TopUpRequestExpired(TPR))
    answer.then_result(RequestResult(TPR, "expired"))


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_only_a_pending_request_is_decided_and_only_once(command: object, stage: str) -> None:
    """Every pair of state and command."""
    at = LATER if isinstance(command, ExpireRequest) else NOW
    answer = given(*ASKED, *STAGES[stage]).when(command, actor=UMUT, at=at)
    if stage == "pending":
        answer.then(*COMMANDS[command])
    else:
        answer.then_refused(RequestNotPending, state=stage)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("command", [PayWithdrawal(TPR), BounceWithdrawal(TPR)])
def test_a_top_up_request_is_no_withdrawal(command: object, stage: str) -> None:
    given(*ASKED, *STAGES[stage]).when(command, actor=UMUT).then_refused(RequestNotFound)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize("request_id", ["tpr_none", "wdr_none", "ord_1", ""])
def test_refuses_a_request_that_is_not_there(command: object, request_id: str) -> None:
    given(*FUNDED).when(type(command)(request_id), actor=UMUT).then_refused(RequestNotFound)  # type: ignore[call-arg] - each takes the id


@pytest.mark.row("TEN-05")
def test_another_customer_s_request_is_as_absent_as_none() -> None:
    bora = acting_for("usr_bora")
    there = given(*ASKED, BORA_OPENED).when(CancelRequest(TPR), actor=bora)
    there.then_refused(RequestNotFound)
    nowhere = given(*FUNDED, BORA_OPENED).when(CancelRequest(TPR), actor=bora)
    assert there.decision.told == nowhere.decision.told
    given(*FUNDED).when(RequestTopUp(ADA, lira(1)), actor=bora).then_refused(WalletNotFound)


@pytest.mark.parametrize("command", [ApproveRequest(TPR), RejectRequest(TPR)])
def test_no_customer_ever_decides(command: object) -> None:
    customer = acting_for("usr_ada", staff=UMUT)
    given(*ASKED).when(command, actor=customer).then_refused(StaffOnly)


def test_what_a_request_credited_can_be_taken_back() -> None:
    answer = given(*ASKED, *APPROVED).when(ReverseEntry(WHERE))
    assert answer.state(f"wallet-{ADA}").available == lira(1_000)


def test_a_top_up_by_staff_stays_what_it_was() -> None:
    story = given(*FUNDED, topped_up(5, top_up_id="top_2"), asked_in())
    answer = story.when(ApproveRequest(TPR), actor=UMUT)
    answer.then(credited(), TopUpApproved(TPR, lira(400), "stf_umut", f"wallet-{ADA}.4"))


def test_a_refusal_tells_its_public_code() -> None:
    refusals: tuple[type[Refusal], ...] = (RequestNotFound, RequestNotPending, RequestNotDue)
    assert [kind.code for kind in refusals] == [
        "wallet.request_not_found",
        "wallet.request_not_pending",
        "wallet.request_not_due",
    ]


def test_the_maker_is_the_staff_member_and_not_the_customer() -> None:
    [(_, _, event)] = (
        given(*FUNDED).when(RequestTopUp(ADA, lira(1)), actor=acting_for("usr_ada")).decision.events
    )
    assert getattr(event, "requested_by") == STAFF.actor_id  # noqa: B009 - of this event
