"""Who is registered gets a wallet (WLT-01)."""

from collections.abc import Iterable
from typing import Any

from application.process import Process, Reaction, Send
from application.wallet.wallets import OpenFirstWallet
from domain.kernel.events import Recorded
from domain.users.events import CustomerRegistered


def _registered(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield Send(OpenFirstWallet(event.customer_id))


WALLET_OF_CUSTOMER = Process("wallet_of_customer", {CustomerRegistered: _registered})
