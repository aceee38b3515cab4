"""WLT-10: the owner of a lot is warned once, seven days before it ends, if something is left."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from application.process import Reaction, SetTimer
from application.processes.expiries import BONUS_EXPIRY, BONUS_WARNING, EXPIRIES
from application.timers import TIMERS
from application.wallet.bonus import ExpireBonus, WarnOfBonusExpiry
from application.wallet.holds import PlaceHold, ReleaseHold
from domain.kernel.events import Event, Recorded
from domain.kernel.refusals import Refusal
from domain.wallet.bonus import BonusEnded, BonusNotDue
from domain.wallet.bonus_events import BonusExpiryWarned, BonusGranted
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

END = NOW + timedelta(days=30)
DUE = END - timedelta(days=7)
TICK = timedelta(microseconds=1)
FUNDED = (BOOKS, ADA_OPENED, topped_up(1_000), granted(100, "bon_1", END))
WARN = WarnOfBonusExpiry(ADA, "bon_1")
SPENT = held_with_bonus(100, part(100, "bon_1", END), version=4)


def warned(minor: int = 100) -> BonusExpiryWarned:
    return BonusExpiryWarned(ADA, "bon_1", lira(minor), END)


LOTS: dict[str, tuple[Event, ...]] = {
    "whole": (),
    "partly spent": held_with_bonus(40, part(40, "bon_1", END), version=4),
    "spent": SPENT,
    "warned of": (warned(),),
    "expired": (lapsed(100),),
}


@pytest.mark.parametrize(
    ("lot", "led_to"),
    [
        ("whole", (warned(),)),
        ("partly spent", (warned(60),)),
        ("spent", BonusEnded),
        ("warned of", ()),
        ("expired", BonusEnded),
    ],
)
def test_a_warning_tells_what_is_left_and_is_given_once(
    lot: str, led_to: tuple[Event, ...] | type[Refusal]
) -> None:
    """Every state of a lot."""
    answer = given(*FUNDED, *LOTS[lot]).when(WARN, at=DUE)
    if isinstance(led_to, tuple):
        answer.then(*led_to).then_result(None)
    else:
        answer.then_refused(led_to)


def test_a_warning_moves_no_money_and_is_remembered_while_something_is_left() -> None:
    told = given(*FUNDED).when(WARN, at=DUE)
    wallet = told.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.bonus, wallet.version) == (lira(1_000), lira(100), 4)
    assert wallet.next_entry == f"wallet-{ADA}.5"
    partly = told.when(PlaceHold(ADA, lira(99), "ord_1"), at=DUE)
    partly.when(WARN, at=DUE).then()
    partly.when(ReleaseHold(ADA, "ord_1"), at=DUE).when(WARN, at=DUE).then()
    told.when(ExpireBonus(ADA, "bon_1"), at=END).then(lapsed(100, on=END.date()))


@pytest.mark.parametrize(
    ("at", "refusal"),
    [(DUE - TICK, BonusNotDue), (END, BonusEnded), (END + timedelta(days=1), BonusEnded)],
)
def test_nobody_is_warned_too_early_nor_when_it_is_over(
    at: datetime, refusal: type[Refusal]
) -> None:
    given(*FUNDED).when(WARN, at=at).then_refused(refusal)


def test_a_late_warning_is_given_up_to_the_last_moment() -> None:
    given(*FUNDED).when(WARN, at=END - TICK).then(warned())


def test_nobody_is_warned_of_a_lot_without_an_end_or_that_is_not_there() -> None:
    without = given(*FUNDED, granted(9, "bon_2"))
    without.when(WarnOfBonusExpiry(ADA, "bon_2"), at=DUE).then_refused(BonusNotDue)
    without.when(WarnOfBonusExpiry(ADA, "bon_9"), at=DUE).then_refused(BonusEnded)
    given(BOOKS).when(WARN, at=DUE).then_refused(WalletNotFound)


def reactions(event: BonusGranted) -> list[Reaction]:
    recorded = Recorded(TENANT_ID, 7, UUID(int=7), f"wallet-{ADA}", 3, NOW, event, b"")
    return list(EXPIRIES.reactions[type(event)](recorded))


def test_a_lot_has_a_timer_for_its_warning_and_one_for_its_end() -> None:
    key = f"{ADA}/bon_1"
    assert reactions(granted(9, "bon_1", END)) == [
        SetTimer(BONUS_WARNING, key, DUE),
        SetTimer(BONUS_EXPIRY, key, END),
    ]
    assert TIMERS[BONUS_WARNING](key) == WARN


def test_a_lot_that_lasts_no_longer_than_a_warning_comes_before_has_none() -> None:
    week = NOW + timedelta(days=7)
    expiry_alone = [SetTimer(BONUS_EXPIRY, f"{ADA}/bon_1", week)]
    assert reactions(granted(9, "bon_1", week)) == expiry_alone
    assert len(reactions(granted(9, "bon_1", week + TICK))) == 2
