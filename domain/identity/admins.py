"""Somebody who may manage everything always stays, and nobody locks themselves out."""

from collections.abc import Iterable

from domain.identity.account import Account
from domain.identity.roles import BuiltIn
from domain.kernel.refusals import Forbidden, RuleBroken


class LastAdmin(RuleBroken):
    """Without this account nobody could manage the tenant any more."""

    code = "identity.last_admin"


class OwnAccount(Forbidden):
    """This is not done to one's own account."""

    code = "identity.own_account"


def check_left(
    account: Account,
    others: Iterable[Account | None],
    *,
    role: BuiltIn,
    after: tuple[str, ...],
) -> None:
    """Refuse that an account stops leading while none of the others does.

    `after` are the roles that the account would have. An account that was never used counts.
    """
    if not _leads(account, role) or role in after:
        return
    rest = (other for other in others if other is not None and other != account)
    if not any(_leads(other, role) for other in rest):
        raise LastAdmin("this is the last admin; give somebody else the role first")


def _leads(account: Account, role: BuiltIn) -> bool:
    return role in account.roles and not account.suspended and not account.closed
