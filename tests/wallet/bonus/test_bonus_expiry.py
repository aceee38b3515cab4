"""WLT-10: what is left of a lot at its end is booked to breakage on the tenant's day, once."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from application.process import Reaction, SetTimer
from application.processes.expiries import BONUS_EXPIRY, EXPIRIES
from application.timers import TIMERS
from application.wallet.bonus import BonusResult, ExpireBonus
from application.wallet.holds import ExpireHold, PlaceHold, ReleaseHold
from domain.kernel.events import Recorded
from domain.wallet.bonus import BonusEnded, BonusNotDue
from domain.wallet.bonus_events import BonusGranted
from domain.wallet.wallet import WalletNotFound
from tests.kit.scenario import NOW, TENANT_ID, given
from tests.kit.wallets import (
    ADA,
    ADA_OPENED,
    BOOKS,
    granted,
    held_with_bonus,
    lapsed,
    lira,
    part,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-10")

END = NOW + timedelta(hours=1)
FUNDED = (BOOKS, ADA_OPENED, topped_up(1_000), granted(100, "bon_1", END))
EXPIRE = ExpireBonus(ADA, "bon_1")


def test_what_is_left_of_a_lot_at_its_end_goes_to_breakage() -> None:
    answer = given(*FUNDED).when(EXPIRE, at=END)
    answer.then(lapsed(100)).then_result(BonusResult("bon_1", f"wallet-{ADA}.4"))
    wallet = answer.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.bonus, wallet.lots) == (lira(1_000), lira(0), {})


def test_only_what_was_not_spent_goes() -> None:
    spent = given(*FUNDED).when(PlaceHold(ADA, lira(99), "ord_1"))
    spent.when(EXPIRE, at=END).then(lapsed(1))


def test_it_counts_on_the_day_that_it_is_for_the_tenant() -> None:
    # Half past midnight in Istanbul.
    end = datetime(2026, 3, 5, 21, 30, tzinfo=UTC)
    given(*FUNDED, granted(9, "bon_2", end)).when(ExpireBonus(ADA, "bon_2"), at=end).then(
        lapsed(9, "bon_2", on=date(2026, 3, 6))
    )


def test_a_lot_does_not_end_before_its_time_nor_without_one() -> None:
    early = END - timedelta(microseconds=1)
    given(*FUNDED).when(EXPIRE, at=early).then_refused(BonusNotDue)
    given(*FUNDED, granted(9, "bon_2")).when(ExpireBonus(ADA, "bon_2"), at=END).then_refused(
        BonusNotDue
    )


def test_a_lot_ends_once_and_one_that_was_spent_ends_without_a_word() -> None:
    given(*FUNDED, lapsed(100)).when(EXPIRE, at=END).then_refused(BonusEnded)
    spent = held_with_bonus(100, part(100, "bon_1", END), version=4)
    given(*FUNDED, *spent).when(EXPIRE, at=END).then_refused(BonusEnded)
    given(*FUNDED).when(ExpireBonus(ADA, "bon_9"), at=END).then_refused(BonusEnded)
    given(BOOKS).when(EXPIRE, at=END).then_refused(WalletNotFound)


def test_what_came_back_before_its_end_goes_with_the_lot() -> None:
    spent = held_with_bonus(100, part(100, "bon_1", END), version=4)
    back = given(*FUNDED, *spent).when(ReleaseHold(ADA, "ord_1"))
    back.when(EXPIRE, at=END).then(lapsed(100))


def test_what_comes_back_when_its_hold_expires_goes_at_once_whichever_timer_fires_first() -> None:
    spent = held_with_bonus(60, part(60, "bon_1", END), version=4, expires_at=END)
    story = given(*FUNDED, *spent)
    first = story.when(EXPIRE, at=END)
    first.then(lapsed(40))
    both = first.when(ExpireHold("ord_1"), at=END)
    assert both.decision.events[-1][2] == lapsed(60)
    other = story.when(ExpireHold("ord_1"), at=END)
    assert other.decision.events[-1][2] == lapsed(60)
    other.when(EXPIRE, at=END).then(lapsed(40))


def reactions(event: BonusGranted) -> list[Reaction]:
    recorded = Recorded(TENANT_ID, 7, UUID(int=7), f"wallet-{ADA}", 3, NOW, event, b"")
    return list(EXPIRIES.reactions[type(event)](recorded))


def test_a_lot_with_an_end_has_a_timer_and_one_without_has_none() -> None:
    assert reactions(granted(9, "bon_1", END)) == [SetTimer(BONUS_EXPIRY, f"{ADA}/bon_1", END)]
    assert reactions(granted(9)) == []


def test_the_timer_sends_the_command_that_ends_the_lot() -> None:
    assert TIMERS[BONUS_EXPIRY](f"{ADA}/bon_1") == EXPIRE
