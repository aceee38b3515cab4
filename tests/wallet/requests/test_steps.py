"""Every step of a withdrawal (WLT-07): each pair of state and command, and where the money is."""

from datetime import timedelta

import pytest

from application.wallet.access import StaffOnly
from application.wallet.holds import PlaceHold
from application.wallet.requests.asking import CancelRequest, ExpireRequest
from application.wallet.requests.deciding import (
    ApproveRequest,
    RejectRequest,
)
from application.wallet.requests.finding import RequestResult
from application.wallet.requests.payouts import BounceWithdrawal, PayWithdrawal
from domain.kernel.events import Event
from domain.kernel.refusals import Refusal
from domain.wallet.requests.events import (
    WithdrawalApproved,
    WithdrawalCancelled,
    WithdrawalExpired,
    WithdrawalRejected,
    WithdrawalTurnedDown,
)
from domain.wallet.requests.stages import (
    RequestNotDue,
    RequestNotFound,
    RequestNotPending,
)
from domain.wallet.requests.withdrawals import WithdrawalNotApproved
from tests.kit.requests import (
    FUNDED,
    LATER,
    UMUT,
    WDR,
    asked_out,
    came_back,
    given_back,
    paid,
    where,
)
from tests.kit.scenario import NOW, acting_for, given
from tests.kit.wallets import ADA, lira

pytestmark = pytest.mark.row("WLT-07")

ASKED = (*FUNDED, *asked_out())
APPROVED = (WithdrawalApproved(WDR, "stf_umut"),)
REJECTED = (given_back(), WithdrawalRejected(WDR, lira(600), "stf_umut", None, where(4)))
CANCELLED = (given_back(), WithdrawalCancelled(WDR, lira(600), "stf_umut", where(4)))
EXPIRED = (given_back(), WithdrawalExpired(WDR, lira(600), where(4)))
TURNED_DOWN = (given_back(), WithdrawalTurnedDown(WDR, lira(600), None, where(4)))
PAID = (*APPROVED, *paid())
STAGES: dict[str, tuple[Event, ...]] = {
    "pending": (),
    "approved": APPROVED,
    "rejected": REJECTED,
    "cancelled": CANCELLED,
    "expired": EXPIRED,
    "paid": PAID,
    "bounced": (*PAID, *came_back()),
    "turned down": (*APPROVED, *TURNED_DOWN),
}
STATE = {"turned down": "bounced"}
ALLOWED: dict[tuple[object, str], tuple[Event, ...]] = {
    (ApproveRequest(WDR), "pending"): APPROVED,
    (RejectRequest(WDR), "pending"): REJECTED,
    (CancelRequest(WDR), "pending"): CANCELLED,
    (PayWithdrawal(WDR), "approved"): paid(),
    (BounceWithdrawal(WDR), "approved"): TURNED_DOWN,
    (BounceWithdrawal(WDR), "paid"): came_back(),
}
REFUSALS: dict[object, type[Refusal]] = {
    ApproveRequest(WDR): RequestNotPending,
    RejectRequest(WDR): RequestNotPending,
    CancelRequest(WDR): RequestNotPending,
    PayWithdrawal(WDR): WithdrawalNotApproved,
    BounceWithdrawal(WDR): WithdrawalNotApproved,
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("command", REFUSALS, ids=lambda command: type(command).__name__)
def test_a_withdrawal_takes_each_step_once_and_in_order(command: object, stage: str) -> None:
    """Every pair of state and command."""
    answer = given(*ASKED, *STAGES[stage]).when(command, actor=UMUT)
    if (command, stage) in ALLOWED:
        answer.then(*ALLOWED[command, stage])
    else:
        answer.then_refused(REFUSALS[command], state=STATE.get(stage, stage))


@pytest.mark.parametrize("stage", STAGES)
def test_only_a_pending_withdrawal_expires(stage: str) -> None:
    """The pairs with the command that only a timer sends; expiry counts on the day it happens."""
    soon = NOW + timedelta(minutes=1)
    asked = asked_out(expires_at=soon)
    answer = given(*FUNDED, *asked, *STAGES[stage]).when(ExpireRequest(WDR), at=soon)
    if stage == "pending":
        answer.then(*EXPIRED)
        answer.then_result(RequestResult(WDR, "expired", where(4)))
    else:
        answer.then_refused(RequestNotPending, state=STATE.get(stage, stage))


def test_a_withdrawal_does_not_expire_before_its_time() -> None:
    early = LATER - timedelta(microseconds=1)
    given(*ASKED).when(ExpireRequest(WDR), at=early).then_refused(RequestNotDue)


@pytest.mark.parametrize(
    ("story", "available", "held_then"),
    [
        ((), 400, 600),
        (APPROVED, 400, 600),
        (REJECTED, 1_000, 0),
        (CANCELLED, 1_000, 0),
        (EXPIRED, 1_000, 0),
        (PAID, 400, 0),
        ((*PAID, *came_back()), 1_000, 0),
        ((*APPROVED, *TURNED_DOWN), 1_000, 0),
    ],
)
def test_money_is_held_until_it_is_paid_or_given_back(
    story: tuple[Event, ...], available: int, held_then: int
) -> None:
    answer = given(*ASKED, *story).when(PlaceHold(ADA, lira(1), "ord_1"))
    wallet = answer.state(f"wallet-{ADA}")
    assert (wallet.available.minor, wallet.held.minor) == (available - 1, held_then + 1)


@pytest.mark.row("TEN-05")
@pytest.mark.parametrize("command", REFUSALS, ids=lambda command: type(command).__name__)
def test_a_customer_only_ever_cancels_and_only_their_own(command: object) -> None:
    own = given(*ASKED).when(command, actor=acting_for("usr_ada", staff=UMUT))
    others = given(*ASKED).when(command, actor=acting_for("usr_bora", staff=UMUT))
    if isinstance(command, CancelRequest):
        own.then(*CANCELLED)
        others.then_refused(RequestNotFound)
    else:
        own.then_refused(StaffOnly)
        others.then_refused(StaffOnly)
