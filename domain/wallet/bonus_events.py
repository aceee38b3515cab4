"""What happens to the bonus lots of wallets; holds tell which lots they take from."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Claim, Personal
from domain.kernel.money import Money
from domain.ledger.events import reversal_of
from domain.ledger.postings import Entry
from domain.wallet.events import WalletEvent


@dataclass(frozen=True, slots=True)
class BonusGranted(WalletEvent):
    """The shop gave a customer money that only the shop takes, from a campaign, for some time."""

    NAME: ClassVar[str] = "wallet.bonus_granted"

    wallet_id: str
    lot_id: str
    amount: Money
    campaign: str
    expires_at: datetime | None
    entry: Entry


@dataclass(frozen=True, slots=True)
class BonusExpiryWarned(WalletEvent):
    """The time came to tell the owner that what is left of a lot ends soon."""

    NAME: ClassVar[str] = "wallet.bonus_expiry_warned"

    wallet_id: str
    lot_id: str
    remaining: Money
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BonusExpired(WalletEvent):
    """Bonus that nobody may spend any more went back to the shop."""

    NAME: ClassVar[str] = "wallet.bonus_expired"

    wallet_id: str
    lot_id: str
    amount: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class BonusTakenBack(WalletEvent):
    """A grant of which nothing was spent was taken back."""

    NAME: ClassVar[str] = "wallet.bonus_taken_back"

    wallet_id: str
    lot_id: str
    reverses: str
    amount: Money
    entry: Entry
    reason: Personal | None

    def takes(self) -> tuple[Claim, ...]:
        return (reversal_of(self.reverses),)
