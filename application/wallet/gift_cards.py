"""Gift cards. Only a hash and a hint of a code ever reach a command."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from application.book import Book
from application.wallet.access import staff_only, wallet_of
from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.wallet.gifts import cards
from domain.wallet.gifts.cards import GiftCard, GiftCardNotFound
from domain.wallet.gifts.events import gift_code


@dataclass(frozen=True, slots=True)
class IssueGiftCard:
    """Fill a gift card out of `source` (an account, such as `bank` for one that was sold)."""

    NAME: ClassVar[str] = "wallet.issue_gift_card"

    amount: Money
    code_hash: str
    hint: str
    source: str = "bank"
    expires_at: datetime | None = None
    effective_on: date | None = None


@dataclass(frozen=True, slots=True)
class GiftCardResult:
    """The gift card, and the entry that moved the money."""

    card_id: str
    entry_id: str


def issue_gift_card(command: IssueGiftCard, book: Book) -> GiftCardResult:
    """Issue a gift card; its code is known to the caller alone."""
    staff_only(book)
    book.books().account(command.source)
    card_id = book.new_id("gft")
    book.record(
        *cards.issue(
            command.amount,
            card_id=card_id,
            code_hash=command.code_hash,
            hint=command.hint,
            source=command.source,
            effective_on=book.day(command.effective_on),
            at=book.now,
            expires_at=command.expires_at,
        )
    )
    return GiftCardResult(card_id, f"{GiftCard.CATEGORY}-{card_id}.1")


@dataclass(frozen=True, slots=True)
class RedeemGiftCard:
    """Put money of a gift card into a wallet; without an amount, all that is left."""

    NAME: ClassVar[str] = "wallet.redeem_gift_card"

    wallet_id: str
    code_hashes: tuple[str, ...]
    """What the code may be kept as: one hash for each master key of the settings."""
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class RedemptionResult:
    """What was redeemed of which card, what is left there, and the entry that moved the money."""

    card_id: str
    redemption_id: str
    amount: Money
    remaining: Money
    entry_id: str


def redeem_gift_card(command: RedeemGiftCard, book: Book) -> RedemptionResult:
    """Redeem a gift card; to a customer one that has ended is as absent as none."""
    wallet = wallet_of(book, command.wallet_id)
    card = _card_of(book, command.code_hashes)
    if card is None or (book.actor.on_behalf_of is not None and not card.open(book.now)):
        raise GiftCardNotFound("there is no gift card with this code, or nothing is left on it")
    redeemed, received = cards.redeem(
        card,
        wallet,
        command.amount,
        redemption_id=book.new_id("rdm"),
        effective_on=book.day(),
        at=book.now,
    )
    book.record(redeemed, received)
    return RedemptionResult(
        card.card_id,
        redeemed.redemption_id,
        redeemed.amount,
        redeemed.remaining,
        received.entry_id,
    )


@dataclass(frozen=True, slots=True)
class ExpireGiftCard:
    """End a gift card whose time is over; the timer that was set for it sends this."""

    NAME: ClassVar[str] = "wallet.expire_gift_card"

    card_id: str


def expire_gift_card(command: ExpireGiftCard, book: Book) -> GiftCardResult:
    """Let a gift card expire."""
    card = _card(book, command.card_id)
    book.record(*cards.expire(card, effective_on=book.day(), at=book.now))
    return GiftCardResult(card.card_id, card.next_entry)


@dataclass(frozen=True, slots=True)
class VoidGiftCard:
    """End a gift card and give what is left of it back to the account it came from."""

    NAME: ClassVar[str] = "wallet.void_gift_card"

    card_id: str
    effective_on: date | None = None
    reason: str | None = None


def void_gift_card(command: VoidGiftCard, book: Book) -> GiftCardResult:
    """Void a gift card."""
    staff_only(book)
    card = _card(book, command.card_id)
    book.record(
        *cards.void(
            card,
            effective_on=book.day(command.effective_on),
            at=book.now,
            reason=Personal(book.actor.actor_id, command.reason) if command.reason else None,
        )
    )
    return GiftCardResult(card.card_id, card.next_entry)


def _card(book: Book, card_id: str) -> GiftCard:
    card = book.find(GiftCard, card_id)
    if card is None:
        raise GiftCardNotFound("there is no such gift card")
    return card


def _card_of(book: Book, code_hashes: tuple[str, ...]) -> GiftCard | None:
    owners = [book.owner(gift_code(code_hash)) for code_hash in code_hashes]
    found = next(filter(None, owners), None)
    return None if found is None else book.find(GiftCard, found.partition("-")[2])
