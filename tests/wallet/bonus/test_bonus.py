"""WLT-09: bonus is granted in lots, pays before cash in a stated order, and never becomes cash."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from application.ledger.journal import ReverseEntry
from application.wallet.access import StaffOnly
from application.wallet.bonus import BonusResult, GrantBonus
from application.wallet.holds import CaptureHold, PlaceHold, RefundCapture, ReleaseHold
from application.wallet.topups import TopUp
from application.wallet.transfers import TransferFunds
from domain.kernel.events import Personal
from domain.kernel.money import AMOUNT_MINOR_MAX
from domain.ledger.journal import EntryAlreadyReversed
from domain.wallet.bonus import (
    BONUS_LASTS_MAX,
    BONUS_LOTS_MAX,
    BonusExpiryInvalid,
    TooManyBonusLots,
)
from domain.wallet.bonus_events import BonusGranted, BonusTakenBack
from domain.wallet.events import CaptureRefunded, HeldFundsReleased, HoldRefunded, HoldReleased
from domain.wallet.lots import Lot
from domain.wallet.wallet import (
    AmountInvalid,
    BalanceLimitExceeded,
    InsufficientFunds,
    WalletNotFound,
)
from tests.kit.scenario import NOW, STAFF, acting_for, given, new_id
from tests.kit.wallets import (
    ADA,
    ADA_BONUS,
    ADA_CASH,
    ADA_HELD,
    ADA_OPENED,
    BOOKS,
    BORA,
    BORA_OPENED,
    LICENSED,
    captured,
    captured_with_bonus,
    entry,
    granted,
    held,
    held_with_bonus,
    lapsed,
    lines,
    lira,
    part,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-09")

SOON, LATER = NOW + timedelta(days=1), NOW + timedelta(days=2)
FUNDED = (BOOKS, ADA_OPENED, topped_up(1_000))
LOTS = (*FUNDED, granted(100, "bon_1", LATER), granted(50, "bon_2", SOON), granted(30, "bon_3"))
SPENT_IN_ORDER = (part(50, "bon_2", SOON), part(100, "bon_1", LATER), part(30, "bon_3"))
HELD = (*LOTS, *held_with_bonus(300, *SPENT_IN_ORDER, version=6))


def test_bonus_is_an_expense_of_the_shop_and_a_debt_to_the_customer() -> None:
    answer = given(*FUNDED).when(GrantBonus(ADA, lira(100), "spring", LATER))
    lot = new_id("bon")
    books = entry("wallet.bonus_grant", 100, debit="bonus_expense", credit=ADA_BONUS)
    answer.then(BonusGranted(ADA, lot, lira(100), "spring", LATER, books))
    answer.then_result(BonusResult(lot, f"wallet-{ADA}.3"))
    wallet = answer.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.bonus) == (lira(1_000), lira(100))
    assert wallet.lots == {lot: Lot(lira(100), LATER)}


@pytest.mark.parametrize("ends", [None, NOW + timedelta(microseconds=1), NOW + BONUS_LASTS_MAX])
def test_bonus_may_never_end_or_end_within_ten_years(ends: datetime | None) -> None:
    answer = given(*FUNDED).when(GrantBonus(ADA, lira(1), "spring", ends))
    assert answer.decision.refusal is None


@pytest.mark.parametrize("ends", [NOW, NOW + BONUS_LASTS_MAX + timedelta(microseconds=1)])
def test_refuses_an_end_that_has_passed_or_is_too_far_away(ends: datetime) -> None:
    given(*FUNDED).when(GrantBonus(ADA, lira(1), "spring", ends)).then_refused(
        BonusExpiryInvalid, now=NOW.isoformat()
    )


def test_a_wallet_has_a_hundred_open_lots_and_not_one_more() -> None:
    full = [granted(1, f"bon_{n}") for n in range(BONUS_LOTS_MAX)]
    grant = GrantBonus(ADA, lira(1), "spring")
    given(*FUNDED, *full).when(grant).then_refused(TooManyBonusLots)
    assert given(*FUNDED, *full[1:]).when(grant).decision.refusal is None
    spent = given(*FUNDED, *full).when(PlaceHold(ADA, lira(1)))
    assert spent.when(grant).decision.refusal is None


def test_refuses_bonus_that_the_wallet_has_no_room_for() -> None:
    nearly = (BOOKS, ADA_OPENED, topped_up(AMOUNT_MINOR_MAX - 10), granted(9))
    given(*nearly).when(GrantBonus(ADA, lira(2), "spring")).then_refused(BalanceLimitExceeded)
    given(*nearly).when(TopUp(ADA, lira(2))).then_refused(BalanceLimitExceeded)
    given(*nearly).when(GrantBonus(ADA, lira(0), "spring")).then_refused(AmountInvalid)
    assert given(*nearly).when(TopUp(ADA, lira(1))).decision.refusal is None


def test_only_staff_acting_as_themselves_grant_bonus() -> None:
    grant = GrantBonus(ADA, lira(1), "spring")
    given(*FUNDED).when(grant, actor=acting_for("usr_ada")).then_refused(StaffOnly)
    given(BOOKS).when(grant).then_refused(WalletNotFound)


def test_a_grant_is_taken_back_while_nothing_of_it_is_spent() -> None:
    answer = given(*LOTS).when(ReverseEntry(f"wallet-{ADA}.3", reason="mistyped"))
    books = entry("ledger.reversal", 100, debit=ADA_BONUS, credit="bonus_expense")
    books = replace(books, postings=books.postings[::-1])
    why = Personal(STAFF.actor_id, "mistyped")
    where = f"wallet-{ADA}.3"
    answer.then(BonusTakenBack(ADA, "bon_1", where, lira(100), books, why))
    assert answer.state(f"wallet-{ADA}").bonus == lira(80)
    answer.when(ReverseEntry(where)).then_refused(EntryAlreadyReversed)


def test_a_grant_is_not_taken_back_once_a_minor_unit_of_it_is_spent_or_it_has_ended() -> None:
    reverse = ReverseEntry(f"wallet-{ADA}.4")
    spent = given(*LOTS).when(PlaceHold(ADA, lira(1)))
    spent.when(reverse).then_refused(InsufficientFunds, available=49, asked=50)
    given(*LOTS, lapsed(50, "bon_2")).when(reverse).then_refused(
        InsufficientFunds, available=0, asked=50
    )


def test_bonus_pays_before_cash_and_the_lot_that_ends_first_before_the_others() -> None:
    answer = given(*LOTS).when(PlaceHold(ADA, lira(300), "ord_1"))
    answer.then(*held_with_bonus(300, *SPENT_IN_ORDER, version=6))
    wallet = answer.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.held, wallet.bonus) == (lira(880), lira(300), lira(0))
    assert wallet.lots == {}


def test_an_entry_of_a_hold_takes_from_bonus_and_cash_together() -> None:
    [(held_event, _), *_] = [held_with_bonus(300, *SPENT_IN_ORDER, version=6)]
    assert held_event.entry == lines(
        "wallet.hold", (ADA_BONUS, 180), (ADA_CASH, 120), (ADA_HELD, -300)
    )


def test_a_lot_is_spent_in_part_and_the_next_payment_takes_the_rest_of_it() -> None:
    first = given(*LOTS).when(PlaceHold(ADA, lira(60), "ord_1"))
    parts = (part(50, "bon_2", SOON), part(10, "bon_1", LATER))
    first.then(*held_with_bonus(60, *parts, version=6))
    assert first.state(f"wallet-{ADA}").lots == {
        "bon_1": Lot(lira(90), LATER),
        "bon_3": Lot(lira(30), None),
    }
    first.when(PlaceHold(ADA, lira(90), "ord_2")).then(
        *held_with_bonus(90, part(90, "bon_1", LATER), version=7, hold_id="ord_2")
    )


def test_among_lots_of_one_end_the_older_pays_first() -> None:
    twins = (*FUNDED, granted(10, "bon_2", SOON), granted(10, "bon_1", SOON))
    given(*twins).when(PlaceHold(ADA, lira(11), "ord_1")).then(
        *held_with_bonus(11, part(10, "bon_1", SOON), part(1, "bon_2", SOON), version=5)
    )


def test_a_payment_may_leave_bonus_out() -> None:
    given(*LOTS).when(PlaceHold(ADA, lira(300), "ord_1", use_bonus=False)).then(
        *held(300, version=6)
    )
    given(*LOTS).when(PlaceHold(ADA, lira(1_001), use_bonus=False)).then_refused(
        InsufficientFunds, available=1_000, asked=1_001
    )


def test_bonus_and_cash_pay_together_and_not_one_minor_unit_more() -> None:
    given(*LOTS).when(PlaceHold(ADA, lira(1_181))).then_refused(
        InsufficientFunds, available=1_180, asked=1_181
    )
    everything = given(*LOTS).when(PlaceHold(ADA, lira(1_180), "ord_1"))
    everything.then(*held_with_bonus(1_180, *SPENT_IN_ORDER, version=6))


@pytest.mark.parametrize("minor", [0, -1])
def test_refuses_an_amount_that_no_wallet_can_move(minor: int) -> None:
    given(*LOTS).when(PlaceHold(ADA, lira(minor))).then_refused(AmountInvalid)


@pytest.mark.row("WLT-10")
def test_a_lot_is_spent_in_its_last_moment_and_not_after_though_its_timer_has_not_fired() -> None:
    hold = PlaceHold(ADA, lira(10), "ord_1")
    lot = (*FUNDED, granted(100, "bon_1", SOON))
    in_time = given(*lot).when(hold, at=SOON - timedelta(microseconds=1))
    assert in_time.state("hold-ord_1").bonus == (part(10, "bon_1", SOON),)
    late = given(*lot).when(hold, at=SOON)
    assert late.state("hold-ord_1").bonus == ()
    assert late.state(f"wallet-{ADA}").available == lira(990)


def test_bonus_is_never_sent_and_never_taken_for_cash() -> None:
    only_bonus = (BOOKS, LICENSED, ADA_OPENED, BORA_OPENED, topped_up(10), granted(100))
    given(*only_bonus).when(TransferFunds(ADA, BORA, lira(11))).then_refused(
        InsufficientFunds, available=10, asked=11
    )
    spent = given(*only_bonus).when(PlaceHold(ADA, lira(10), use_bonus=False))
    spent.when(ReverseEntry(f"wallet-{ADA}.2")).then_refused(
        InsufficientFunds, available=0, asked=10
    )


def test_captures_take_the_bonus_of_a_hold_first() -> None:
    first = given(*HELD).when(CaptureHold(ADA, "ord_1", lira(60), "cap_1"))
    parts = (part(50, "bon_2", SOON), part(10, "bon_1", LATER))
    first.then(*captured_with_bonus(60, *parts, remaining=240, version=7))
    second = first.when(CaptureHold(ADA, "ord_1", lira(200), "cap_2"))
    parts = (part(90, "bon_1", LATER), part(30, "bon_3"))
    second.then(*captured_with_bonus(200, *parts, remaining=40, version=8, capture_id="cap_2"))
    second.when(CaptureHold(ADA, "ord_1", capture_id="cap_3")).then(
        *captured(40, remaining=0, version=9, capture_id="cap_3")
    )


def test_a_release_gives_each_part_back_to_where_it_came_from() -> None:
    answer = given(*HELD).when(ReleaseHold(ADA, "ord_1"))
    books = lines("wallet.release", (ADA_HELD, 300), (ADA_BONUS, -180), (ADA_CASH, -120))
    answer.then(
        HeldFundsReleased(ADA, "ord_1", lira(300), books, SPENT_IN_ORDER),
        HoldReleased("ord_1", lira(300), f"wallet-{ADA}.7"),
    )
    assert answer.state(f"wallet-{ADA}").lots == {
        "bon_1": Lot(lira(100), LATER),
        "bon_2": Lot(lira(50), SOON),
        "bon_3": Lot(lira(30), None),
    }
    assert answer.state(f"wallet-{ADA}").available == lira(1_000)


def test_a_release_gives_back_only_what_was_not_captured() -> None:
    parts = (part(50, "bon_2", SOON), part(10, "bon_1", LATER))
    taken = (*HELD, *captured_with_bonus(60, *parts, remaining=240, version=7))
    wallet = given(*taken).when(ReleaseHold(ADA, "ord_1")).state(f"wallet-{ADA}")
    assert (wallet.available, wallet.bonus) == (lira(1_000), lira(120))
    assert wallet.lots == {"bon_1": Lot(lira(90), LATER), "bon_3": Lot(lira(30), None)}


@pytest.mark.row("WLT-10")
def test_what_comes_back_into_an_ended_lot_goes_to_breakage_at_once() -> None:
    answer = given(*HELD).when(ReleaseHold(ADA, "ord_1"), at=SOON)
    wallet = answer.state(f"wallet-{ADA}")
    assert [event for _, _, event in answer.decision.events][2:] == [
        lapsed(50, "bon_2", on=SOON.date())
    ]
    assert (wallet.available, wallet.bonus) == (lira(1_000), lira(130))
    assert "bon_2" not in wallet.lots


CAPTURED = (*HELD, *captured_with_bonus(300, *SPENT_IN_ORDER, remaining=0, version=7))


def test_a_refund_gives_back_the_cash_first() -> None:
    answer = given(*CAPTURED).when(RefundCapture(ADA, "ord_1", "cap_1", lira(120)))
    refund = new_id("rfd")
    back = entry("wallet.refund", 120, debit="sales", credit=ADA_CASH)
    answer.then(
        CaptureRefunded(ADA, "ord_1", "cap_1", refund, lira(120), "sales", back, ()),
        HoldRefunded("ord_1", "cap_1", refund, lira(120), f"wallet-{ADA}.8", ()),
    )


def test_then_the_bonus_comes_back_into_the_lots_that_paid_last() -> None:
    answer = given(*CAPTURED).when(RefundCapture(ADA, "ord_1", "cap_1", lira(160)))
    refund = new_id("rfd")
    parts = (part(30, "bon_3"), part(10, "bon_1", LATER))
    back = lines("wallet.refund", ("sales", 160), (ADA_BONUS, -40), (ADA_CASH, -120))
    answer.then(
        CaptureRefunded(ADA, "ord_1", "cap_1", refund, lira(160), "sales", back, parts),
        HoldRefunded("ord_1", "cap_1", refund, lira(160), f"wallet-{ADA}.8", parts),
    )
    rest = answer.when(RefundCapture(ADA, "ord_1", "cap_1"))
    wallet = rest.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.bonus) == (lira(1_000), lira(180))
    assert wallet.lots["bon_1"] == Lot(lira(100), LATER)


@pytest.mark.row("WLT-10")
def test_a_refund_into_an_ended_lot_goes_to_breakage_and_never_to_cash() -> None:
    answer = given(*CAPTURED).when(RefundCapture(ADA, "ord_1", "cap_1"), at=LATER)
    assert [event for _, _, event in answer.decision.events][2:] == [
        lapsed(100, "bon_1", on=LATER.date()),
        lapsed(50, "bon_2", on=LATER.date()),
    ]
    wallet = answer.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.bonus) == (lira(1_000), lira(30))
