"""Gift cards: money of nobody in particular, until who knows the code redeems it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from domain.kernel.events import Personal
from domain.kernel.money import AMOUNT_MINOR_MAX, Money, zero
from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.ledger.accounts import owned
from domain.ledger.postings import Entry, move
from domain.wallet.gifts.events import (
    GiftCardEvent,
    GiftCardExpired,
    GiftCardIssued,
    GiftCardRedeemed,
    GiftCardVoided,
    GiftReceived,
)
from domain.wallet.wallet import CASH, AmountInvalid, Wallet, check_room

GIFT = "wallet.gift"
BREAKAGE = "breakage"
GIFT_CARD_LASTS_MAX = timedelta(days=3660)

ISSUE_RULE = "wallet.gift_issue"
REDEEM_RULE = "wallet.gift_redeem"
EXPIRY_RULE = "wallet.gift_expiry"
VOID_RULE = "wallet.gift_void"


class GiftCardNotFound(NotFound):
    """There is no such gift card for this caller, or nothing on it any more."""

    code = "wallet.gift_card_not_found"


class GiftCardEnded(RuleBroken):
    """The gift card was used up, voided, or has expired."""

    code = "wallet.gift_card_ended"


class GiftCardExceeded(RuleBroken):
    """The gift card has less left than asked for."""

    code = "wallet.gift_card_exceeded"


class GiftCardExpiryInvalid(Invalid):
    """A gift card expires in the future, and within ten years."""

    code = "wallet.gift_card_expiry_invalid"


class GiftCardNotDue(RuleBroken):
    """The gift card does not expire yet, or never."""

    code = "wallet.gift_card_not_due"


@dataclass(frozen=True, slots=True)
class GiftCard:
    """What is left on a card, and the account it came from; it ends when nothing is left."""

    CATEGORY: ClassVar[str] = "gift_card"
    FOLD_VERSION: ClassVar[int] = 1

    card_id: str
    source: str
    remaining: Money
    expires_at: datetime | None
    version: int

    @classmethod
    def evolve(cls, state: "GiftCard | None", event: GiftCardEvent) -> "GiftCard":
        if isinstance(event, GiftCardIssued):
            return cls(event.card_id, event.source, event.amount, event.expires_at, 1)
        assert state is not None
        match event:
            case GiftCardRedeemed():
                remaining = event.remaining
            case GiftCardExpired() | GiftCardVoided():
                remaining = zero(event.amount.currency)
            case _:
                raise AssertionError(event)
        return replace(state, remaining=remaining, version=state.version + 1)

    @property
    def next_entry(self) -> str:
        """The id of the entry in the event that this card records next: stream and version."""
        return f"{self.CATEGORY}-{self.card_id}.{self.version + 1}"

    def due(self, at: datetime) -> bool:
        """Whether the card's time is over, whether it was expired already or not."""
        return self.expires_at is not None and at >= self.expires_at

    def open(self, at: datetime) -> bool:
        """Whether something is left that can be redeemed at a moment."""
        return self.remaining.minor > 0 and not self.due(at)


def issue(  # noqa: PLR0913 - the fields of a card
    amount: Money,
    *,
    card_id: str,
    code_hash: str,
    hint: str,
    source: str,
    effective_on: date,
    at: datetime,
    expires_at: datetime | None,
) -> tuple[GiftCardIssued, ...]:
    """Fill a new card out of an account of the shop, such as `bank` for one that was sold."""
    if not 1 <= amount.minor <= AMOUNT_MINOR_MAX:
        raise AmountInvalid("an amount is between 1 and 2^53 - 1 minor units")
    if expires_at is not None and not at < expires_at <= at + GIFT_CARD_LASTS_MAX:
        raise GiftCardExpiryInvalid(
            f"a gift card expires in the future, within {GIFT_CARD_LASTS_MAX.days} days",
            now=at.isoformat(),
        )
    postings = move(amount, debit=source, credit=owned(GIFT, card_id))
    entry = Entry(ISSUE_RULE, 1, effective_on, postings)
    return (GiftCardIssued(card_id, code_hash, hint, amount, source, entry, expires_at),)


def redeem(  # noqa: PLR0913 - the fields of a redemption
    card: GiftCard,
    wallet: Wallet,
    amount: Money | None,
    *,
    redemption_id: str,
    effective_on: date,
    at: datetime,
) -> tuple[GiftCardRedeemed, GiftReceived]:
    """Put money of a card into a wallet; without an amount, all that is left."""
    _check_open(card, at)
    amount = amount or card.remaining
    check_room(wallet, amount)
    if card.remaining < amount:
        raise GiftCardExceeded(
            "the gift card has less left than asked for",
            remaining=card.remaining.minor,
            asked=amount.minor,
        )
    postings = move(amount, debit=owned(GIFT, card.card_id), credit=owned(CASH, wallet.wallet_id))
    entry = Entry(REDEEM_RULE, 1, effective_on, postings)
    remaining = card.remaining - amount
    return (
        GiftCardRedeemed(card.card_id, wallet.wallet_id, redemption_id, amount, remaining, entry),
        GiftReceived(wallet.wallet_id, card.card_id, redemption_id, amount, card.next_entry),
    )


def expire(card: GiftCard, *, effective_on: date, at: datetime) -> tuple[GiftCardExpired, ...]:
    """Take what is left of a card whose time is over into the shop's income."""
    if not card.remaining.minor:
        raise GiftCardEnded("nothing is left on the gift card")
    if not card.due(at):
        raise GiftCardNotDue("the gift card does not expire yet")
    amount = card.remaining
    postings = move(amount, debit=owned(GIFT, card.card_id), credit=BREAKAGE)
    return (GiftCardExpired(card.card_id, amount, Entry(EXPIRY_RULE, 1, effective_on, postings)),)


def void(
    card: GiftCard, *, effective_on: date, at: datetime, reason: Personal | None
) -> tuple[GiftCardVoided, ...]:
    """End a card and give what is left of it back to the account it came from."""
    _check_open(card, at)
    amount = card.remaining
    postings = move(amount, debit=owned(GIFT, card.card_id), credit=card.source)
    entry = Entry(VOID_RULE, 1, effective_on, postings)
    return (GiftCardVoided(card.card_id, amount, card.source, entry, reason),)


def _check_open(card: GiftCard, at: datetime) -> None:
    if not card.open(at):
        raise GiftCardEnded("the gift card was used up, voided, or has expired")
