import pytest

from application.wallet.holds import (
    CaptureHold,
    CaptureResult,
    HoldResult,
    PlaceHold,
    RefundCapture,
    ReleaseHold,
)
from domain.kernel.events import Personal
from domain.kernel.money import AMOUNT_MINOR_MAX, CurrencyMismatch, Money
from domain.ledger.accounts import UnknownAccount
from domain.wallet.events import (
    FundsHeld,
    HeldFundsReleased,
    HoldEvent,
    HoldPlaced,
    HoldReleased,
)
from domain.wallet.holds import (
    CAPTURES_PER_HOLD_MAX,
    CaptureExceedsHold,
    CaptureExists,
    Hold,
    HoldEnded,
    HoldExists,
    HoldNotFound,
    TooManyCaptures,
)
from domain.wallet.wallet import (
    AmountInvalid,
    InsufficientFunds,
    WalletNotFound,
)
from tests.kit.scenario import acting_for, given, new_id
from tests.kit.wallets import (
    ADA,
    ADA_CASH,
    ADA_HELD,
    ADA_OPENED,
    BOOKS,
    BORA,
    BORA_OPENED,
    captured,
    entry,
    held,
    lira,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-14")

FUNDED = (BOOKS, ADA_OPENED, topped_up(1_000))
HELD = (*FUNDED, *held(600, version=3))
CAPTURED = (*HELD, *captured(250, remaining=350, version=4))


def test_a_hold_moves_available_money_to_held() -> None:
    answer = given(*FUNDED).when(PlaceHold(ADA, lira(600), hold_id="ord_1", reference="a gift"))
    answer.then(
        FundsHeld(
            ADA, "ord_1", lira(600), entry("wallet.hold", 600, debit=ADA_CASH, credit=ADA_HELD), ()
        ),
        HoldPlaced(
            "ord_1", ADA, lira(600), Personal("usr_ada", "a gift"), f"wallet-{ADA}.3", None, ()
        ),
    )
    answer.then_result(HoldResult("ord_1", f"wallet-{ADA}.3"))
    wallet = answer.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.held) == (lira(400), lira(600))


def test_a_hold_gets_an_id_when_the_caller_has_none() -> None:
    answer = given(*FUNDED).when(PlaceHold(ADA, lira(600)))
    answer.then_result(HoldResult(new_id("hld"), f"wallet-{ADA}.3"))
    answer.then(*held(600, version=3, hold_id=new_id("hld")))


def test_holds_all_that_is_available_and_refuses_one_minor_unit_too_many() -> None:
    given(*FUNDED).when(PlaceHold(ADA, lira(1_000), "ord_1")).then(*held(1_000, version=3))
    given(*FUNDED).when(PlaceHold(ADA, lira(1_001))).then_refused(
        InsufficientFunds, available=1_000, asked=1_001
    )


def test_held_money_is_not_available_for_a_second_hold() -> None:
    given(*HELD).when(PlaceHold(ADA, lira(401))).then_refused(
        InsufficientFunds, available=400, asked=401
    )


@pytest.mark.parametrize("minor", [0, -1, AMOUNT_MINOR_MAX + 1])
def test_refuses_an_amount_that_no_wallet_can_move(minor: int) -> None:
    given(*FUNDED).when(PlaceHold(ADA, lira(minor))).then_refused(AmountInvalid)
    given(*HELD).when(CaptureHold(ADA, "ord_1", lira(minor))).then_refused(AmountInvalid)
    given(*CAPTURED).when(RefundCapture(ADA, "ord_1", "cap_1", lira(minor))).then_refused(
        AmountInvalid
    )


def test_refuses_another_currency_than_the_wallet_s() -> None:
    one_euro = Money(100, "EUR")
    facts = {"expected": "TRY", "found": "EUR"}
    given(*FUNDED).when(PlaceHold(ADA, one_euro)).then_refused(CurrencyMismatch, **facts)
    given(*HELD).when(CaptureHold(ADA, "ord_1", one_euro)).then_refused(CurrencyMismatch, **facts)
    given(*CAPTURED).when(RefundCapture(ADA, "ord_1", "cap_1", one_euro)).then_refused(
        CurrencyMismatch, **facts
    )


def test_refuses_a_second_hold_under_one_id() -> None:
    given(*HELD).when(PlaceHold(ADA, lira(1), hold_id="ord_1")).then_refused(HoldExists)


def test_a_capture_takes_held_money_to_sales() -> None:
    answer = given(*HELD).when(CaptureHold(ADA, "ord_1", lira(250)))
    capture = new_id("cap")
    answer.then(*captured(250, remaining=350, version=4, capture_id=capture))
    answer.then_result(CaptureResult(capture, f"wallet-{ADA}.4"))
    wallet = answer.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.held) == (lira(400), lira(350))


def test_a_capture_may_go_to_another_account_of_the_shop() -> None:
    given(*HELD).when(
        CaptureHold(ADA, "ord_1", lira(600), capture_id="cap_1", destination="order_clearing")
    ).then(*captured(600, remaining=0, version=4, to="order_clearing"))


