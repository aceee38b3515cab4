"""Freeze, unfreeze and close wallets."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.wallet.access import staff_only, wallet_of
from domain.kernel.events import Personal
from domain.wallet import standing
from domain.wallet.wallet import Status, Wallet


@dataclass(frozen=True, slots=True)
class FreezeWallet:
    """Stop money from leaving a wallet. It may come in, and holds that stand take their course."""

    NAME: ClassVar[str] = "wallet.freeze_wallet"

    wallet_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class StandingResult:
    """Whether the wallet may be used now."""

    wallet_id: str
    status: Status


def freeze_wallet(command: FreezeWallet, book: Book) -> StandingResult:
    """Freeze a wallet."""
    wallet = _for_staff(book, command.wallet_id)
    book.record(*standing.freeze(wallet, reason=Personal(wallet.owner, command.reason)))
    return StandingResult(wallet.wallet_id, Status.FROZEN)


@dataclass(frozen=True, slots=True)
class UnfreezeWallet:
    """Let a frozen wallet be used again."""

    NAME: ClassVar[str] = "wallet.unfreeze_wallet"

    wallet_id: str
    reason: str | None = None


def unfreeze_wallet(command: UnfreezeWallet, book: Book) -> StandingResult:
    """Unfreeze a wallet."""
    wallet = _for_staff(book, command.wallet_id)
    book.record(*standing.unfreeze(wallet, reason=_words(wallet, command.reason)))
    return StandingResult(wallet.wallet_id, Status.OPEN)


@dataclass(frozen=True, slots=True)
class CloseWallet:
    """End an empty wallet for good; its owner may then have a new one in this currency."""

    NAME: ClassVar[str] = "wallet.close_wallet"

    wallet_id: str
    reason: str | None = None


def close_wallet(command: CloseWallet, book: Book) -> StandingResult:
    """Close a wallet."""
    wallet = _for_staff(book, command.wallet_id)
    book.record(*standing.close(wallet, reason=_words(wallet, command.reason)))
    return StandingResult(wallet.wallet_id, Status.CLOSED)


def _for_staff(book: Book, wallet_id: str) -> Wallet:
    staff_only(book)
    return wallet_of(book, wallet_id)


def _words(wallet: Wallet, text: str | None) -> Personal | None:
    return Personal(wallet.owner, text) if text else None
