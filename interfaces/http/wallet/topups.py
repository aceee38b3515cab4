"""Enter money into a wallet: top-ups and credits."""

from application.permissions import Permission
from application.wallet.topups import CreditFunds, CreditResult, TopUp, TopUpResult
from domain.ledger.periods import Late
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import AccountCode, Amount, Body, Day, LateFact, Text


class TopUpBody(Body):
    """Money that reached the tenant on `source`."""

    amount: Amount
    source: AccountCode = "bank"
    effective_on: Day | None = None
    note: Text | None = None
    late: LateFact = Late.REFUSE

    def command(self, wallet_id: str) -> TopUp:
        """Give the command for a wallet."""
        return TopUp(
            wallet_id, self.amount.money(), self.source, self.effective_on, self.note, self.late
        )


class CreditBody(Body):
    """Money out of an account of the shop."""

    amount: Amount
    source: AccountCode = "sales.returns"
    effective_on: Day | None = None
    note: Text | None = None
    late: LateFact = Late.REFUSE

    def command(self, wallet_id: str) -> CreditFunds:
        """Give the command for a wallet."""
        return CreditFunds(
            wallet_id, self.amount.money(), self.source, self.effective_on, self.note, self.late
        )


def _top_up(asked: Asked[TopUpBody]) -> TopUp:
    return asked.body.command(asked.path["wallet_id"])


def _credit(asked: Asked[CreditBody]) -> CreditFunds:
    return asked.body.command(asked.path["wallet_id"])


TOP_UP = CommandRoute(
    "/api/wallet/{wallet_id}/top-ups",
    TopUp,
    TopUpBody,
    _top_up,
    permission=Permission.WALLET_FUND,
    result=TopUpResult,
    summary="Enter money that came in for a wallet",
)

CREDIT = CommandRoute(
    "/api/wallet/{wallet_id}/credits",
    CreditFunds,
    CreditBody,
    _credit,
    permission=Permission.WALLET_FUND,
    result=CreditResult,
    summary="Give a wallet money out of an account of the shop",
)
