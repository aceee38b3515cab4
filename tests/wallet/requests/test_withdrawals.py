"""Money out on request (WLT-07, WLT-15): held when asked for, approved, paid, or given back."""

from datetime import date

import pytest

from application.ledger.journal import ReverseEntry
from application.wallet.holds import CaptureHold, PlaceHold, ReleaseHold
from application.wallet.requests.asking import RequestWithdrawal
from application.wallet.requests.deciding import (
    ApprovalMovesNothing,
    ApproveRequest,
    RejectRequest,
)
from application.wallet.requests.finding import RequestResult
from application.wallet.requests.payouts import BounceWithdrawal, PayWithdrawal
from domain.kernel.events import Personal
from domain.ledger.accounts import UnknownAccount
from domain.ledger.journal import EntryNotReversible
from domain.wallet.events import SchemeChosen
from domain.wallet.holds import HoldNotFound
from domain.wallet.requests.events import (
    HeldFundsPaidOut,
    WithdrawalApproved,
    WithdrawalBounced,
    WithdrawalPaid,
    WithdrawalRejected,
    WithdrawalRequested,
    WithdrawalTurnedDown,
)
from domain.wallet.requests.stages import (
    RequestExpiryInvalid,
)
from domain.wallet.scheme import WithdrawalsNotLicensed
from domain.wallet.wallet import AmountInvalid, BalanceLimitExceeded, InsufficientFunds
from tests.kit.requests import (
    FUNDED,
    IBAN,
    LATER,
    UMUT,
    WDR,
    asked_out,
    came_back,
    given_back,
    paid,
    where,
)
from tests.kit.scenario import NOW, acting_for, given, new_id
from tests.kit.wallets import ADA, ADA_CASH, ADA_OPENED, BOOKS, held, lira
from tests.kit.wallets import topped_up as funded

pytestmark = pytest.mark.row("WLT-07")

ASKED = (*FUNDED, *asked_out())
APPROVED = (WithdrawalApproved(WDR, "stf_umut"),)
PAID = (*APPROVED, *paid())


def test_a_withdrawal_is_held_when_it_is_asked_for() -> None:
    command = RequestWithdrawal(ADA, lira(600), IBAN, reference="rent")
    answer = given(*FUNDED).when(command, actor=acting_for("usr_ada"))
    request_id = new_id("wdr")
    hold, plain = asked_out(request_id=request_id)
    answer.then(
        hold,
        WithdrawalRequested(
            request_id,
            ADA,
            "usr_ada",
            lira(600),
            Personal("usr_ada", IBAN),
            "1326",
            Personal("usr_ada", "rent"),
            plain.requested_by,
            where(3),
            LATER,
        ),
    )
    answer.then_result(RequestResult(request_id, "pending", where(3)))
    wallet = answer.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.held) == (lira(400), lira(600))


def test_the_states_know_nothing_of_the_iban() -> None:
    answer = given(*FUNDED).when(RequestWithdrawal(ADA, lira(600), IBAN))
    state = answer.state(f"withdrawal-{new_id('wdr')}")
    assert "1326" not in repr(state)


def test_asks_for_all_that_is_available_and_not_one_minor_unit_more() -> None:
    story = given(*FUNDED)
    whole = story.when(RequestWithdrawal(ADA, lira(1_000), IBAN))
    assert whole.state(f"wallet-{ADA}").available == lira(0)
    story.when(RequestWithdrawal(ADA, lira(1_001), IBAN)).then_refused(
        InsufficientFunds, available=1_000, asked=1_001
    )
    story.when(RequestWithdrawal(ADA, lira(0), IBAN)).then_refused(AmountInvalid)


def test_what_a_hold_took_first_can_not_be_withdrawn() -> None:
    given(*FUNDED, *held(401, version=3)).when(
        RequestWithdrawal(ADA, lira(600), IBAN)
    ).then_refused(InsufficientFunds, available=599, asked=600)


@pytest.mark.row("WLT-15")
def test_a_pending_withdrawal_blocks_its_own_amount_and_no_more() -> None:
    story = given(*ASKED)
    story.when(PlaceHold(ADA, lira(400), "ord_1")).then(*held(400, version=4))
    story.when(PlaceHold(ADA, lira(401))).then_refused(InsufficientFunds, available=400, asked=401)


