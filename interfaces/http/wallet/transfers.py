"""Send money from one wallet to another."""

from pydantic import ConfigDict
from pydantic.config import JsonDict

from application.permissions import Permission
from application.wallet.transfers import TransferFunds, TransferResult
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Amount, Body, Day, WalletId

EXAMPLE: JsonDict = {
    "source": "wal_01k3xq8m5wf2v9c7d4h6jt0b1n",
    "target": "wal_01k3xqb0ye8r3k5s1m7n9p2q4t",
    "amount": {"minor": 1250, "currency": "TRY"},
}


class TransferBody(Body):
    """What to send, and from where to where."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    source: WalletId
    target: WalletId
    amount: Amount
    effective_on: Day | None = None

    def command(self) -> TransferFunds:
        """Give the command."""
        return TransferFunds(self.source, self.target, self.amount.money(), self.effective_on)


def _transfer(asked: Asked[TransferBody]) -> TransferFunds:
    return asked.body.command()


TRANSFER = CommandRoute(
    "/api/wallet/transfers",
    TransferFunds,
    TransferBody,
    _transfer,
    permission=Permission.WALLET_TRANSFER,
    result=TransferResult,
    summary="Send money to another customer's wallet",
)
