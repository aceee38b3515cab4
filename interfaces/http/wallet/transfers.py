"""Send money from one wallet to another."""

from application.permissions import Permission
from application.wallet.transfers import TransferFunds, TransferResult
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Amount, Body, Day, WalletId


class TransferBody(Body):
    """What to send, and from where to where."""

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
