"""NTF-01: whether customers get receipts is the tenant's choice, and only movements have one."""

from uuid import UUID

import pytest

from application.notifications.receipts import ChooseReceipts, ReceiptsResult
from application.process import Passing, Perform
from application.processes.receipts import RECEIPT_DUE, RECEIPTS, WALLET_RECEIPT
from domain.kernel.events import Event
from domain.notifications.events import ReceiptsChosen
from domain.notifications.mailing import Mailing
from domain.wallet.events import FundsHeld, FundsToppedUp, TransferReceived, WalletOpened
from tests.kit.scenario import NOW, given

pytestmark = pytest.mark.row("NTF-01")

ON, OFF = ReceiptsChosen(mailed=True), ReceiptsChosen(mailed=False)


@pytest.mark.parametrize(
    ("state", "mailed", "events"),
    [
        ((), True, (ON,)),
        ((), False, (OFF,)),
        ((ON,), True, ()),
        ((ON,), False, (OFF,)),
        ((OFF,), True, (ON,)),
        ((OFF,), False, ()),
    ],
)
def test_a_choice_is_news_only_where_it_changes_something(
    state: tuple[Event, ...],
    events: tuple[Event, ...],
    *,
    mailed: bool,
) -> None:
    answer = given(*state).when(ChooseReceipts(mailed))
    answer.then(*events).then_result(ReceiptsResult(mailed))


def test_the_process_looks_only_where_receipts_are_wanted() -> None:
    states = (None, Mailing(receipts=False), Mailing(receipts=True))
    assert [RECEIPTS.attentive(state) for state in states] == [False, False, True]


@pytest.mark.parametrize(
    ("kind", "due"),
    [(FundsToppedUp, True), (TransferReceived, True), (FundsHeld, False), (WalletOpened, False)],
)
def test_money_that_moved_is_answered_with_one_receipt(kind: type[Event], *, due: bool) -> None:
    assert RECEIPTS.relay is not None
    passing = Passing(7, UUID(int=7), "wallet-wal_ada", 2, kind.NAME, NOW)
    answers = list(RECEIPTS.relay(Mailing(receipts=True), passing))
    assert answers == ([Perform(WALLET_RECEIPT)] if due else [])
    assert (kind in RECEIPT_DUE) is due
