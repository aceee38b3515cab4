"""WLT-12: what may be done with a wallet that is open, frozen or closed."""

from datetime import timedelta

import pytest

from application.ledger.journal import ReverseEntry
from application.wallet.access import StaffOnly
from application.wallet.bonus import ExpireBonus, GrantBonus
from application.wallet.holds import (
    CaptureHold,
    ExpireHold,
    PlaceHold,
    RefundCapture,
    ReleaseHold,
)
from application.wallet.standing import (
    CloseWallet,
    FreezeWallet,
    StandingResult,
    UnfreezeWallet,
)
from application.wallet.topups import CreditFunds, TopUp
from application.wallet.transfers import TransferFunds
from application.wallet.wallets import OpenWallet
from domain.kernel.events import Event, Personal
from domain.kernel.refusals import Refusal
from domain.wallet.events import HeldFundsReleased, HoldReleased, WalletOpened
from domain.wallet.standing import WalletNotEmpty, WalletNotFrozen
from domain.wallet.standing_events import WalletClosed, WalletFrozen, WalletUnfrozen
from domain.wallet.wallet import (
    Status,
    WalletExists,
    WalletIsClosed,
    WalletIsFrozen,
    WalletNotFound,
)
from tests.kit.scenario import NOW, acting_for, given
from tests.kit.wallets import (
    ADA,
    ADA_CASH,
    ADA_HELD,
    ADA_OPENED,
    BOOKS,
    BORA,
    BORA_OPENED,
    LICENSED,
    captured,
    entry,
    granted,
    held,
    lapsed,
    lira,
    sent,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-12")

WHY = Personal("usr_ada", "card reported stolen")
FROZEN = WalletFrozen(ADA, WHY)
UNFROZEN = WalletUnfrozen(ADA, None)
CLOSED = WalletClosed(ADA, "usr_ada", "TRY", None)
DUE = NOW + timedelta(hours=1)

IN_USE = (
    *(BOOKS, LICENSED, ADA_OPENED, BORA_OPENED, topped_up(1_000)),
    topped_up(500, wallet=BORA, top_up_id="top_2"),
    *sent(100, version=3),
    *held(600, version=4, expires_at=DUE),
    *captured(250, remaining=350, version=5),
    granted(50, "bon_1", DUE),
)
GIVEN_BACK = (
    HeldFundsReleased(
        ADA,
        "ord_1",
        lira(350),
        entry("wallet.release", 350, debit=ADA_HELD, credit=ADA_CASH),
        (),
    ),
    HoldReleased("ord_1", lira(350), f"wallet-{ADA}.7"),
)
EMPTIED = (*IN_USE, *GIVEN_BACK, lapsed(50), *sent(650, version=9))

STATUSES: dict[str, tuple[Event, ...]] = {
    "open": IN_USE,
    "frozen": (*IN_USE, FROZEN),
    "closed": (*EMPTIED, CLOSED),
}
TABLE: dict[str, tuple[object, type[Refusal] | None, type[Refusal] | None]] = {
    # command; what an open wallet and what a frozen one answers. A closed one refuses everything.
    "top up": (TopUp(ADA, lira(1)), None, None),
    "credit": (CreditFunds(ADA, lira(1)), None, None),
    "grant bonus": (GrantBonus(ADA, lira(1), "spring"), None, None),
    "expire bonus": (ExpireBonus(ADA, "bon_1"), None, None),
    "hold": (PlaceHold(ADA, lira(1), "ord_3"), None, WalletIsFrozen),
    "hold cash": (PlaceHold(ADA, lira(1), "ord_3", use_bonus=False), None, WalletIsFrozen),
    "capture": (CaptureHold(ADA, "ord_1", lira(1)), None, None),
    "release": (ReleaseHold(ADA, "ord_1"), None, None),
    "expire hold": (ExpireHold("ord_1"), None, None),
    "refund": (RefundCapture(ADA, "ord_1", "cap_1", lira(1)), None, None),
    "send": (TransferFunds(ADA, BORA, lira(1)), None, WalletIsFrozen),
    "receive": (TransferFunds(BORA, ADA, lira(1)), None, None),
    "take a top-up back": (ReverseEntry(f"wallet-{ADA}.2"), None, WalletIsFrozen),
    "take bonus back": (ReverseEntry(f"wallet-{ADA}.6"), None, WalletIsFrozen),
    "get a transfer back": (ReverseEntry(f"wallet-{ADA}.3"), None, None),
    "freeze": (FreezeWallet(ADA, "why"), None, WalletIsFrozen),
    "unfreeze": (UnfreezeWallet(ADA), WalletNotFrozen, None),
    "close": (CloseWallet(ADA), WalletNotEmpty, WalletNotEmpty),
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("what", TABLE)
def test_every_command_meets_every_status(what: str, status: str) -> None:
    command, when_open, when_frozen = TABLE[what]
    expected = {"open": when_open, "frozen": when_frozen, "closed": WalletIsClosed}[status]
    events = (
        # Enough is there to take the top-up back.
        (*STATUSES[status], topped_up(1_000, top_up_id="top_3"))
        if what == "take a top-up back" and status != "closed"
        else STATUSES[status]
    )
    refusal = given(*events).when(command, at=DUE).decision.refusal
    assert (refusal and type(refusal)) is expected


def test_a_frozen_receiver_does_not_give_a_transfer_back() -> None:
    frozen = WalletFrozen(BORA, Personal("usr_bora", "why"))
    given(*IN_USE, frozen).when(ReverseEntry(f"wallet-{ADA}.3")).then_refused(WalletIsFrozen)


def test_freezing_says_why_and_unfreezing_may() -> None:
    frozen = given(*IN_USE).when(FreezeWallet(ADA, "card reported stolen"))
    frozen.then(FROZEN).then_result(StandingResult(ADA, Status.FROZEN))
    unfrozen = frozen.when(UnfreezeWallet(ADA))
    unfrozen.then(UNFROZEN).then_result(StandingResult(ADA, Status.OPEN))
    frozen.when(UnfreezeWallet(ADA, "card reported stolen")).then(WalletUnfrozen(ADA, WHY))
    assert unfrozen.when(PlaceHold(ADA, lira(1))).decision.refusal is None


def test_a_wallet_is_closed_when_nothing_is_left_in_it_frozen_or_not() -> None:
    closed = given(*EMPTIED).when(CloseWallet(ADA, "card reported stolen"))
    closed.then(WalletClosed(ADA, "usr_ada", "TRY", WHY))
    closed.then_result(StandingResult(ADA, Status.CLOSED))
    given(*EMPTIED, FROZEN).when(CloseWallet(ADA)).then(CLOSED)


@pytest.mark.parametrize(
    ("left", "facts"),
    [
        (topped_up(1), {"available": 1, "held": 0, "bonus": 0}),
        (granted(1), {"available": 0, "held": 0, "bonus": 1}),
        (held(1, version=2)[0], {"available": 0, "held": 1, "bonus": 0}),
    ],
)
def test_refuses_to_close_a_wallet_with_one_minor_unit_in_it(
    left: Event, facts: dict[str, int]
) -> None:
    before = (topped_up(1),) if facts["held"] else ()
    given(BOOKS, ADA_OPENED, *before, left).when(CloseWallet(ADA)).then_refused(
        WalletNotEmpty, **facts
    )


def test_the_owner_of_a_closed_wallet_may_have_a_new_one_under_a_new_id() -> None:
    closed = given(BOOKS, ADA_OPENED, CLOSED)
    closed.when(OpenWallet("usr_ada", "TRY", "wal_new")).then(
        WalletOpened("wal_new", "usr_ada", "TRY")
    )
    closed.when(OpenWallet("usr_ada", "TRY", ADA)).then_refused(WalletExists)
    given(BOOKS, ADA_OPENED, FROZEN).when(OpenWallet("usr_ada", "TRY")).then_refused(
        WalletExists, wallet_id=ADA
    )


@pytest.mark.parametrize(
    "command", [FreezeWallet(ADA, "why"), UnfreezeWallet(ADA), CloseWallet(ADA)]
)
def test_only_staff_acting_as_themselves_change_what_a_wallet_may(command: object) -> None:
    given(BOOKS, ADA_OPENED).when(command, actor=acting_for("usr_ada")).then_refused(StaffOnly)
    given(BOOKS).when(command).then_refused(WalletNotFound)
