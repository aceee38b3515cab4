"""Open a wallet."""

from application.permissions import Permission
from application.wallet.wallets import OpenWallet, WalletOpenedResult
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Body, CurrencyCode, CustomerId, WalletId
from interfaces.http.wire.problems import FieldError, Problem


class OpenBody(Body):
    """Whose wallet, and of which currency; `owner` may be left away under Defter-Act-For."""

    currency: CurrencyCode
    owner: CustomerId | None = None
    wallet_id: WalletId | None = None

    def command(self, exchange: Exchange) -> OpenWallet:
        """Give the command; raises a problem where nobody is named as the owner."""
        owner = self.owner or exchange.on_behalf_of
        if owner is None:
            raise Problem(
                422,
                "request.invalid",
                "some fields are not as they should be",
                errors=[FieldError("/owner", "field.required", "name the owner of the wallet")],
            )
        return OpenWallet(owner, self.currency, self.wallet_id)


def _open(asked: Asked[OpenBody]) -> OpenWallet:
    return asked.body.command(asked.exchange)


OPEN = CommandRoute(
    "/api/wallet",
    OpenWallet,
    OpenBody,
    _open,
    permission=Permission.WALLET_OPEN,
    result=WalletOpenedResult,
    summary="Open a wallet",
    moves_money=False,
)
