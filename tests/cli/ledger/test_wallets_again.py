"""Wallets that are added up are the ones that are folded event by event (WLT-13)."""

import pytest

from domain.wallet.events import FundsToppedUp, WalletEvent
from domain.wallet.wallet import Wallet
from infrastructure.ledger_check.wallets import WalletsFold
from tests.kit.lively.whole import lively

pytestmark = pytest.mark.row("WLT-13")


def test_wallets_are_the_same_whether_somebody_looks_after_every_event_or_once_at_the_end() -> None:
    log = lively()
    at_the_end, looked_at = WalletsFold(), WalletsFold()
    for _, stream, version, event in log.events:
        if isinstance(event, WalletEvent):
            at_the_end.happen(event)
            looked_at.happen(event)
            wallet = looked_at.get(event.key)
            assert wallet is not None
            assert wallet.version == version, stream
    folded = {state.wallet_id: state for state in log.states.values() if isinstance(state, Wallet)}
    assert len(at_the_end) == len(folded)
    assert at_the_end.all() == looked_at.all() == folded


def test_what_happens_to_a_wallet_that_was_not_opened_is_refused_as_the_wallet_does() -> None:
    topped_up = next(event for *_, event in lively().events if isinstance(event, FundsToppedUp))
    with pytest.raises(AssertionError):
        WalletsFold().happen(topped_up)
