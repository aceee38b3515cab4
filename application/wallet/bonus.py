"""Bonus, granted by staff; timers warn of its end and end it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from application.book import Book
from application.wallet.access import staff_only, wallet_of
from domain.kernel.money import Money
from domain.wallet import bonus


@dataclass(frozen=True, slots=True)
class GrantBonus:
    """Give a customer bonus of a `campaign`; what is left of it at `expires_at` is lost.

    Bonus pays before cash, the lot that ends first before the others. It is never paid out or sent.
    """

    NAME: ClassVar[str] = "wallet.grant_bonus"

    wallet_id: str
    amount: Money
    campaign: str
    expires_at: datetime | None = None
    effective_on: date | None = None


@dataclass(frozen=True, slots=True)
class BonusResult:
    """The lot, and the entry that moved the money."""

    lot_id: str
    entry_id: str


def grant_bonus(command: GrantBonus, book: Book) -> BonusResult:
    """Grant bonus."""
    staff_only(book)
    wallet = wallet_of(book, command.wallet_id)
    result = BonusResult(book.new_id("bon"), wallet.next_entry)
    book.record(
        *bonus.grant(
            wallet,
            command.amount,
            lot_id=result.lot_id,
            campaign=command.campaign,
            expires_at=command.expires_at,
            effective_on=book.day(command.effective_on),
            at=book.now,
        )
    )
    return result


@dataclass(frozen=True, slots=True)
class WarnOfBonusExpiry:
    """Note that a lot ends soon; the timer that was set for it sends this, and mail follows."""

    NAME: ClassVar[str] = "wallet.warn_of_bonus_expiry"

    wallet_id: str
    lot_id: str


def warn_of_bonus_expiry(command: WarnOfBonusExpiry, book: Book) -> None:
    """Note it, if something is left that its owner can still spend."""
    wallet = wallet_of(book, command.wallet_id)
    book.record(*bonus.warn(wallet, command.lot_id, at=book.now))


@dataclass(frozen=True, slots=True)
class ExpireBonus:
    """Book what is left of an ended lot to breakage; the timer that was set for it sends this."""

    NAME: ClassVar[str] = "wallet.expire_bonus"

    wallet_id: str
    lot_id: str


def expire_bonus(command: ExpireBonus, book: Book) -> BonusResult:
    """Let a lot expire."""
    wallet = wallet_of(book, command.wallet_id)
    result = BonusResult(command.lot_id, wallet.next_entry)
    book.record(*bonus.expire(wallet, command.lot_id, effective_on=book.day(), at=book.now))
    return result
