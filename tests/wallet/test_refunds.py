import pytest

from application.wallet.holds import (
    CaptureHold,
    RefundCapture,
    RefundResult,
)
from domain.kernel.money import AMOUNT_MINOR_MAX
from domain.wallet.events import (
    CaptureRefunded,
    HoldRefunded,
)
from domain.wallet.holds import HoldEnded
from domain.wallet.refunds import CaptureNotFound, RefundExceedsCapture
from domain.wallet.wallet import (
    BalanceLimitExceeded,
)
from tests.kit.scenario import given, new_id
from tests.kit.wallets import (
    ADA,
    ADA_CASH,
    ADA_OPENED,
    BOOKS,
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


def test_a_refund_brings_captured_money_back_from_where_it_went() -> None:
    story = given(*HELD, *captured(600, remaining=0, version=4, to="order_clearing"))
    answer = story.when(RefundCapture(ADA, "ord_1", "cap_1", lira(100)))
    refund = new_id("rfd")
    back = entry("wallet.refund", 100, debit="order_clearing", credit=ADA_CASH)
    answer.then(
        CaptureRefunded(ADA, "ord_1", "cap_1", refund, lira(100), "order_clearing", back, ()),
        HoldRefunded("ord_1", "cap_1", refund, lira(100), f"wallet-{ADA}.5", ()),
    )
    answer.then_result(RefundResult(refund, f"wallet-{ADA}.5"))
    assert answer.state(f"wallet-{ADA}").available == lira(500)


def test_a_refund_without_an_amount_gives_back_all_that_is_left_of_the_capture() -> None:
    partly = given(*CAPTURED).when(RefundCapture(ADA, "ord_1", "cap_1", lira(100)))
    rest = partly.when(RefundCapture(ADA, "ord_1", "cap_1"))
    assert rest.state(f"wallet-{ADA}").available == lira(650)
    rest.when(RefundCapture(ADA, "ord_1", "cap_1")).then_refused(RefundExceedsCapture, refundable=0)


def test_refuses_to_refund_one_minor_unit_more_than_is_left_of_the_capture() -> None:
    partly = given(*CAPTURED).when(RefundCapture(ADA, "ord_1", "cap_1", lira(100)))
    partly.when(RefundCapture(ADA, "ord_1", "cap_1", lira(151))).then_refused(
        RefundExceedsCapture, refundable=150, asked=151
    )
    given(*CAPTURED).when(RefundCapture(ADA, "ord_1", "cap_1", lira(251))).then_refused(
        RefundExceedsCapture, refundable=250, asked=251
    )


def test_one_capture_is_never_refunded_out_of_another() -> None:
    both = (*CAPTURED, *captured(350, remaining=0, version=5, capture_id="cap_2"))
    given(*both).when(RefundCapture(ADA, "ord_1", "cap_2", lira(351))).then_refused(
        RefundExceedsCapture, refundable=350, asked=351
    )


def test_a_refund_does_not_open_the_hold_again() -> None:
    refunded = given(*HELD).when(CaptureHold(ADA, "ord_1", capture_id="cap_1"))
    refunded = refunded.when(RefundCapture(ADA, "ord_1", "cap_1"))
    refunded.when(CaptureHold(ADA, "ord_1", lira(1))).then_refused(HoldEnded)


def test_refuses_to_refund_a_capture_that_was_not_made() -> None:
    given(*CAPTURED).when(RefundCapture(ADA, "ord_1", "cap_9")).then_refused(CaptureNotFound)


def test_refuses_a_refund_that_the_wallet_has_no_room_for() -> None:
    emptied = (*FUNDED, *held(1_000, version=3), *captured(1_000, remaining=0, version=4))
    refund = RefundCapture(ADA, "ord_1", "cap_1")
    fills = topped_up(AMOUNT_MINOR_MAX - 1_000, top_up_id="top_2")
    filled = given(*emptied, fills).when(refund).state(f"wallet-{ADA}")
    assert filled.available == lira(AMOUNT_MINOR_MAX)
    over = topped_up(AMOUNT_MINOR_MAX - 999, top_up_id="top_2")
    given(*emptied, over).when(refund).then_refused(BalanceLimitExceeded)
