"""What happens to gift cards. Their events carry the entry that moves their money."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Claim, Event, Personal
from domain.kernel.money import Money
from domain.ledger.postings import Entry
from domain.wallet.events import WalletEvent

GIFT_CODE_CLAIM = "wallet.gift_code"


def gift_code(code_hash: str) -> Claim:
    """Name the code of a gift card, by its keyed hash; no two cards have one code."""
    return Claim(GIFT_CODE_CLAIM, code_hash)


class GiftCardEvent(Event):
    """An event of a gift card's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "gift_card"

    card_id: str

    @property
    def key(self) -> str:
        return self.card_id


@dataclass(frozen=True, slots=True)
class GiftCardIssued(GiftCardEvent):
    """A gift card was filled out of an account of the shop. Its code is kept as a hash alone."""

    NAME: ClassVar[str] = "wallet.gift_card_issued"

    card_id: str
    code_hash: str
    hint: str
    amount: Money
    source: str
    entry: Entry
    expires_at: datetime | None

    def takes(self) -> tuple[Claim, ...]:
        return (gift_code(self.code_hash),)


@dataclass(frozen=True, slots=True)
class GiftCardRedeemed(GiftCardEvent):
    """A part of a gift card went into a wallet; with `remaining` zero, the last of it."""

    NAME: ClassVar[str] = "wallet.gift_card_redeemed"

    card_id: str
    wallet_id: str
    redemption_id: str
    amount: Money
    remaining: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class GiftCardExpired(GiftCardEvent):
    """What was left of a gift card became the shop's because its time was over."""

    NAME: ClassVar[str] = "wallet.gift_card_expired"

    card_id: str
    amount: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class GiftCardVoided(GiftCardEvent):
    """Staff ended a gift card; what was left of it went back to where it came from."""

    NAME: ClassVar[str] = "wallet.gift_card_voided"

    card_id: str
    amount: Money
    source: str
    entry: Entry
    reason: Personal | None


@dataclass(frozen=True, slots=True)
class GiftReceived(WalletEvent):
    """Money of a gift card came into a wallet."""

    NAME: ClassVar[str] = "wallet.gift_received"

    wallet_id: str
    card_id: str
    redemption_id: str
    amount: Money
    entry_id: str
