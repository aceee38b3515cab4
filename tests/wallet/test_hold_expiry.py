"""WLT-14: a hold that has a last moment ends at it, once, and only by its timer."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from application.process import ClearTimer, Reaction, SetTimer
from application.processes.expiries import EXPIRIES, HOLD_EXPIRY
from application.timers import TIMERS
from application.wallet.holds import CaptureHold, ExpireHold, HoldResult, PlaceHold, ReleaseHold
from domain.kernel.events import Event, Recorded
from domain.wallet.events import HeldFundsReleased, HoldExpired, HoldReleased
from domain.wallet.holds import (
    HOLD_LASTS_MAX,
    HoldEnded,
    HoldExpiryInvalid,
    HoldNotDue,
    HoldNotFound,
)
from tests.kit.scenario import NOW, TENANT_ID, given
from tests.kit.wallets import (
    ADA,
    ADA_CASH,
    ADA_HELD,
    ADA_OPENED,
    BOOKS,
    captured,
    entry,
    held,
    lira,
    topped_up,
)

pytestmark = pytest.mark.row("WLT-14")

DUE = NOW + timedelta(hours=1)
FUNDED = (BOOKS, ADA_OPENED, topped_up(1_000))
HELD = (*FUNDED, *held(600, version=3, expires_at=DUE))
GIVEN_BACK = entry("wallet.release", 600, debit=ADA_HELD, credit=ADA_CASH)
EXPIRED = (
    HeldFundsReleased(ADA, "ord_1", lira(600), GIVEN_BACK, ()),
    HoldExpired("ord_1", lira(600), f"wallet-{ADA}.4"),
)


def test_a_hold_may_have_a_last_moment() -> None:
    given(*FUNDED).when(PlaceHold(ADA, lira(600), "ord_1", expires_at=DUE)).then(
        *held(600, version=3, expires_at=DUE)
    )


@pytest.mark.parametrize("at", [NOW, NOW - timedelta(days=1), NOW + HOLD_LASTS_MAX * 1.01])
def test_refuses_a_last_moment_that_has_passed_or_is_too_far_away(at: datetime) -> None:
    given(*FUNDED).when(PlaceHold(ADA, lira(600), expires_at=at)).then_refused(
        HoldExpiryInvalid, now=NOW.isoformat()
    )


def test_what_is_left_of_a_hold_is_available_again_when_its_time_is_over() -> None:
    answer = given(*HELD).when(ExpireHold("ord_1"), at=DUE)
    answer.then(*EXPIRED).then_result(HoldResult("ord_1", f"wallet-{ADA}.4"))
    wallet = answer.state(f"wallet-{ADA}")
    assert (wallet.available, wallet.held) == (lira(1_000), lira(0))


def test_only_what_was_not_captured_comes_back() -> None:
    answer = given(*HELD, *captured(250, remaining=350, version=4)).when(
        ExpireHold("ord_1"), at=DUE
    )
    assert answer.state(f"wallet-{ADA}").available == lira(750)


def test_a_hold_does_not_expire_before_its_time_nor_without_one() -> None:
    early = DUE - timedelta(microseconds=1)
    given(*HELD).when(ExpireHold("ord_1"), at=early).then_refused(HoldNotDue)
    given(*FUNDED, *held(600, version=3)).when(ExpireHold("ord_1"), at=DUE).then_refused(HoldNotDue)
    given(*FUNDED).when(ExpireHold("ord_1"), at=DUE).then_refused(HoldNotFound)


@pytest.mark.parametrize(
    "ended",
    [
        EXPIRED,
        (EXPIRED[0], HoldReleased("ord_1", lira(600), f"wallet-{ADA}.4")),
        captured(600, remaining=0, version=4),
    ],
    ids=["expired", "released", "captured"],
)
@pytest.mark.parametrize(
    "command", [ExpireHold("ord_1"), ReleaseHold(ADA, "ord_1"), CaptureHold(ADA, "ord_1")]
)
def test_a_hold_has_one_end(ended: tuple[Event, ...], command: object) -> None:
    given(*HELD, *ended).when(command, at=DUE).then_refused(HoldEnded)


def test_until_its_timer_fires_a_hold_can_be_captured() -> None:
    late = DUE + timedelta(seconds=1)
    assert given(*HELD).when(CaptureHold(ADA, "ord_1"), at=late).decision.refusal is None


def reactions(event: Event) -> list[Reaction]:
    recorded = Recorded(TENANT_ID, 7, UUID(int=7), "hold-ord_1", 1, NOW, event, b"")
    return list(EXPIRIES.reactions[type(event)](recorded))


def test_a_hold_with_a_last_moment_has_a_timer_until_it_ends() -> None:
    _, placed = held(600, version=3, expires_at=DUE)
    assert reactions(placed) == [SetTimer(HOLD_EXPIRY, "ord_1", DUE)]
    assert reactions(held(600, version=3)[1]) == []
    assert reactions(captured(250, remaining=350, version=4)[1]) == []
    gone: list[Reaction] = [ClearTimer(HOLD_EXPIRY, "ord_1")]
    assert reactions(captured(600, remaining=0, version=4)[1]) == gone
    assert reactions(HoldReleased("ord_1", lira(600), "wallet-w.4")) == gone
    assert reactions(EXPIRED[1]) == gone


def test_the_timer_sends_the_command_that_ends_the_hold() -> None:
    assert TIMERS[HOLD_EXPIRY]("ord_1") == ExpireHold("ord_1")
    assert EXPIRIES.key == "process.expiries"