@pytest.mark.parametrize("account", ["nowhere", "wallet.cash", "wallet.cash:wal_bora", ADA_HELD])
def test_a_capture_never_goes_to_an_unknown_account_or_into_a_wallet(account: str) -> None:
    given(*HELD).when(CaptureHold(ADA, "ord_1", destination=account)).then_refused(
        UnknownAccount, account=account
    )


def test_several_captures_take_a_hold_apart_to_the_last_minor_unit() -> None:
    given(*CAPTURED).when(CaptureHold(ADA, "ord_1", lira(349), "cap_2")).then(
        *captured(349, remaining=1, version=5, capture_id="cap_2")
    ).when(CaptureHold(ADA, "ord_1", lira(1), "cap_3")).then(
        *captured(1, remaining=0, version=6, capture_id="cap_3")
    )


def test_refuses_to_capture_one_minor_unit_more_than_remains() -> None:
    given(*CAPTURED).when(CaptureHold(ADA, "ord_1", lira(351))).then_refused(
        CaptureExceedsHold, remaining=350, asked=351
    )


def test_a_capture_without_an_amount_takes_all_that_remains() -> None:
    given(*CAPTURED).when(CaptureHold(ADA, "ord_1", capture_id="cap_2")).then(
        *captured(350, remaining=0, version=5, capture_id="cap_2")
    )


def test_refuses_a_second_capture_under_one_id() -> None:
    given(*CAPTURED).when(CaptureHold(ADA, "ord_1", lira(1), "cap_1")).then_refused(CaptureExists)


def test_a_hold_is_captured_in_a_hundred_parts_and_not_one_more() -> None:
    parts = [
        event
        for n in range(CAPTURES_PER_HOLD_MAX - 1)
        for event in captured(1, remaining=599 - n, version=4 + n, capture_id=f"cap_{n}")
    ]
    last = given(*HELD, *parts).when(CaptureHold(ADA, "ord_1", lira(1), "cap_last"))
    last.then(*captured(1, remaining=500, version=103, capture_id="cap_last"))
    last.when(CaptureHold(ADA, "ord_1", lira(1))).then_refused(TooManyCaptures)


def test_a_release_makes_what_remains_available_again() -> None:
    answer = given(*CAPTURED).when(ReleaseHold(ADA, "ord_1"))
    answer.then(
        HeldFundsReleased(
            ADA,
            "ord_1",
            lira(350),
            entry("wallet.release", 350, debit=ADA_HELD, credit=ADA_CASH),
            (),
        ),
        HoldReleased("ord_1", lira(350), f"wallet-{ADA}.5"),
    )
    answer.then_result(HoldResult("ord_1", f"wallet-{ADA}.5"))
    wallet = answer.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.held) == (lira(750), lira(0))


def test_a_hold_ends_once() -> None:
    released = given(*HELD).when(ReleaseHold(ADA, "ord_1"))
    released.when(ReleaseHold(ADA, "ord_1")).then_refused(HoldEnded)
    released.when(CaptureHold(ADA, "ord_1", lira(1))).then_refused(HoldEnded)
    emptied = given(*HELD).when(CaptureHold(ADA, "ord_1"))
    emptied.when(ReleaseHold(ADA, "ord_1")).then_refused(HoldEnded)
    emptied.when(CaptureHold(ADA, "ord_1")).then_refused(HoldEnded)


def test_an_event_that_a_hold_does_not_know_is_never_guessed_at() -> None:
    hold = Hold.evolve(None, held(1, version=3)[1])
    with pytest.raises(AssertionError):
        Hold.evolve(hold, HoldEvent())


COMMANDS_ON_A_HOLD = (
    CaptureHold(ADA, "ord_1", lira(1)),
    ReleaseHold(ADA, "ord_1"),
    RefundCapture(ADA, "ord_1", "cap_1", lira(1)),
)


@pytest.mark.parametrize("command", COMMANDS_ON_A_HOLD)
def test_refuses_a_hold_that_is_not_there(command: object) -> None:
    given(*FUNDED).when(command).then_refused(HoldNotFound)


@pytest.mark.parametrize(
    "command",
    [
        CaptureHold(BORA, "ord_1", lira(1)),
        ReleaseHold(BORA, "ord_1"),
        RefundCapture(BORA, "ord_1", "cap_1", lira(1)),
    ],
)
def test_a_hold_of_another_wallet_is_as_absent_as_none(command: object) -> None:
    given(*CAPTURED, BORA_OPENED).when(command).then_refused(HoldNotFound)


@pytest.mark.parametrize("command", [PlaceHold(ADA, lira(1)), *COMMANDS_ON_A_HOLD])
@pytest.mark.row("TEN-05")
def test_another_customer_s_wallet_is_as_absent_as_none(command: object) -> None:
    there = given(*CAPTURED).when(command, actor=acting_for("usr_bora"))
    nowhere = given(BOOKS).when(command, actor=acting_for("usr_bora"))
    there.then_refused(WalletNotFound)
    assert there.decision.told == nowhere.decision.told


@pytest.mark.parametrize("command", [PlaceHold(ADA, lira(1)), *COMMANDS_ON_A_HOLD])
def test_a_customer_reaches_their_own_wallet(command: object) -> None:
    answer = given(*CAPTURED).when(command, actor=acting_for("usr_ada"))
    assert answer.decision.refusal is None
