"""A request that nobody decides ends by itself (WLT-06, WLT-07, JOB-01)."""

from uuid import UUID

import pytest

from application.process import ClearTimer, Reaction, SetTimer
from application.processes.expiries import EXPIRIES, REQUEST_EXPIRY
from application.timers import TIMERS
from application.wallet.requests.asking import ExpireRequest
from domain.kernel.events import Event, Recorded
from domain.wallet.requests.events import (
    TopUpApproved,
    TopUpCancelled,
    TopUpRejected,
    TopUpRequestExpired,
    WithdrawalApproved,
    WithdrawalCancelled,
    WithdrawalExpired,
    WithdrawalRejected,
)
from tests.kit.requests import LATER, TPR, WDR, asked_in, asked_out
from tests.kit.scenario import NOW, TENANT_ID
from tests.kit.wallets import lira

pytestmark = [pytest.mark.row("WLT-06"), pytest.mark.row("WLT-07")]

DECIDED: tuple[Event, ...] = (
    TopUpApproved(TPR, lira(400), "stf_umut", "wallet-wal_ada.3"),
    TopUpRejected(TPR, "stf_umut", None),
    TopUpCancelled(TPR, "stf_deniz"),
    TopUpRequestExpired(TPR),
    WithdrawalApproved(WDR, "stf_umut"),
    WithdrawalRejected(WDR, lira(600), "stf_umut", None, "wallet-wal_ada.4"),
    WithdrawalCancelled(WDR, lira(600), "stf_deniz", "wallet-wal_ada.4"),
    WithdrawalExpired(WDR, lira(600), "wallet-wal_ada.4"),
)


def reactions(event: Event) -> list[Reaction]:
    recorded = Recorded(TENANT_ID, 7, UUID(int=7), "any", 1, NOW, event, b"")
    return list(EXPIRIES.reactions[type(event)](recorded))


def test_a_request_has_a_timer_from_the_first() -> None:
    assert reactions(asked_in()) == [SetTimer(REQUEST_EXPIRY, TPR, LATER)]
    assert reactions(asked_out()[1]) == [SetTimer(REQUEST_EXPIRY, WDR, LATER)]


@pytest.mark.parametrize("event", DECIDED, ids=lambda event: event.NAME)
def test_what_was_decided_needs_no_timer(event: Event) -> None:
    assert reactions(event) == [ClearTimer(REQUEST_EXPIRY, event.key)]


def test_the_timer_sends_the_command_that_ends_the_request() -> None:
    assert TIMERS[REQUEST_EXPIRY](TPR) == ExpireRequest(TPR)
