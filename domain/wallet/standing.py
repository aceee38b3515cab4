"""Freeze a wallet, let it be used again, close it."""

from domain.kernel.events import Personal
from domain.kernel.refusals import RuleBroken
from domain.wallet.standing_events import WalletClosed, WalletFrozen, WalletUnfrozen
from domain.wallet.wallet import Status, Wallet, check_may_spend, check_open


class WalletNotFrozen(RuleBroken):
    """Only a frozen wallet is unfrozen."""

    code = "wallet.not_frozen"


class WalletNotEmpty(RuleBroken):
    """Only a wallet in which nothing is left is closed."""

    code = "wallet.not_empty"


def freeze(wallet: Wallet, *, reason: Personal) -> tuple[WalletFrozen, ...]:
    """Stop money from leaving a wallet; it may come in, and what was held takes its course."""
    check_may_spend(wallet)
    return (WalletFrozen(wallet.wallet_id, reason),)


def unfreeze(wallet: Wallet, *, reason: Personal | None) -> tuple[WalletUnfrozen, ...]:
    """Let a frozen wallet be used again."""
    check_open(wallet)
    if wallet.status is not Status.FROZEN:
        raise WalletNotFrozen("the wallet is not frozen")
    return (WalletUnfrozen(wallet.wallet_id, reason),)


def close(wallet: Wallet, *, reason: Personal | None) -> tuple[WalletClosed, ...]:
    """End an empty wallet for good, frozen or not."""
    check_open(wallet)
    left = {
        "available": wallet.available.minor,
        "held": wallet.held.minor,
        "bonus": wallet.bonus.minor,
    }
    if any(left.values()):
        raise WalletNotEmpty("the wallet is not empty", **left)
    return (WalletClosed(wallet.wallet_id, wallet.owner, wallet.currency, reason),)