@pytest.mark.parametrize("scheme", [(), (SchemeChosen("closed_loop"),)])
def test_a_closed_loop_pays_nothing_out(scheme: tuple[SchemeChosen, ...]) -> None:
    given(BOOKS, *scheme, ADA_OPENED, funded(1_000)).when(
        RequestWithdrawal(ADA, lira(1), IBAN)
    ).then_refused(WithdrawalsNotLicensed)


def test_refuses_to_wait_for_ever() -> None:
    given(*FUNDED).when(RequestWithdrawal(ADA, lira(1), IBAN, expires_at=NOW)).then_refused(
        RequestExpiryInvalid, now=NOW.isoformat()
    )


@pytest.mark.parametrize("command", [CaptureHold(ADA, WDR), ReleaseHold(ADA, WDR)])
def test_what_a_withdrawal_holds_is_no_hold_that_one_could_capture(command: object) -> None:
    given(*ASKED).when(command).then_refused(HoldNotFound)


def test_staff_and_bank_say_why_and_how() -> None:
    def personal(text: str) -> Personal:
        return Personal("usr_ada", text)

    given(*ASKED).when(RejectRequest(WDR, "unknown"), actor=UMUT).then(
        given_back(), WithdrawalRejected(WDR, lira(600), "stf_umut", personal("unknown"), where(4))
    )
    given(*ASKED, *APPROVED).when(PayWithdrawal(WDR, bank_reference="EFT 9")).then(
        paid()[0], WithdrawalPaid(WDR, lira(600), "bank", personal("EFT 9"), where(4))
    )
    given(*ASKED, *APPROVED).when(BounceWithdrawal(WDR, "no such IBAN")).then(
        given_back(), WithdrawalTurnedDown(WDR, lira(600), personal("no such IBAN"), where(4))
    )
    given(*ASKED, *PAID).when(BounceWithdrawal(WDR, "closed")).then(
        came_back()[0], WithdrawalBounced(WDR, lira(600), personal("closed"), where(5))
    )


def test_money_comes_back_to_the_account_it_left_through() -> None:
    out = given(*ASKED, *APPROVED).when(PayWithdrawal(WDR, "provider_clearing"))
    out.then(*paid(account="provider_clearing"))
    out.then_result(RequestResult(WDR, "paid", where(4)))
    back = out.when(BounceWithdrawal(WDR))
    back.then(*came_back(account="provider_clearing"))
    back.then_result(RequestResult(WDR, "bounced", where(5)))


def test_a_payout_counts_on_the_day_of_the_bank() -> None:
    day = date(2026, 3, 4)
    answer = given(*ASKED, *APPROVED).when(PayWithdrawal(WDR, effective_on=day))
    event = answer.decision.events[0][2]
    assert isinstance(event, HeldFundsPaidOut)
    assert event.entry.effective_on == day


@pytest.mark.parametrize("account", ["nowhere", "wallet.cash", ADA_CASH])
def test_a_payout_leaves_through_an_account_of_the_shop(account: str) -> None:
    given(*ASKED, *APPROVED).when(PayWithdrawal(WDR, account)).then_refused(
        UnknownAccount, account=account
    )


def test_a_bounce_needs_room_in_the_wallet() -> None:
    full = given(*ASKED, *PAID, funded(2**53 - 1 - 400, top_up_id="top_2"))
    full.when(BounceWithdrawal(WDR)).then_refused(BalanceLimitExceeded)


@pytest.mark.parametrize(
    "command", [ApproveRequest(WDR, "bank"), ApproveRequest(WDR, effective_on=NOW.date())]
)
def test_approving_a_withdrawal_moves_nothing_yet(command: ApproveRequest) -> None:
    given(*ASKED).when(command, actor=UMUT).then_refused(ApprovalMovesNothing)


@pytest.mark.parametrize("version", [3, 4])
def test_a_withdrawal_is_undone_by_its_own_commands_only(version: int) -> None:
    given(*ASKED, *PAID).when(ReverseEntry(where(version))).then_refused(EntryNotReversible)
